#include "codec/jpeg_luma_means.h"

void pp_luma_means_begin(struct pp_luma_means *means, const struct pp_luma_layout *layout,
                         const struct pp_luma_codes *codes)
{
    means->codes = codes;
    means->count = layout->h * layout->v;
    means->blocks = layout->blocks;
    means->predicted = 0;
    for (unsigned i = 0; i < 512; i++) {
        struct pp_luma_symbol symbol = pp_luma_codes_find(codes, i << 7);
        bool known = symbol.length > 0 && symbol.length <= 9;
        means->looks[i] = (uint16_t)(known ? symbol.value << 8 | symbol.length : 0);
    }
}

/* The DC value of the block that begins there, by that of the one before; returns how many bits
 * told it. */
PP_LUMA_INLINE unsigned decode(const struct pp_luma_codes *codes, const uint16_t *looks,
                               const uint8_t *data, size_t at, int32_t *dc)
{
    const uint64_t bits = pp_luma_peek(data, at);
    unsigned found = looks[bits >> 55];

    if (__builtin_expect(found == 0, 0)) {
        struct pp_luma_symbol symbol = pp_luma_codes_find(codes, (unsigned)(bits >> 48));
        found = (unsigned)symbol.value << 8 | symbol.length;
    }
    const unsigned length = found & 255, category = found >> 8 & 15;
    const uint64_t rest = bits << length;
    const int32_t extra = (int32_t)pp_luma_top(rest, category);
    /* F.2.2.1: what begins with a zero is negative. */
    *dc += extra - (((1 << category) - 1) & (int32_t)((rest >> 63) - 1));
    return length + category;
}

PP_LUMA_HOT static void find_all(struct pp_luma_means *means, const uint8_t *data,
                                 const uint32_t *ends, size_t mcus)
{
    const unsigned count = means->count, blocks = means->blocks;
    const uint16_t *const looks = means->looks;
    uint32_t *from = means->from;
    int32_t *dc = means->dc, predicted = means->predicted;

    for (; mcus > 0; mcus--, ends += blocks) {
        for (unsigned i = 0; i < count; i++) {
            *from++ = ends[i] + decode(means->codes, looks, data, ends[i], &predicted);
            *dc++ = predicted;
        }
    }
    means->predicted = predicted;
}

void pp_luma_means_find(struct pp_luma_means *means, const uint8_t *data, const uint32_t *ends,
                        size_t mcus)
{
    find_all(means, data, ends, mcus);
}
