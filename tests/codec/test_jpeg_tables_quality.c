/* The quality of quantisation tables, against those that libjpeg makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <jpeglib.h>

#include "codec/jpeg_luma_frame.h"
#include "codec/jpeg_quality.h"

struct tables {
    uint16_t luma[64], chroma[64];
};

static struct tables make(int quality, bool baseline)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;
    struct tables tables;

    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    cinfo.in_color_space = JCS_RGB;
    cinfo.input_components = 3;
    jpeg_set_defaults(&cinfo);
    jpeg_set_quality(&cinfo, quality, baseline);
    for (size_t i = 0; i < 64; i++) {
        tables.luma[i] = cinfo.quant_tbl_ptrs[0]->quantval[pp_luma_zigzag[i]];
        tables.chroma[i] = cinfo.quant_tbl_ptrs[1]->quantval[pp_luma_zigzag[i]];
    }
    jpeg_destroy_compress(&cinfo);
    return tables;
}

static void libjpegs_tables_have_their_quality_exactly(void **state)
{
    (void)state;
    for (int quality = 1; quality <= 100; quality++)
        for (int baseline = 0; baseline < 2; baseline++) {
            struct tables tables = make(quality, baseline);
            bool exact = false;

            assert_int_equal(pp_jpeg_quality(tables.luma, tables.chroma, &exact), quality);
            assert_true(exact);
            assert_int_equal(pp_jpeg_quality(tables.luma, NULL, &exact), quality);
            assert_true(exact);
        }
}

static void other_tables_have_the_nearest(void **state)
{
    struct tables tables = make(80, true);
    bool exact = true;

    (void)state;
    tables.luma[7]++;
    assert_int_equal(pp_jpeg_quality(tables.luma, tables.chroma, &exact), 80);
    assert_false(exact);
    exact = true;
    assert_in_range(pp_jpeg_quality(make(80, true).luma, make(90, true).chroma, &exact), 80, 90);
    assert_false(exact);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libjpegs_tables_have_their_quality_exactly),
        cmocka_unit_test(other_tables_have_the_nearest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
