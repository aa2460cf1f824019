#include "batch/group.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* So long an output waits for others to share its flush: short against what a person notices. */
#define AGE_NS (200 * PP_NS_PER_MS)
/* So much in one flush, that the last one of a run does not take long, and no more than so many. */
#define BYTES_MAX ((uint64_t)32 << 20)
#define HELD_MAX  ((size_t)2048)
/* Of all descriptors, groups may have this part; tasks, workers and the caller need the others. */
#define HELD_PART 8
/* A call for a whole file system that takes longer writes much that is not ours. */
#define WHOLE_NS_MAX PP_NS_PER_S

void pp_finished_push(struct pp_finished_list *list, struct pp_finished *finished)
{
    finished->next = NULL;
    if (list->last)
        list->last->next = finished;
    else
        list->first = finished;
    list->last = finished;
    list->count++;
    list->bytes += finished->report.convert.bytes_out;
}

struct pp_finished *pp_finished_pop(struct pp_finished_list *list)
{
    struct pp_finished *finished = list->first;

    if (!finished)
        return NULL;
    list->first = finished->next;
    if (!list->first)
        list->last = NULL;
    list->count--;
    list->bytes -= finished->report.convert.bytes_out;
    return finished;
}

enum pp_status pp_group_init(struct pp_group *group, uint64_t descriptors, struct pp_error *err)
{
    uint64_t part = descriptors / HELD_PART;

    *group = (struct pp_group){.held_max = part < HELD_MAX ? (size_t)part : HELD_MAX};
    if (group->held_max == 0)
        group->held_max = 1;
    return pp_flush_init(&group->flush, err);
}

void pp_group_release(struct pp_group *group)
{
    pp_flush_release(&group->flush);
}

size_t pp_group_held(const struct pp_group *group)
{
    return group->written.count + group->flushing_written + group->safe.count;
}

bool pp_group_is_empty(const struct pp_group *group)
{
    return group->written.count + group->named.count + group->flushing.count + group->safe.count +
               group->settled.count ==
           0;
}

bool pp_group_is_full(const struct pp_group *group)
{
    return pp_group_held(group) >= group->held_max;
}

static bool is_old(const struct pp_finished_list *list, uint64_t now_ns)
{
    return list->first && now_ns - list->first->since_ns >= AGE_NS;
}

bool pp_group_is_due(const struct pp_group *group, uint64_t now_ns)
{
    return is_old(&group->written, now_ns) || is_old(&group->named, now_ns) ||
           group->written.bytes >= BYTES_MAX || 2 * group->written.count >= group->held_max;
}

static struct pp_flush_entry entry_of(const struct pp_group *group,
                                      const struct pp_finished *finished, bool is_named)
{
    return (struct pp_flush_entry){
        .fd = is_named ? -1 : finished->job->staged.fd,
        .path = finished->job->output,
        .device = finished->device,
        .volume = group->singly ? PP_VOLUME_SINGLE : finished->volume,
    };
}

static void move_all(struct pp_finished_list *from, struct pp_finished_list *to)
{
    struct pp_finished *finished;

    while ((finished = pp_finished_pop(from)) != NULL)
        pp_finished_push(to, finished);
}

void pp_report_unwritten(struct pp_file_report *report, int errnum)
{
    if (errnum != 0)
        pp_error_errno(&report->error, PP_E_WRITE, errnum, "cannot write the output to the disk");
}

void pp_report_unnamed(struct pp_file_report *report, int errnum)
{
    if (errnum != 0 && report->convert.warnings++ == 0)
        snprintf(report->convert.warning, sizeof report->convert.warning,
                 "its name may not outlast a power failure: %s", strerror(errnum));
}

static void sort_out(struct pp_group *group, struct pp_finished *finished, bool is_named,
                     int errnum)
{
    if (is_named)
        pp_report_unnamed(&finished->report, errnum);
    else
        pp_report_unwritten(&finished->report, errnum);
    finished->since_ns = pp_clock_ns();
    pp_finished_push(errnum != 0 || is_named ? &group->settled : &group->safe, finished);
}

/* Without memory for all at once they go one by one. */
static void flush_each(struct pp_group *group)
{
    struct pp_finished *finished;

    for (int is_named = 0; is_named <= 1; is_named++) {
        struct pp_finished_list *list = is_named ? &group->named : &group->written;
        while ((finished = pp_finished_pop(list)) != NULL) {
            struct pp_flush_entry entry = entry_of(group, finished, is_named);
            (void)pp_flush_now(&entry, 1);
            sort_out(group, finished, is_named, entry.errnum);
        }
    }
}

void pp_group_begin(struct pp_group *group)
{
    size_t count = group->written.count + group->named.count, at = 0;
    struct pp_flush_entry *entries = calloc(count, sizeof *entries);

    if (!entries) {
        flush_each(group);
        return;
    }
    for (const struct pp_finished *each = group->written.first; each; each = each->next)
        entries[at++] = entry_of(group, each, false);
    for (const struct pp_finished *each = group->named.first; each; each = each->next)
        entries[at++] = entry_of(group, each, true);
    group->flushing_written = group->written.count;
    move_all(&group->written, &group->flushing);
    move_all(&group->named, &group->flushing);
    pp_flush_begin(&group->flush, entries, count);
}

void pp_group_end(struct pp_group *group)
{
    struct pp_finished *finished;

    pp_flush_end(&group->flush);
    if (group->flush.whole_ns > WHOLE_NS_MAX)
        group->singly = true;
    for (size_t i = 0; (finished = pp_finished_pop(&group->flushing)) != NULL; i++)
        sort_out(group, finished, i >= group->flushing_written, group->flush.entries[i].errnum);
    group->flushing_written = 0;
}
