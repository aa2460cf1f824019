#include "cli/values.h"

#include "cli/parts.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Numbers below it are whole in a double, and it is far above any picture or machine. */
#define LARGEST 9007199254740992.0 /* 2^53 */

/* The member `option` goes to. */
static void *member_of(const struct pp_option *option, struct pp_options *options)
{
    return (char *)options + option->member;
}

/* Enumerations are stored through here: the table knows their size alone. */
static void store_int(const struct pp_option *option, int value, struct pp_options *options)
{
    memcpy(member_of(option, options), &value, sizeof value);
}

static const struct pp_choice *find_choice(const struct pp_choice *choices, const char *text)
{
    for (const struct pp_choice *c = choices; c && c->word; c++)
        if (!strcmp(c->word, text))
            return c;
    return NULL;
}

static enum pp_status store_choice(const struct pp_option *option, const char *text,
                                   struct pp_options *options, struct pp_error *err)
{
    const struct pp_choice *choice = find_choice(option->choices, text);
    char list[128] = "";

    if (choice) {
        store_int(option, choice->value, options);
        return PP_OK;
    }
    for (const struct pp_choice *c = option->choices; c->word; c++) {
        if (c->alias)
            continue;
        if (*list)
            strncat(list, ", ", sizeof list - strlen(list) - 1);
        strncat(list, c->word, sizeof list - strlen(list) - 1);
    }
    return pp_error_set(err, PP_E_USAGE, "--%s: \"%s\": not one of %s", option->name, text, list);
}

static enum pp_status store_integer(const struct pp_option *option, const char *text,
                                    struct pp_options *options, struct pp_error *err)
{
    const struct pp_choice *choice = find_choice(option->choices, text);
    const char *digits = text + (*text == '-');
    long value;

    if (choice) {
        store_int(option, choice->value, options);
        return PP_OK;
    }
    if (!*digits || digits[strspn(digits, "0123456789")])
        return pp_error_set(err, PP_E_USAGE, "--%s: \"%s\": not %s%sa whole number from %d to %d",
                            option->name, text, option->choices ? option->choices->word : "",
                            option->choices ? " or " : "", option->min, option->max);
    value = strtol(text, NULL, 10); /* a number too long saturates, and is outside too */
    if (value < option->min || value > option->max)
        return pp_error_set(err, PP_E_USAGE, "--%s: %s is outside %d to %d", option->name, text,
                            option->min, option->max);
    store_int(option, (int)value, options);
    return PP_OK;
}

/* A plain decimal number at the front of `text`: digits with at most one point. Returns what
 * follows it, NULL if there is none. strtod alone would take hexadecimal, "inf" and blanks too. */
static const char *read_decimal(const char *text, double *value)
{
    size_t whole = strspn(text, "0123456789");
    size_t part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    size_t length = whole + (part ? part + 1 : 0);
    char number[64];

    if (whole + part == 0 || length >= sizeof number)
        return NULL;
    memcpy(number, text, length);
    number[length] = '\0';
    *value = strtod(number, NULL);
    return text + length;
}

static enum pp_status store_seconds(const struct pp_option *option, const char *text,
                                    struct pp_options *options, struct pp_error *err)
{
    const char *number = text + (*text == '-');
    double value;
    const char *end = read_decimal(number, &value);

    if (!end || *end)
        return pp_error_set(err, PP_E_USAGE, "--%s: \"%s\": not a number of seconds", option->name,
                            text);
    if (number != text || value < option->min || value > option->max)
        return pp_error_set(err, PP_E_USAGE, "--%s: %s is outside %d to %d", option->name, text,
                            option->min, option->max);
    memcpy(member_of(option, options), &value, sizeof value);
    return PP_OK;
}

/* "5%" and "5" are percent, "0.05" is a share: less than one percent needs the sign. */
static enum pp_status store_share(const struct pp_option *option, const char *text,
                                  struct pp_options *options, struct pp_error *err)
{
    double value;
    const char *end = read_decimal(text, &value);

    if (!end || (*end && strcmp(end, "%") != 0))
        return pp_error_set(err, PP_E_USAGE, "--%s: \"%s\": not a share such as 5%% or 0.05",
                            option->name, text);
    if (*end || value >= 1)
        value /= 100;
    if (value * 100 > option->max)
        return pp_error_set(err, PP_E_USAGE, "--%s: %s is more than %d%%", option->name, text,
                            option->max);
    memcpy(member_of(option, options), &value, sizeof value);
    return PP_OK;
}

/* What "k", "m", "g" or "t" at *text multiplies by, which is `step` or a power of it, and *text
 * past it; 1 where there is none of them. */
static double read_multiple(const char **text, double step)
{
    static const char letters[] = "kmgt";
    const char *found = **text ? strchr(letters, tolower((unsigned char)**text)) : NULL;
    double multiple = 1;

    if (!found)
        return 1;
    ++*text;
    for (const char *letter = letters; letter <= found; letter++)
        multiple *= step;
    return multiple;
}

static bool read_pixels(const char *text, double *pixels)
{
    const char *end = read_decimal(text, pixels);

    if (!end)
        return false;
    *pixels *= read_multiple(&end, 1000);
    return !*end || !strcasecmp(end, "p");
}

static bool read_bytes(const char *text, double *bytes)
{
    const char *unit = read_decimal(text, bytes), *end = unit;
    double binary;

    if (!unit)
        return false;
    binary = read_multiple(&end, 1024);
    if (end != unit && !strcasecmp(end, "b"))
        *bytes *= read_multiple(&unit, 1000);
    else if (!*end || !strcasecmp(end, end == unit ? "b" : "ib"))
        *bytes *= binary;
    else
        return false;
    return true;
}

static enum pp_status store_amount(const struct pp_option *option, const char *text,
                                   struct pp_options *options, struct pp_error *err)
{
    bool pixels = option->kind == PP_OPTION_PIXELS;
    double value;
    uint64_t amount;

    if (!(pixels ? read_pixels(text, &value) : read_bytes(text, &value)))
        return pp_error_set(err, PP_E_USAGE, "--%s: \"%s\": not %s", option->name, text,
                            pixels ? "a number of pixels such as 500000000, 100mp or 1.5gp"
                                   : "a number of bytes such as 800M, 2GiB or 1.5GB");
    if (value > LARGEST)
        return pp_error_set(err, PP_E_USAGE, "--%s: %s is too large", option->name, text);
    if (value > 0 && value < 1)
        return pp_error_set(err, PP_E_USAGE, "--%s: %s is less than one %s", option->name, text,
                            pixels ? "pixel" : "byte");
    amount = (uint64_t)value;
    memcpy(member_of(option, options), &amount, sizeof amount);
    return PP_OK;
}

static enum pp_status store_text(const struct pp_option *option, const char *text,
                                 struct pp_options *options, struct pp_error *err)
{
    struct pp_text_list *list = member_of(option, options);

    if (!text)
        text = ""; /* a value that may be left out */
    if (option->kind == PP_OPTION_AFFIX || option->kind == PP_OPTION_BACKUP) {
        if (strchr(text, '/'))
            return pp_error_set(err, PP_E_USAGE, "--%s: \"%s\": a slash cannot be part of a name",
                                option->name, text);
    } else if (!*text) {
        return pp_error_set(err, PP_E_USAGE, "--%s: its value is empty", option->name);
    }
    if (option->kind == PP_OPTION_LIST)
        list->texts[list->count++] = text;
    else
        memcpy(member_of(option, options), &text, sizeof text);
    return PP_OK;
}

enum pp_status pp_option_store(const struct pp_option *option, const char *text,
                               struct pp_options *options, struct pp_error *err)
{
    static const bool yes = true;

    switch (option->kind) {
    case PP_OPTION_FLAG:
        memcpy(member_of(option, options), &yes, sizeof yes);
        return PP_OK;
    case PP_OPTION_SET:
    case PP_OPTION_COMMAND:
        store_int(option, option->choices[0].value, options);
        return PP_OK;
    case PP_OPTION_CHOICE:
        return store_choice(option, text, options, err);
    case PP_OPTION_INTEGER:
        return store_integer(option, text, options, err);
    case PP_OPTION_SECONDS:
        return store_seconds(option, text, options, err);
    case PP_OPTION_SHARE:
        return store_share(option, text, options, err);
    case PP_OPTION_PARTS:
    case PP_OPTION_OTHER_PARTS:
        return pp_parts_store(option, text, member_of(option, options), err);
    case PP_OPTION_PIXELS:
    case PP_OPTION_BYTES:
        return store_amount(option, text, options, err);
    default:
        return store_text(option, text, options, err);
    }
}
