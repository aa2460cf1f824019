#include <pixpool/error.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const status_names[PP_STATUS_COUNT] = {
    [PP_OK] = "ok",           [PP_E_USAGE] = "usage",       [PP_E_NO_MEMORY] = "no-memory",
    [PP_E_READ] = "read",     [PP_E_WRITE] = "write",       [PP_E_NO_SPACE] = "no-space",
    [PP_E_FORMAT] = "format", [PP_E_CORRUPT] = "corrupt",   [PP_E_UNSUPPORTED] = "unsupported",
    [PP_E_LIMIT] = "limit",   [PP_E_CONFLICT] = "conflict", [PP_E_CRASHED] = "crashed",
    [PP_E_KILLED] = "killed", [PP_E_TIMEOUT] = "timeout",   [PP_E_CANCELLED] = "cancelled",
    [PP_E_SYSTEM] = "system", [PP_E_INTERNAL] = "internal", [PP_E_OWNER_DIED] = "owner-died",
    [PP_E_CLOSED] = "closed",
};

const char *pp_status_name(enum pp_status status)
{
    return (unsigned)status < PP_STATUS_COUNT ? status_names[status] : "unknown";
}

enum pp_status pp_error_set(struct pp_error *err, enum pp_status status, const char *format, ...)
{
    va_list args;

    if (!err || err->status != PP_OK)
        return status;
    err->status = status;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return status;
}

enum pp_status pp_error_errno(struct pp_error *err, enum pp_status status, int errnum,
                              const char *what)
{
    if (errnum == ENOMEM)
        status = PP_E_NO_MEMORY;
    else if (status == PP_E_WRITE && (errnum == ENOSPC || errnum == EDQUOT))
        status = PP_E_NO_SPACE;
    return pp_error_set(err, status, "%s: %s", what, strerror(errnum));
}
