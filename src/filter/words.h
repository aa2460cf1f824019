/*
 * filter/words.h - the text of a chain taken apart into words, quotes and backslashes undone.
 *
 * Between two single quotes every character stands for itself, a backslash elsewhere makes the next
 * one stand for itself; white space around a word is dropped unless it is protected so. One thread.
 */
#ifndef PP_FILTER_WORDS_H
#define PP_FILTER_WORDS_H

#include <pixpool/error.h>
#include <pixpool/filter.h>

/* Begin with the text and room for strlen(text) + 1 bytes, to which the words are written. */
struct pp_words {
    const char *text;
    size_t at;
    char *to;
};

struct pp_word {
    char *text; /* NUL-terminated, in the room given */
    struct pp_chain_place place;
    char mark; /* what ended it, '\0' at the text's end */
};

/*
 * The next word, up to the first of `marks` that stands unprotected. On an error word->place is
 * what the error is about. Errors: PP_E_USAGE.
 */
enum pp_status pp_words_next(struct pp_words *words, const char *marks, struct pp_word *word,
                             struct pp_error *err) PP_MUST_CHECK;

#endif
