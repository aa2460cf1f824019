#include "codec/library.h"

#include <stdio.h>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

#include "image/profile.h"

#define STRING(x)   #x
#define EXPANDED(x) STRING(x)

const char *pp_codec_library(size_t index)
{
    static const char *const libraries[] = {
        "libjpeg-turbo " EXPANDED(LIBJPEG_TURBO_VERSION),
        "libpng " PNG_LIBPNG_VER_STRING,
        "zlib " ZLIB_VERSION,
    };

    const size_t count = sizeof libraries / sizeof *libraries;

    if (index < count)
        return libraries[index];
    return index == count ? pp_profile_library() : NULL;
}
