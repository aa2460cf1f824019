/*
 * batch/flush.h - bytes and names are brought to the disk, many at once.
 *
 * A file of its own costs a commit of the file system's journal and a flush of the drive's cache; a
 * thousand files together cost hardly more. So where it serves, one syncfs(2) is asked for all, and
 * then each file whether its own bytes were written: an error of write-back, which with delayed
 * allocation may be a full disk, is that file's alone. Elsewhere write-back of all is begun, then
 * each is waited for.
 *
 * That takes milliseconds, in which the supervisor has other things to do. For so long, and never
 * two at once, it has a second thread, which makes the calls and touches nothing but its flush.
 */
#ifndef PP_BATCH_FLUSH_H
#define PP_BATCH_FLUSH_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <pixpool/error.h>

/* How a file system comes to the disk. */
enum pp_volume {
    PP_VOLUME_SINGLE, /* file by file */
    PP_VOLUME_WHOLE,  /* all of it by one call, at the price of one file */
    PP_VOLUME_MEMORY  /* there is no disk */
};

/* Of the file system that `fd` is on. */
enum pp_volume pp_volume_of(int fd);

/* A file to be written back, or a name. */
struct pp_flush_entry {
    int fd;           /* of the file; -1: the name at `path` is meant, that is, its directory */
    const char *path; /* the caller's */
    dev_t device;
    enum pp_volume volume;
    bool covered; /* for the flush itself */
    int errnum;   /* the result: 0, or why it may not be on the disk */
};

struct pp_flush {
    struct pp_flush_entry *entries; /* owned */
    size_t count;
    int event;         /* owned: becomes readable when a flush begun is over */
    bool under_way;    /* begun and not yet ended */
    uint64_t whole_ns; /* the longest call for a whole file system of the last flush */
    pthread_t thread;
};

/* Errors: PP_E_SYSTEM. */
enum pp_status pp_flush_init(struct pp_flush *flush, struct pp_error *err) PP_MUST_CHECK;
/* Waits for a flush that is under way. A struct that was zeroed with event -1 is allowed. */
void pp_flush_release(struct pp_flush *flush);

/* Bring entries to the disk here and now: each errnum is set. Returns the longest call for a whole
 * file system in nanoseconds. */
uint64_t pp_flush_now(struct pp_flush_entry *entries, size_t count);

/* Begin with `count` entries, an array which is the flush's from here on, in a thread; where none
 * is to be had it is done before this returns. None may be under way. */
void pp_flush_begin(struct pp_flush *flush, struct pp_flush_entry *entries, size_t count);

/* Wait for the end of the flush under way: entries have their results until the next begins. */
void pp_flush_end(struct pp_flush *flush);

#endif
