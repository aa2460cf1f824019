/*
 * pixpool/filter.h - the filters there are, and chains of them.
 *
 * A chain is written as ffmpeg's users write it: filters joined by commas, arguments after "=" and
 * joined by colons, each either in the order the filter lists its parameters or as key=value:
 *     gray
 *     orient,resize=1600x1600:fit=inside,gray=rec709,sharpen=0.6
 * White space around names and values is ignored. What stands between two single quotes, and the
 * character behind a backslash, is taken as it is, as a shell would; so a value may hold any
 * character: overlay='a,b: c.png' or overlay=a\,b\:\ c.png. (A quote within quotes: 'it'\''s'.)
 * An empty chain, an unknown filter or parameter, a value out of range and an argument given twice
 * are errors; the text names filter, parameter, range and what was given, and the nearest valid
 * name where one is near.
 *
 * A chain is immutable once parsed and, where it names files (overlay=logo.png), loaded: see
 * pp_chain_load() in <pixpool/convert.h>. It may then be read by any number of threads. Parsing
 * itself opens nothing.
 */
#ifndef PIXPOOL_FILTER_H
#define PIXPOOL_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include <pixpool/api.h>
#include <pixpool/error.h>

PP_BEGIN_DECLS

enum pp_param_type {
    PP_PARAM_NUMBER, /* a decimal number within [min, max] */
    PP_PARAM_INTEGER,
    PP_PARAM_CHOICE, /* one of `choices` */
    PP_PARAM_SIZE,   /* WxH, Wx, xH in pixels, or P% of both sides; N@: an area, where "@" may be */
    PP_PARAM_SWITCH, /* 0 or 1 (also no/yes); the bare name means 1 */
    PP_PARAM_COLOR,  /* a name or #rrggbb, #rrggbbaa; see the README */
    PP_PARAM_TEXT,   /* any text that is not empty: points of a curve */
    PP_PARAM_PICTURE /* the name of a picture's file, which pp_chain_load() reads */
};

/* One parameter of a filter. Static data, never freed. */
struct pp_param {
    const char *name;
    enum pp_param_type type;
    const char *summary;        /* one line, with the unit */
    double min, max;            /* numbers and integers: the range; sizes: of each side */
    double fallback;            /* numbers, integers, switches: the value when not given */
    const char *const *choices; /* NULL-terminated words; also allowed beside numbers, colours;
                                   of a size the marks that may follow it */
    const char *default_text;   /* how the default is shown; of a choice or a colour, the default */
    bool required;
};

struct pp_filter;

/* The filters in registry order, which is the order in lists; NULL past the last. */
PP_API const struct pp_filter *pp_filter_at(size_t index);
/* The filter of that name, or NULL. */
PP_API const struct pp_filter *pp_filter_find(const char *name);

PP_API const char *pp_filter_name(const struct pp_filter *filter);
/* One line that says what it does. */
PP_API const char *pp_filter_summary(const struct pp_filter *filter);
/* Where the formula and its constants come from; may span sentences; never NULL. */
PP_API const char *pp_filter_source(const struct pp_filter *filter);
/* A chain of it alone that shows what it does ("resize=800x600:fit=cover"); a picture it names
 * is "logo.png". NULL where likely values can be made up from the parameters. */
PP_API const char *pp_filter_example(const struct pp_filter *filter);
/* Its parameters in positional order, ended by one whose name is NULL. */
PP_API const struct pp_param *pp_filter_params(const struct pp_filter *filter);

struct pp_chain;

/*
 * Parse `text`. On PP_OK *chain is the caller's, to be freed with pp_chain_free(); on an error it
 * is NULL and `err` says what is wrong. Errors: PP_E_USAGE, PP_E_NO_MEMORY.
 */
PP_API enum pp_status pp_chain_parse(const char *text, struct pp_chain **chain,
                                     struct pp_error *err) PP_MUST_CHECK;

/* A part of a chain's text: bytes [begin, end). Both the same: between two bytes, or at the end. */
struct pp_chain_place {
    size_t begin, end;
};

/* The same; on PP_E_USAGE *place is the word or, when its arguments do not go together, the filter
 * that the error is about. */
PP_API enum pp_status pp_chain_parse_at(const char *text, struct pp_chain **chain,
                                        struct pp_chain_place *place,
                                        struct pp_error *err) PP_MUST_CHECK;
/* Free a chain; NULL is allowed. */
PP_API void pp_chain_free(struct pp_chain *chain);
/* How many filters it has, and the one at `index` (NULL past the last). */
PP_API size_t pp_chain_length(const struct pp_chain *chain);
PP_API const struct pp_filter *pp_chain_filter(const struct pp_chain *chain, size_t index);

PP_END_DECLS

#endif
