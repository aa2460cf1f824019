#include "batch/match.h"

#include <fnmatch.h>
#include <string.h>

#include "base/path.h"

/* A glob with a slash speaks of the path, where a star does not cross a slash; one without speaks
 * of the last name. A leading dot is nothing special: it was the user who chose the folder. */
static bool glob_matches(const char *glob, const char *relative)
{
    if (strchr(glob, '/'))
        return fnmatch(glob, relative, FNM_PATHNAME) == 0;
    return fnmatch(glob, pp_path_last(relative), 0) == 0;
}

static bool any_matches(const char *const *globs, size_t count, const char *relative)
{
    for (size_t i = 0; i < count; i++) {
        if (glob_matches(globs[i], relative))
            return true;
    }
    return false;
}

bool pp_match_file(const struct pp_batch_inputs *inputs, const char *relative)
{
    if (any_matches(inputs->exclude, inputs->exclude_count, relative))
        return false;
    if (inputs->include_count > 0)
        return any_matches(inputs->include, inputs->include_count, relative);
    return pp_format_from_name(pp_path_last(relative)) != PP_FORMAT_KEEP;
}

bool pp_match_directory(const struct pp_batch_inputs *inputs, const char *relative)
{
    return !any_matches(inputs->exclude, inputs->exclude_count, relative);
}
