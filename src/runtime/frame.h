/*
 * runtime/frame.h - whole messages over a stream socket that never blocks.
 *
 * On the wire a message is eight bytes, its size and its number (32 bits each, the least byte
 * first), and then its bytes. Whoever sends one waits for the answer before the next: what follows
 * a message unasked is a fault of the sender, which pp_frame_rest() tells.
 *
 * Memory grows with the bytes that came, not with the size that was said. Any process; one thread
 * at a time for each struct. A zeroed struct is empty.
 */
#ifndef PP_RUNTIME_FRAME_H
#define PP_RUNTIME_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define PP_FRAME_HEADER 8
/* The largest message there can be, in bytes. */
#define PP_FRAME_MOST ((size_t)1 << 30)

enum pp_frame {
    PP_FRAME_PART,  /* more is to come, or to go, when the socket is ready again */
    PP_FRAME_WHOLE, /* all is there, or gone */
    PP_FRAME_ENDED, /* the other side is gone */
    PP_FRAME_TOO_LARGE,
    PP_FRAME_NO_MEMORY
};

/* A message on its way in. */
struct pp_frame_input {
    uint8_t *bytes;
    size_t have, room;
};

/* What could not be sent at once. */
struct pp_frame_output {
    uint8_t *bytes;
    size_t size, sent;
};

/* Read once what is there, for a message of at most `most` bytes. Not to be called on a whole one.
 */
enum pp_frame pp_frame_receive(struct pp_frame_input *in, int fd, size_t most);

/* Of a whole message. The bytes stay until it is cleared, and are aligned for a uint64_t. */
uint32_t pp_frame_number(const struct pp_frame_input *in);
const uint8_t *pp_frame_bytes(const struct pp_frame_input *in);
size_t pp_frame_size(const struct pp_frame_input *in);
/* Bytes that came behind it. */
size_t pp_frame_rest(const struct pp_frame_input *in);

/* Make room for the next one; much memory is given back. */
void pp_frame_clear(struct pp_frame_input *in);
void pp_frame_input_release(struct pp_frame_input *in);

/* Send a message; of what does not go at once a copy is kept. Nothing may be left of another. */
enum pp_frame pp_frame_send(struct pp_frame_output *out, int fd, uint32_t number, const void *bytes,
                            size_t size);
/* Go on with what is left. */
enum pp_frame pp_frame_flush(struct pp_frame_output *out, int fd);
void pp_frame_output_release(struct pp_frame_output *out);

#endif
