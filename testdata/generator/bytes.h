/*
 * bytes.h - growing byte buffers, and files written from them.
 *
 * The generator is a program for the developer: when memory or disk fail it says so and ends.
 */
#ifndef TESTDATA_BYTES_H
#define TESTDATA_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
    uint8_t *data; /* owned */
    size_t size, room;
};

void *checked_alloc(size_t size);
void copy_bytes(void *to, const void *from, size_t size);
_Noreturn void fail(const char *what, const char *why);

void bytes_free(struct bytes *bytes);
void bytes_add(struct bytes *bytes, const void *data, size_t size);
void bytes_add_text(struct bytes *bytes, const char *text); /* without its NUL */
void bytes_add8(struct bytes *bytes, unsigned value);
void bytes_add16(struct bytes *bytes, unsigned value); /* big-endian, as are the next ones */
void bytes_add32(struct bytes *bytes, uint32_t value);
void bytes_zeros(struct bytes *bytes, size_t count);
/* A copy of [from, to) of `bytes`. */
struct bytes bytes_slice(const struct bytes *bytes, size_t from, size_t to);
/* A copy with [from, to) replaced by `with`, which may be NULL for nothing. */
struct bytes bytes_spliced(const struct bytes *bytes, size_t from, size_t to,
                           const struct bytes *with);

/* Where the files go, and what has been written. */
struct output {
    const char *root;
    unsigned files;
    uint64_t total;
};

/* Make root/name, a directory. */
void output_folder(const struct output *out, const char *name);
/* Write root/name. */
void output_write(struct output *out, const char *name, const struct bytes *bytes);
/* The same, and free the bytes. */
void output_take(struct output *out, const char *name, struct bytes bytes);

#endif
