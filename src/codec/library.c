#include "codec/library.h"

#include <stdio.h>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

#define STRING(x)   #x
#define EXPANDED(x) STRING(x)

const char *pp_codec_library(size_t index)
{
    static const char *const libraries[] = {
        "libjpeg-turbo " EXPANDED(LIBJPEG_TURBO_VERSION),
        "libpng " PNG_LIBPNG_VER_STRING,
        "zlib " ZLIB_VERSION,
    };

    return index < sizeof libraries / sizeof *libraries ? libraries[index] : NULL;
}
