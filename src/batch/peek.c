#include "batch/peek.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* Most headers lie within one such piece; those of JPEGs may follow metadata, which is jumped. */
#define PIECE_BYTES  ((size_t)1024)
#define SEGMENTS_MAX 40 /* metadata of 64 KB each: an ICC profile and a thumbnail take fewer */

struct piece {
    int fd;
    uint64_t at; /* of its first byte in the file */
    size_t size;
    uint8_t bytes[PIECE_BYTES];
};

/* The `size` bytes at `at`, NULL past the file's end. */
static const uint8_t *look(struct piece *piece, uint64_t at, size_t size)
{
    if (at < piece->at || at + size > piece->at + piece->size) {
        ssize_t got = pread(piece->fd, piece->bytes, sizeof piece->bytes, (off_t)at);
        piece->at = at;
        piece->size = got > 0 ? (size_t)got : 0;
    }
    return at + size <= piece->at + piece->size ? piece->bytes + (at - piece->at) : NULL;
}

static uint32_t big_endian(const uint8_t *bytes, unsigned count)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* PNG (ISO/IEC 15948) 5.3 and 11.2.2: IHDR comes first, its width and height first in it. */
static uint64_t png_pixels(struct piece *piece)
{
    const uint8_t *sizes = look(piece, 16, 8);

    return sizes ? (uint64_t)big_endian(sizes, 4) * big_endian(sizes + 4, 4) : 0;
}

/* ITU-T T.81 table B.1: C0 to CF but for DHT, JPG and DAC. */
static bool is_frame(uint8_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* T.81 B.1.1.4 and B.2.2: segment after segment to the frame's header, whose lines and samples a
 * line follow its length and precision. */
static uint64_t jpeg_pixels(struct piece *piece)
{
    uint64_t at = 2;

    for (int i = 0; i < SEGMENTS_MAX; i++) {
        const uint8_t *segment = look(piece, at, 9);
        if (!segment || segment[0] != 0xff || segment[1] == 0xda)
            return 0;
        if (segment[1] == 0xff) { /* a fill byte */
            at++;
            continue;
        }
        if (is_frame(segment[1]))
            return (uint64_t)big_endian(segment + 5, 2) * big_endian(segment + 7, 2);
        at += 2 + big_endian(segment + 2, 2);
    }
    return 0;
}

uint64_t pp_peek_pixels(int fd)
{
    struct piece piece = {.fd = fd};
    const uint8_t *start = look(&piece, 0, 8);

    if (start && memcmp(start, "\x89PNG\r\n\x1a\n", 8) == 0)
        return png_pixels(&piece);
    if (start && memcmp(start, "\xff\xd8\xff", 3) == 0)
        return jpeg_pixels(&piece);
    return 0;
}
