#include "batch/job.h"

#include <string.h>

_Static_assert(sizeof(struct pp_job_result) <= PP_RESULT_MAX, "a result must fit its record");

static bool is_terminated(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

static bool geometry_is_sane(const struct pp_geometry *geometry)
{
    if (geometry->width == 0 && geometry->height == 0)
        return true; /* the conversion did not come so far */
    return geometry->width > 0 && geometry->height > 0 && geometry->channels >= 1 &&
           geometry->channels <= 4 && (geometry->depth == 8 || geometry->depth == 16);
}

/* Asked of the bytes: any other value would be no bool. */
static bool is_bool(const void *record, size_t offset)
{
    return ((const unsigned char *)record)[offset] <= 1;
}

bool pp_job_result_read(struct pp_job_result *result, const void *record, size_t size)
{
    const struct pp_convert_report *report = &result->report;

    if (size != sizeof *result || !is_bool(record, offsetof(struct pp_job_result, digest.taken)))
        return false;
    memcpy(result, record, size);
    return (unsigned)result->error.status < PP_STATUS_COUNT &&
           (unsigned)report->in_format <= PP_FORMAT_PNG &&
           (unsigned)report->out_format <= PP_FORMAT_PNG &&
           is_terminated(result->error.text, sizeof result->error.text) &&
           is_terminated(report->warning, sizeof report->warning) &&
           is_terminated(report->path, sizeof report->path) && geometry_is_sane(&report->in) &&
           geometry_is_sane(&report->out);
}
