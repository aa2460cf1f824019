#include <pixpool/version.h>

#include <pixpool/pool.h>
#include <pixpool/sandbox.h>

#include "cli/help.h"

void pp_help_version(FILE *out)
{
    unsigned cores = pp_cores_available();
    struct pp_sandbox_level level = pp_sandbox_level();
    char sandbox[PP_SANDBOX_TEXT];
    const char *library;

    fprintf(out, "pixpool %s\n", pp_version());
    for (size_t i = 0; (library = pp_library_version(i)); i++)
        fprintf(out, "%s\n", library);
    pp_sandbox_describe(&level, sandbox);
    fprintf(out, "sandbox: %s%s\n", sandbox,
            pp_sandbox_is_full(&level) ? "" : "; --sandbox=require needs seccomp and Landlock");
    fprintf(out, "%u core%s: %u worker%s by default\n", cores, cores == 1 ? "" : "s", cores,
            cores == 1 ? "" : "s");
}
