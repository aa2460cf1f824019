#include "runtime/hello.h"

#include <string.h>

static const char magic[4] = {'p', 'x', 'p', '1'};

void pp_hello_write(uint8_t bytes[PP_HELLO_SIZE], const char *service, enum pp_hello answer,
                    uint64_t message_max)
{
    memset(bytes, 0, PP_HELLO_SIZE);
    memcpy(bytes, magic, sizeof magic);
    bytes[4] = (uint8_t)answer;
    for (unsigned i = 0; i < 8; i++)
        bytes[8 + i] = (uint8_t)(message_max >> 8 * i);
    memcpy(bytes + 16, service, strnlen(service, PP_HELLO_SERVICE));
}

bool pp_hello_read(const uint8_t *bytes, size_t size, const char *service, enum pp_hello *answer,
                   uint64_t *message_max)
{
    uint8_t expected[PP_HELLO_SIZE];

    if (size != PP_HELLO_SIZE || bytes[4] > PP_HELLO_FULL)
        return false;
    *answer = (enum pp_hello)bytes[4];
    *message_max = 0;
    for (unsigned i = 0; i < 8; i++)
        *message_max |= (uint64_t)bytes[8 + i] << 8 * i;
    pp_hello_write(expected, service, *answer, *message_max);
    return memcmp(bytes, expected, sizeof expected) == 0;
}
