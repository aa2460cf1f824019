#include <pixpool/version.h>

#include <pixpool/pool.h>

#include "cli/help.h"

void pp_help_version(FILE *out)
{
    unsigned cores = pp_cores_available();
    const char *library;

    fprintf(out, "pixpool %s\n", pp_version());
    for (size_t i = 0; (library = pp_library_version(i)); i++)
        fprintf(out, "%s\n", library);
    fprintf(out, "%u core%s: %u worker%s by default\n", cores, cores == 1 ? "" : "s", cores,
            cores == 1 ? "" : "s");
}
