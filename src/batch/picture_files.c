/* The files that filters name: read before the run, and no output takes their place. */
#include <stdlib.h>
#include <sys/stat.h>

#include "batch/run.h"
#include "filter/filter.h"
#include "pipeline/pictures.h"

/* A name that leads nowhere by now has nothing to lose. */
static void add(struct pp_run *run, const char *path)
{
    struct stat found;

    if (stat(path, &found) == 0)
        run->pictures[run->picture_count++] = (struct pp_file_id){found.st_dev, found.st_ino};
}

enum pp_status pp_run_pictures_begin(struct pp_run *run, struct pp_error *err)
{
    const struct pp_chain *chain = run->settings->chain;
    const size_t length = pp_chain_length(chain);

    enum pp_status status = pp_chain_check_loaded(chain, err);
    if (status != PP_OK)
        return status;
    run->pictures = calloc(length * PP_FILTER_PARAMS_MAX, sizeof *run->pictures);
    if (!run->pictures)
        return pp_error_set(err, PP_E_NO_MEMORY, "the filters' pictures: no memory");
    for (size_t i = 0; i < length; i++) {
        const struct pp_chain_item item = pp_chain_item(chain, i);
        for (size_t j = 0; item.filter->params[j].name; j++)
            if (item.args[j].picture)
                add(run, item.args[j].text);
    }
    return PP_OK;
}

bool pp_run_is_picture(const struct pp_run *run, const struct stat *stat)
{
    for (size_t i = 0; i < run->picture_count; i++)
        if (run->pictures[i].device == stat->st_dev && run->pictures[i].inode == stat->st_ino)
            return true;
    return false;
}
