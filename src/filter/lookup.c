#include "filter/lookup.h"

static void look_up(uint8_t *restrict out, const uint8_t *restrict in, size_t samples,
                    unsigned channels, const uint8_t *restrict table)
{
    size_t i = 0;

    for (; i + 4 <= samples; i += 4) {
        out[i] = table[in[i]];
        out[i + 1] = table[in[i + 1]];
        out[i + 2] = table[in[i + 2]];
        out[i + 3] = table[in[i + 3]];
    }
    for (; i < samples; i++)
        out[i] = table[in[i]];
    if (channels % 2 == 0)
        for (i = channels - 1; i < samples; i += channels)
            out[i] = in[i];
}

pp_lookup_kernel *pp_lookup_portable(void)
{
    return look_up;
}

void pp_lookup(uint8_t *restrict out, const uint8_t *restrict in, size_t samples, unsigned channels,
               const uint8_t *table)
{
    pp_lookup_kernel *avx2 = pp_lookup_avx2();

    (avx2 ? avx2 : look_up)(out, in, samples, channels, table);
}
