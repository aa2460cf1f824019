/*
 * runtime/pack.h - numbers and bytes into a message, and out of one that may hold anything.
 *
 * Numbers have the least byte first; bytes have their size, 32 bits, before them. Pure but for
 * memory; any process, any thread.
 */
#ifndef PP_RUNTIME_PACK_H
#define PP_RUNTIME_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/manager.h>

/* A message being made. Zeroed it is empty. Once memory was missing, or the size over the most, it
 * stays `failed` until it is cleared. */
struct pp_pack {
    uint8_t *bytes;
    size_t size, room;
    size_t most; /* bytes; 0: PP_FRAME_MOST */
    bool failed, too_long;
};

void pp_pack_u8(struct pp_pack *pack, uint8_t value);
void pp_pack_u32(struct pp_pack *pack, uint32_t value);
void pp_pack_u64(struct pp_pack *pack, uint64_t value);
void pp_pack_bytes(struct pp_pack *pack, struct pp_bytes bytes);
/* The same without the size. */
void pp_pack_raw(struct pp_pack *pack, struct pp_bytes bytes);
/* Empty it; the memory is kept unless it is much. */
void pp_pack_clear(struct pp_pack *pack);
void pp_pack_release(struct pp_pack *pack);

/* A message being read. What it lacks reads as 0 or as no bytes, and it has `failed` from then. */
struct pp_unpack {
    const uint8_t *at;
    size_t left;
    bool failed;
};

uint8_t pp_unpack_u8(struct pp_unpack *unpack);
uint32_t pp_unpack_u32(struct pp_unpack *unpack);
uint64_t pp_unpack_u64(struct pp_unpack *unpack);
/* They stay in the message. */
struct pp_bytes pp_unpack_bytes(struct pp_unpack *unpack);
/* Whether all was there and nothing is left. */
bool pp_unpack_is_done(const struct pp_unpack *unpack);

#endif
