#include "runtime/pack.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/frame.h"

#define ROOM_FIRST ((size_t)256)
#define ROOM_KEPT  ((size_t)1 << 16)

static uint8_t *extend(struct pp_pack *pack, size_t more)
{
    const size_t most = pack->most > 0 ? pack->most : PP_FRAME_MOST;
    uint8_t *end;

    if (more > most || pack->size > most - more)
        pack->failed = pack->too_long = true;
    if (pack->failed)
        return NULL;
    if (pack->room - pack->size < more) {
        size_t room = pack->room > 0 ? pack->room : ROOM_FIRST;
        uint8_t *bytes;

        while (room - pack->size < more)
            room *= 2;
        bytes = realloc(pack->bytes, room);
        if (!bytes) {
            pack->failed = true;
            return NULL;
        }
        pack->bytes = bytes;
        pack->room = room;
    }
    end = pack->bytes + pack->size;
    pack->size += more;
    return end;
}

static void put(struct pp_pack *pack, uint64_t value, unsigned size)
{
    uint8_t *end = extend(pack, size);

    for (unsigned i = 0; end && i < size; i++)
        end[i] = (uint8_t)(value >> 8 * i);
}

void pp_pack_u8(struct pp_pack *pack, uint8_t value)
{
    put(pack, value, 1);
}

void pp_pack_u32(struct pp_pack *pack, uint32_t value)
{
    put(pack, value, 4);
}

void pp_pack_u64(struct pp_pack *pack, uint64_t value)
{
    put(pack, value, 8);
}

void pp_pack_raw(struct pp_pack *pack, struct pp_bytes bytes)
{
    uint8_t *end = bytes.size > 0 ? extend(pack, bytes.size) : NULL;

    if (end)
        memcpy(end, bytes.data, bytes.size);
}

/* A size that 32 bits do not hold is over the most. */
void pp_pack_bytes(struct pp_pack *pack, struct pp_bytes bytes)
{
    pp_pack_u32(pack, (uint32_t)bytes.size);
    pp_pack_raw(pack, bytes);
}

void pp_pack_clear(struct pp_pack *pack)
{
    pack->size = 0;
    pack->failed = pack->too_long = false;
    if (pack->room > ROOM_KEPT)
        pp_pack_release(pack);
}

void pp_pack_release(struct pp_pack *pack)
{
    free(pack->bytes);
    *pack = (struct pp_pack){.most = pack->most};
}

static const uint8_t *take(struct pp_unpack *unpack, size_t size)
{
    const uint8_t *at = unpack->at;

    if (unpack->failed || unpack->left < size) {
        unpack->failed = true;
        return NULL;
    }
    unpack->at += size;
    unpack->left -= size;
    return at;
}

static uint64_t get(struct pp_unpack *unpack, unsigned size)
{
    const uint8_t *at = take(unpack, size);
    uint64_t value = 0;

    for (unsigned i = 0; at && i < size; i++)
        value |= (uint64_t)at[i] << 8 * i;
    return value;
}

uint8_t pp_unpack_u8(struct pp_unpack *unpack)
{
    return (uint8_t)get(unpack, 1);
}

uint32_t pp_unpack_u32(struct pp_unpack *unpack)
{
    return (uint32_t)get(unpack, 4);
}

uint64_t pp_unpack_u64(struct pp_unpack *unpack)
{
    return get(unpack, 8);
}

struct pp_bytes pp_unpack_bytes(struct pp_unpack *unpack)
{
    const size_t size = pp_unpack_u32(unpack);
    const uint8_t *at = take(unpack, size);

    return at ? (struct pp_bytes){at, size} : (struct pp_bytes){0};
}

bool pp_unpack_is_done(const struct pp_unpack *unpack)
{
    return !unpack->failed && unpack->left == 0;
}
