/* What all workers of a pool have in common: see spawn.h. */
#include "pool/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memfile.h"
#include "base/stream.h"
#include "pool/birth.h"
#include "pool/environment.h"

/* The setup, zeros up to where the bulk begins, the bulk. 0 or the errno. */
static int write_setup(int fd, const struct pp_pool_settings *settings)
{
    static const char zeros[PP_SETUP_ALIGNMENT];
    const size_t beyond = settings->setup_size % PP_SETUP_ALIGNMENT;
    int error = pp_write_all(fd, settings->setup, settings->setup_size);

    if (error || settings->bulk_size == 0)
        return error;
    error = beyond ? pp_write_all(fd, zeros, PP_SETUP_ALIGNMENT - beyond) : 0;
    return error ? error : pp_write_all(fd, settings->bulk, settings->bulk_size);
}

static enum pp_status store_setup(struct pp_spawner *spawner,
                                  const struct pp_pool_settings *settings, struct pp_error *err)
{
    int error;

    spawner->setup = pp_birth_raise(pp_memfile_new("pixpool-setup"), PP_FD_END);
    if (spawner->setup < 0)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot store the workers' setup");
    error = write_setup(spawner->setup, settings);
    if (error)
        return pp_error_errno(err, PP_E_SYSTEM, error, "cannot store the workers' setup");
    error = pp_memfile_seal(spawner->setup, PP_SEAL_BYTES);
    if (error)
        return pp_error_errno(err, PP_E_SYSTEM, error, "cannot seal the workers' setup");
    return PP_OK;
}

static enum pp_status fill(struct pp_spawner *spawner, const struct pp_pool_settings *settings,
                           struct pp_error *err)
{
    enum pp_status status;

    spawner->program = pp_birth_program(PP_FD_END);
    if (spawner->program < 0)
        return pp_error_errno(err, PP_E_SYSTEM, errno,
                              "cannot open /proc/self/exe for the workers");
    status = store_setup(spawner, settings, err);
    if (status != PP_OK)
        return status;
    spawner->null = pp_birth_raise(open("/dev/null", O_RDONLY | O_CLOEXEC), PP_FD_END);
    if (spawner->null < 0)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot open /dev/null");
    spawner->environment = pp_environment_new();
    if (!spawner->environment)
        return pp_error_errno(err, PP_E_NO_MEMORY, ENOMEM, "cannot start a pool");
    return PP_OK;
}

enum pp_status pp_spawner_init(struct pp_spawner *spawner, const struct pp_pool_settings *settings,
                               struct pp_error *err)
{
    const char *service = settings->service;
    enum pp_status status;

    *spawner = (struct pp_spawner){.program = -1, .setup = -1, .null = -1};
    if (!service || !*service || strlen(service) >= sizeof spawner->service)
        return pp_error_set(err, PP_E_USAGE, "cannot start a pool: a service needs a short name");
    snprintf(spawner->service, sizeof spawner->service, "%s", service);
    status = fill(spawner, settings, err);
    if (status != PP_OK)
        pp_spawner_release(spawner);
    return status;
}

void pp_spawner_release(struct pp_spawner *spawner)
{
    if (spawner->program >= 0)
        close(spawner->program);
    if (spawner->setup >= 0)
        close(spawner->setup);
    if (spawner->null >= 0)
        close(spawner->null);
    free(spawner->environment);
    spawner->program = spawner->setup = spawner->null = -1;
    spawner->environment = NULL;
}
