#include <pixpool/version.h>

#include "codec/library.h"
#include "pipeline/digest.h"

/* The date of the OpenMP specification the compiler follows, as it defines it. */
#define STRING(x)   #x
#define EXPANDED(x) STRING(x)

#ifdef _OPENMP
static const char openmp[] = "OpenMP " EXPANDED(_OPENMP);
#else
static const char openmp[] = "OpenMP absent";
#endif

const char *pp_version(void)
{
    return PP_VERSION;
}

const char *pp_library_version(size_t index)
{
    size_t codecs = 0;

    while (pp_codec_library(codecs))
        codecs++;
    if (index < codecs)
        return pp_codec_library(index);
    if (index == codecs)
        return pp_digest_library();
    return index == codecs + 1 ? openmp : NULL;
}
