/*
 * base/stream.h - bytes in and bytes out, over a descriptor or over memory.
 *
 * Both keep one fixed buffer, so that a file of any size streams in constant memory, and both
 * count the time spent in system calls, so that reading is told apart from decoding. One thread at
 * a time.
 */
#ifndef PP_BASE_STREAM_H
#define PP_BASE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

#define PP_STREAM_BUFFER ((size_t)64 * 1024)

/* `data` .. `data + size` are the bytes at hand and not yet consumed: readers may look at them
 * directly and move both. */
struct pp_input {
    const uint8_t *data;
    size_t size;
    int fd;          /* -1 over memory */
    bool ended;      /* the descriptor has no more */
    uint8_t *buffer; /* PP_STREAM_BUFFER bytes when fd is not -1; owned */
    uint64_t total;  /* bytes that became available so far */
    uint64_t ns;     /* nanoseconds in read(2) */
};

/* Over a descriptor, which is not closed by release. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_input_init_fd(struct pp_input *in, int fd, struct pp_error *err) PP_MUST_CHECK;
/* Over memory that must outlive it. */
void pp_input_init_memory(struct pp_input *in, const void *data, size_t size);
/* Free the buffer; a zeroed struct is allowed. */
void pp_input_release(struct pp_input *in);

/* Replace the consumed buffer by the next bytes: afterwards in->size is 0 only at the end. Bytes
 * not yet consumed are dropped. Errors: PP_E_READ. */
enum pp_status pp_input_refill(struct pp_input *in, struct pp_error *err) PP_MUST_CHECK;
/* Have at least `wanted` bytes (at most PP_STREAM_BUFFER) at hand without consuming any; fewer only
 * when the input is shorter. Errors: PP_E_READ. */
enum pp_status pp_input_peek(struct pp_input *in, size_t wanted,
                             struct pp_error *err) PP_MUST_CHECK;
/* Consume exactly up to `size` bytes into `to`; *got tells how many, fewer only at the end. */
enum pp_status pp_input_read(struct pp_input *in, void *to, size_t size, size_t *got,
                             struct pp_error *err) PP_MUST_CHECK;

/* Whether pp_input_rewind() will work however far it was read: over memory and a regular file. It
 * also works while the buffer still has all that was read. */
bool pp_input_can_rewind(const struct pp_input *in);
/* Begin again at the first byte there was; `total` starts anew, `ns` goes on. Errors: PP_E_READ. */
enum pp_status pp_input_rewind(struct pp_input *in, struct pp_error *err) PP_MUST_CHECK;

/* Write all of `data` to the descriptor, whatever portions it takes it in. 0, or the errno. */
int pp_write_all(int fd, const void *data, size_t size);

struct pp_output {
    int fd;          /* -1: into memory */
    uint8_t *buffer; /* owned; over memory it is all of the output and grows */
    size_t used;     /* bytes in the buffer */
    size_t room;     /* its size */
    uint64_t total;  /* bytes accepted so far */
    uint64_t ns;     /* nanoseconds in write(2) */
};

/* Over a descriptor, which is not closed by release. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_output_init_fd(struct pp_output *out, int fd, struct pp_error *err) PP_MUST_CHECK;
/* Into memory: out->buffer, out->used. Nothing is allocated before the first write. */
void pp_output_init_memory(struct pp_output *out);
/* Free the buffer without flushing; a zeroed struct is allowed. */
void pp_output_release(struct pp_output *out);

/* Errors: PP_E_WRITE, PP_E_NO_SPACE, PP_E_NO_MEMORY (also for the memory sink). */
enum pp_status pp_output_write(struct pp_output *out, const void *data, size_t size,
                               struct pp_error *err) PP_MUST_CHECK;
/* Whether pp_output_rewind() will work however much was written: over memory and a regular file. */
bool pp_output_can_rewind(const struct pp_output *out);
/* Forget all that was written, a regular file's bytes too. Errors: PP_E_WRITE. */
enum pp_status pp_output_rewind(struct pp_output *out, struct pp_error *err) PP_MUST_CHECK;
/* Hand everything buffered to the descriptor. Nothing to do over memory. */
enum pp_status pp_output_flush(struct pp_output *out, struct pp_error *err) PP_MUST_CHECK;

#endif
