/*
 * The parser of filter chains. What it refuses it gives words for; what it accepts is a chain whose
 * filters all are registered, and which converts a small picture or says why not.
 */
#include <stdlib.h>
#include <string.h>

#include <pixpool/convert.h>

#include "fuzz.h"

static const char *const texts[] = {
    "gray",
    "orient,resize=1600x1600:fit=inside,gray=rec709,sharpen=0.6",
    "resize=50%:filter=lanczos3",
    " blur = 2.5 , contrast=1.2 ,gamma=1.1",
    "crop=4x3:x=1:y=1,rotate=90,flip,flop",
    "threshold=otsu,invert",
    "blur='2.5',crop=4\\x3:x='1':'y'=1, 'gr'\\a\\y",
    "autocontrast,sepia,brightness=0.1,depth=8,flatten",
    NULL,
};
const struct fuzz_seeds fuzz_seeds = {.texts = texts, .noise = 64};

/* A PNG of 4 x 3 pixels in RGB. */
static const uint8_t picture[] = {
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44,
    0x52, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x03, 0x08, 0x02, 0x00, 0x00, 0x00, 0x3B,
    0x96, 0x39, 0x91, 0x00, 0x00, 0x00, 0x2F, 0x49, 0x44, 0x41, 0x54, 0x78, 0xDA, 0x63, 0x60,
    0x90, 0xB3, 0xD1, 0x70, 0x4B, 0x09, 0xC8, 0xEB, 0xA9, 0x98, 0xB6, 0x85, 0xC1, 0x26, 0xAA,
    0x22, 0xA5, 0x69, 0x41, 0xCF, 0xAA, 0x13, 0x5B, 0x2E, 0x7D, 0x60, 0x00, 0x0A, 0x2C, 0xD8,
    0x77, 0xE7, 0xC4, 0x33, 0x96, 0x0F, 0x7C, 0x3A, 0x00, 0x33, 0x82, 0x12, 0x19, 0x12, 0xB4,
    0x36, 0xD0, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82};

static void check_filters(const struct pp_chain *chain)
{
    const size_t length = pp_chain_length(chain);

    fuzz_ensure(length > 0 && !pp_chain_filter(chain, length), "a chain without an end");
    for (size_t i = 0; i < length; i++) {
        const struct pp_filter *filter = pp_chain_filter(chain, i);
        fuzz_ensure(filter && pp_filter_find(pp_filter_name(filter)), "no such filter");
    }
}

static void check_conversion(const struct pp_chain *chain)
{
    const struct pp_convert_settings settings = {
        .encode = {.png_level = PP_PNG_STORED},
        .limits = {.max_pixels = 1 << 16, .max_memory = 16 << 20},
    };
    struct pp_error err = {0};
    void *out;
    size_t size;
    const enum pp_status status =
        pp_convert_memory(chain, picture, sizeof picture, &out, &size, &settings, NULL, &err);

    fuzz_ensure((status == PP_OK) == (err.text[0] == '\0'), "status and text disagree");
    fuzz_ensure(status == PP_OK || status == PP_E_USAGE || status == PP_E_LIMIT ||
                    status == PP_E_UNSUPPORTED,
                "a sound picture is refused for a wrong reason");
    fuzz_ensure((status == PP_OK) == (out != NULL), "status and output disagree");
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pp_error err = {0};
    struct pp_chain *chain;
    struct pp_chain_place place;
    char *text = malloc(size + 1);

    fuzz_ensure(text != NULL, "no memory");
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    const enum pp_status status = pp_chain_parse_at(text, &chain, &place, &err);
    fuzz_ensure((status == PP_OK) == (chain != NULL), "status and chain disagree");
    fuzz_ensure(status == err.status && (status == PP_OK) == (err.text[0] == '\0'),
                "status and text disagree");
    fuzz_ensure(memchr(err.text, '\0', sizeof err.text) != NULL, "a text without an end");
    fuzz_ensure(status == PP_OK || status == PP_E_USAGE, "another status");
    fuzz_ensure(place.begin <= place.end && place.end <= strlen(text), "a place outside the text");
    if (chain) {
        check_filters(chain);
        check_conversion(chain);
    }
    pp_chain_free(chain);
    free(text);
    return 0;
}
