/*
 * runtime/hello.h - the first message on a connection: what the server is, and whether it takes the
 * client. 32 bytes with number 0:
 *
 *   0   4  "pxp1", the version of messages as in frame.h
 *   4   4  enum pp_hello
 *   8   8  bytes of the largest message, either way
 *   16 16  the service's name, filled up with zeros
 *
 * Numbers have the least byte first. Pure; any process, any thread.
 */
#ifndef PP_RUNTIME_HELLO_H
#define PP_RUNTIME_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PP_HELLO_SIZE    32
#define PP_HELLO_SERVICE 15 /* bytes of a service's name at the most */

enum pp_hello { PP_HELLO_WELCOME, PP_HELLO_FULL };

void pp_hello_write(uint8_t bytes[PP_HELLO_SIZE], const char *service, enum pp_hello answer,
                    uint64_t message_max);

/* False when it is no hello of that service. */
bool pp_hello_read(const uint8_t *bytes, size_t size, const char *service, enum pp_hello *answer,
                   uint64_t *message_max);

#endif
