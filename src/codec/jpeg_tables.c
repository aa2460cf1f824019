#include "codec/jpeg.h"

#include <string.h>

#define DEFAULT_QUALITY 90
/* ITU-T T.81, B.2.3: the blocks of an MCU that is interleaved. */
#define MCU_BLOCKS_MAX 10u
/* Coefficients of 8-bit samples stay below 2048, so that any divisor from here on makes zeros of
 * them all; libjpeg-turbo's forward DCT cannot divide by larger ones than 8191. */
#define DIVISOR_MAX 4096u

static const struct pp_jpeg_traits *source_of(const struct pp_write_settings *settings)
{
    return settings->jpeg && settings->jpeg->valid ? settings->jpeg : NULL;
}

bool pp_jpeg_keeps_source(const struct pp_write_settings *settings)
{
    const struct pp_jpeg_traits *source = source_of(settings);

    return settings->encode.quality == 0 && source && source->quant[0][0] > 0;
}

bool pp_jpeg_is_progressive(const struct pp_write_settings *settings)
{
    if (settings->encode.progressive)
        return true;
    return pp_jpeg_keeps_source(settings) && source_of(settings)->progressive;
}

/* Two-to-one or not, across and down: all that the named subsamplings say. */
static void set_chroma(enum pp_subsampling subsampling, uint8_t h[4], uint8_t v[4])
{
    h[0] = subsampling == PP_SUBSAMPLING_422 || subsampling == PP_SUBSAMPLING_420 ? 2 : 1;
    v[0] = subsampling == PP_SUBSAMPLING_440 || subsampling == PP_SUBSAMPLING_420 ? 2 : 1;
}

/* libjpeg's encoder samples down by whole factors, and an MCU is limited. */
static bool can_reproduce(const struct pp_jpeg_traits *source)
{
    unsigned blocks = 0, h_most = 1, v_most = 1;

    for (unsigned i = 0; i < 3; i++) {
        h_most = source->h[i] > h_most ? source->h[i] : h_most;
        v_most = source->v[i] > v_most ? source->v[i] : v_most;
    }
    for (unsigned i = 0; i < 3; i++) {
        if (source->h[i] == 0 || source->v[i] == 0)
            return false;
        if (h_most % source->h[i] != 0 || v_most % source->v[i] != 0)
            return false;
        blocks += (unsigned)source->h[i] * source->v[i];
    }
    return blocks <= MCU_BLOCKS_MAX;
}

static enum pp_subsampling nearest_subsampling(const struct pp_jpeg_traits *source)
{
    bool across = source->h[1] > 0 && source->h[0] >= 2 * source->h[1];
    bool down = source->v[1] > 0 && source->v[0] >= 2 * source->v[1];

    if (across)
        return down ? PP_SUBSAMPLING_420 : PP_SUBSAMPLING_422;
    return down ? PP_SUBSAMPLING_440 : PP_SUBSAMPLING_444;
}

void pp_jpeg_choose_sampling(const struct pp_write_settings *settings, unsigned components,
                             uint8_t h[4], uint8_t v[4])
{
    const struct pp_jpeg_traits *source = source_of(settings);
    enum pp_subsampling subsampling = settings->encode.subsampling;

    for (unsigned i = 0; i < components; i++)
        h[i] = v[i] = 1;
    if (components == 1)
        return;
    if (subsampling != PP_SUBSAMPLING_KEEP) {
        set_chroma(subsampling, h, v);
    } else if (!source || source->components < 3) {
        set_chroma(PP_SUBSAMPLING_420, h, v);
    } else if (!can_reproduce(source)) {
        set_chroma(nearest_subsampling(source), h, v);
    } else {
        for (unsigned i = 0; i < components; i++) {
            h[i] = source->h[i];
            v[i] = source->v[i];
        }
    }
}

/* The number of the component whose table `index` shares, its own when it is the first to have it.
 */
static int table_number(const struct pp_jpeg_traits *source, int index)
{
    size_t bytes = sizeof(source->quant[0]);

    for (int i = 0; i < index; i++) {
        if (memcmp(source->quant[i], source->quant[index], bytes) == 0)
            return i;
    }
    return source->quant[index][0] > 0 ? index : 0;
}

static void keep_quantisation(j_compress_ptr cinfo, const struct pp_jpeg_traits *source)
{
    for (int i = 0; i < cinfo->num_components; i++) {
        int number = source->components >= 3 ? table_number(source, i) : 0;
        unsigned table[64];
        for (unsigned k = 0; k < 64; k++) {
            unsigned divisor = source->quant[number][k];
            table[k] = divisor < DIVISOR_MAX ? divisor : DIVISOR_MAX;
        }
        jpeg_add_quant_table(cinfo, number, table, 100, FALSE);
        cinfo->comp_info[i].quant_tbl_no = number;
    }
}

void pp_jpeg_set_tables(j_compress_ptr cinfo, const struct pp_write_settings *settings)
{
    uint8_t h[4] = {0}, v[4] = {0};
    int quality = settings->encode.quality > 0 ? settings->encode.quality : DEFAULT_QUALITY;

    if (pp_jpeg_keeps_source(settings))
        keep_quantisation(cinfo, source_of(settings));
    else
        jpeg_set_quality(cinfo, quality, TRUE);
    pp_jpeg_choose_sampling(settings, (unsigned)cinfo->num_components, h, v);
    for (int i = 0; i < cinfo->num_components; i++) {
        cinfo->comp_info[i].h_samp_factor = h[i];
        cinfo->comp_info[i].v_samp_factor = v[i];
    }
    if (pp_jpeg_is_progressive(settings))
        jpeg_simple_progression(cinfo);
}
