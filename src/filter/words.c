#include "filter/words.h"

#include <stdbool.h>
#include <string.h>

static bool is_blank(char c)
{
    return c && strchr(" \t\r\n\v\f", c);
}

/* What stands between two quotes; `at` is behind the first. False when there is no second. */
static bool take_quoted(struct pp_words *words)
{
    const char *from = words->text + words->at, *end = strchr(from, '\'');

    if (!end)
        return false;
    memmove(words->to, from, (size_t)(end - from));
    words->to += end - from;
    words->at += (size_t)(end - from) + 1;
    return true;
}

static enum pp_status refuse(struct pp_words *words, size_t begin, struct pp_word *word,
                             const char *why, struct pp_error *err)
{
    words->at = strlen(words->text);
    word->place = (struct pp_chain_place){begin, words->at};
    return pp_error_set(err, PP_E_USAGE, "filter chain: %s", why);
}

enum pp_status pp_words_next(struct pp_words *words, const char *marks, struct pp_word *word,
                             struct pp_error *err)
{
    const char *text = words->text;
    char *kept = words->to; /* the word's end without blanks that nothing protects */

    while (is_blank(text[words->at]))
        words->at++;
    *word = (struct pp_word){.text = words->to, .place = {words->at, words->at}};
    while (text[words->at] && !strchr(marks, text[words->at])) {
        const size_t begin = words->at++;
        const char c = text[begin];

        if (c == '\'') {
            if (!take_quoted(words))
                return refuse(words, begin, word, "a quote is not closed", err);
        } else if (c == '\\' && !text[words->at]) {
            return refuse(words, begin, word, "nothing follows the backslash", err);
        } else {
            *words->to++ = c == '\\' ? text[words->at++] : c;
        }
        if (is_blank(c))
            continue;
        kept = words->to;
        word->place.end = words->at;
    }
    word->mark = text[words->at];
    words->at += word->mark != '\0';
    *kept = '\0';
    words->to = kept + 1;
    return PP_OK;
}
