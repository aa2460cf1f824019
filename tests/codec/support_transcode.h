/*
 * codec/support_transcode.h - whole transcodings in memory.
 */
#ifndef PP_TESTS_CODEC_SUPPORT_TRANSCODE_H
#define PP_TESTS_CODEC_SUPPORT_TRANSCODE_H

#include "support.h"

struct test_transcoding {
    struct test_file file; /* owned; data is NULL on an error */
    enum pp_status status;
    struct pp_error err;
    bool allowed, gave_up;
    uint32_t warnings;
    char warning[PP_WARNING_TEXT];
    uint64_t memory;
};

/* Open, ask, transcode; the metadata is the source's. `encode` may be NULL: as the source. */
struct test_transcoding test_transcode(const struct test_file *file, enum pp_decode_path path,
                                       const struct pp_transcode *what,
                                       const struct pp_encode_settings *encode);
/* The same, reading by these settings. */
struct test_transcoding test_transcode_by(const struct test_file *file, enum pp_decode_path path,
                                          const struct pp_transcode *what,
                                          const struct pp_encode_settings *encode,
                                          const struct pp_read_settings *read);

#endif
