#include "cli/parts.h"

#include <string.h>

/* The bits of the word of `length` bytes, 0 when it is none. */
static unsigned bits_of(const struct pp_choice *choices, const char *word, size_t length)
{
    for (const struct pp_choice *c = choices; c->word; c++)
        if (strlen(c->word) == length && !memcmp(c->word, word, length))
            return (unsigned)c->value;
    return 0;
}

static enum pp_status refuse(const struct pp_option *option, const char *word, size_t length,
                             struct pp_error *err)
{
    char list[128] = "";

    for (const struct pp_choice *c = option->choices; c->word; c++) {
        strncat(list, *list ? ", " : "", sizeof list - strlen(list) - 1);
        strncat(list, c->word, sizeof list - strlen(list) - 1);
    }
    if (length == 0)
        return pp_error_set(err, PP_E_USAGE, "--%s: a name is missing in its list", option->name);
    return pp_error_set(err, PP_E_USAGE, "--%s: \"%.*s\": not one of %s", option->name, (int)length,
                        word, list);
}

/* A place is not kept by itself. */
static enum pp_status check_kept(const struct pp_option *option, unsigned bits,
                                 struct pp_error *err)
{
    if (!(bits & PP_STRIP_GPS) || (bits & (PP_STRIP_EXIF | PP_STRIP_XMP)))
        return PP_OK;
    return pp_error_set(err, PP_E_USAGE, "--%s: gps is a part of exif and of xmp: name one of them",
                        option->name);
}

enum pp_status pp_parts_store(const struct pp_option *option, const char *text, unsigned *bits,
                              struct pp_error *err)
{
    const unsigned all = (unsigned)option->choices[0].value;
    unsigned given = 0;

    if (!text)
        text = option->choices[0].word;
    for (;;) {
        const size_t length = strcspn(text, ",");
        const unsigned more = bits_of(option->choices, text, length);
        if (more == 0)
            return refuse(option, text, length, err);
        given |= more;
        if (text[length] == '\0')
            break;
        text += length + 1;
    }
    *bits = option->kind == PP_OPTION_OTHER_PARTS ? all & ~given : given;
    return option->kind == PP_OPTION_OTHER_PARTS ? check_kept(option, given, err) : PP_OK;
}
