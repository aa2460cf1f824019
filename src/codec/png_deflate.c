#include "codec/png_deflate.h"

#include <string.h>

#include "codec/png_walk.h"

/* RFC 1951, 3.2.4: a stored block's size is a number of 16 bits; its head takes 5 bytes at most. */
#define STORED_MAX  65535u
#define STORED_HEAD 5u
/* RFC 1950, 8.2. */
#define ADLER_BASE 65521u

static size_t stored_bound(size_t size)
{
    return size + STORED_HEAD * (size / STORED_MAX + 1);
}

size_t pp_png_deflate_bound(size_t size)
{
    size_t stored = stored_bound(size);
    size_t deflated = libdeflate_deflate_compress_bound(NULL, size) + STORED_HEAD;

    return stored > deflated ? stored : deflated;
}

/* As libdeflate 1.14 was seen to allocate, and some more. */
uint64_t pp_png_compressor_bytes(int level)
{
    if (level <= 1)
        return UINT64_C(256) * 1024;
    return level <= 9 ? UINT64_C(768) * 1024 : UINT64_C(9) * 1024 * 1024;
}

static size_t put_stored_head(uint8_t *out, size_t size, bool final)
{
    out[0] = final ? 1 : 0;
    out[1] = (uint8_t)size;
    out[2] = (uint8_t)(size >> 8);
    out[3] = (uint8_t)~out[1];
    out[4] = (uint8_t)~out[2];
    return STORED_HEAD;
}

static size_t store(const uint8_t *data, size_t size, bool final, uint8_t *out)
{
    size_t used = 0;

    while (size > 0) {
        size_t part = size < STORED_MAX ? size : STORED_MAX;
        used += put_stored_head(out + used, part, final && part == size);
        memcpy(out + used, data, part);
        used += part;
        data += part;
        size -= part;
    }
    return used;
}

/* Make a whole stream one that goes on: its last block is the last no more, and an empty stored
 * block fills up its last byte. Returns its size, 0 when it is no deflate stream. */
static size_t open_end(uint8_t *out, size_t size)
{
    struct pp_png_last_block last;

    if (!pp_png_find_last_block(out, size, &last))
        return 0;
    out[last.begin / 8] = (uint8_t)(out[last.begin / 8] & ~(1u << last.begin % 8));
    size_t used = (size_t)(last.end / 8);
    if (last.end % 8 > 0)
        out[used++] &= (uint8_t)((1u << last.end % 8) - 1);
    if (last.end % 8 == 0 || last.end % 8 > 5) /* no room for the three bits of a block's head */
        out[used++] = 0;
    memcpy(out + used, "\x00\x00\xFF\xFF", 4);
    return used + 4;
}

size_t pp_png_deflate(struct libdeflate_compressor *compressor, const uint8_t *data, size_t size,
                      bool final, uint8_t *out)
{
    if (!compressor)
        return store(data, size, final, out);
    size_t room = pp_png_deflate_bound(size) - STORED_HEAD;
    size_t used = libdeflate_deflate_compress(compressor, data, size, out, room);
    if (used > 0 && !final)
        used = open_end(out, used);
    return used > 0 ? used : store(data, size, final, out);
}

/* Adler-32 is two sums: the bytes, begun with 1; and the first sum after each byte. */
uint32_t pp_png_adler_joined(uint32_t first, uint32_t second, uint64_t size)
{
    uint64_t a1 = first & 0xFFFF, b1 = first >> 16, a2 = second & 0xFFFF, b2 = second >> 16;
    uint64_t offset = (a1 + ADLER_BASE - 1) % ADLER_BASE; /* each first sum is that much larger */
    uint64_t a = (a2 + offset) % ADLER_BASE;
    uint64_t b = (b1 + b2 + size % ADLER_BASE * offset) % ADLER_BASE;

    return (uint32_t)(b << 16 | a);
}
