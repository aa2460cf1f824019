/*
 * codec/message.h - the libraries' words in this program's manner.
 *
 * Any process, any thread.
 */
#ifndef PP_CODEC_MESSAGE_H
#define PP_CODEC_MESSAGE_H

#include <stdint.h>

#include <pixpool/convert.h>

/* The warnings of one picture, in the struct pp_reader or pp_writer that `count` and `first` point
 * into: how many there were, and the first one's words. */
struct pp_warnings {
    uint32_t *count;
    char *first; /* PP_WARNING_TEXT bytes, "" while there is none */
};

/* Count a warning, and keep its words when it is the first. */
void pp_warnings_add(const struct pp_warnings *warnings, const char *text);

/* Lower the first letter unless it begins an acronym, and drop what ends the sentence. */
void pp_message_tidy(char *text);

#endif
