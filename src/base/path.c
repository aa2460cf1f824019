#include "base/path.h"

#include <string.h>

const char *pp_path_last(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

size_t pp_path_stem_length(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && dot != name ? (size_t)(dot - name) : strlen(name);
}

const char *pp_path_extension(const char *name)
{
    const char *end = name + pp_path_stem_length(name);

    return *end ? end + 1 : "";
}
