#include "filter/argument.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "filter/suggest.h"

/* Percentages of sizes; what they lead to is limited again when the picture is known. */
#define PERCENT_MIN 0.1
#define PERCENT_MAX 10000.0

/* Pixels that N@ may ask for, and characters of a size that is worth reading. */
#define AREA_MAX    1e12
#define SIZE_LENGTH 40

/* How much of the user's own words an error repeats. */
#define SHOWN "%.48s"

/* What is being parsed, for the error's text. */
struct subject {
    const struct pp_filter *filter;
    const struct pp_param *param;
    const char *text;
    struct pp_error *err;
};

static enum pp_status refuse(const struct subject *subject, const char *why)
{
    return pp_error_set(subject->err, PP_E_USAGE, "filter \"%s\": parameter \"%s\": %s",
                        subject->filter->name, subject->param->name, why);
}

static enum pp_status refuse_range(const struct subject *subject, const char *unit, double min,
                                   double max)
{
    char why[160];

    snprintf(why, sizeof why, SHOWN " is outside %.10g%s to %.10g%s", subject->text, min, unit, max,
             unit);
    return refuse(subject, why);
}

bool pp_number_parse(const char *text, double *number)
{
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    bool negative = *text == '-', point = false;
    int digits = 0, significant = 0, decimals = 0;
    double value = 0;

    if (*text == '-' || *text == '+')
        text++;
    for (; *text; text++) {
        if (*text == '.' && !point) {
            point = true;
            continue;
        }
        if (*text < '0' || *text > '9')
            return false;
        digits++;
        if (point && (significant >= 15 || decimals >= 15))
            continue;
        significant += value > 0 || *text != '0';
        decimals += point;
        value = value * 10 + (*text - '0');
    }
    value /= powers[decimals];
    *number = negative ? -value : value;
    return digits > 0;
}

static int find_choice(const struct pp_param *param, const char *word)
{
    for (int i = 0; param->choices && word && param->choices[i]; i++)
        if (strcmp(param->choices[i], word) == 0)
            return i;
    return -1;
}

static enum pp_status refuse_word(const struct subject *subject, const char *what)
{
    char why[120];

    snprintf(why, sizeof why, "\"" SHOWN "\" is %s", subject->text, what);
    return refuse(subject, why);
}

/* `"x" is WHAT rec601, rec709 or linear, did you mean "y"` */
static enum pp_status refuse_choice(const struct subject *subject, const char *what)
{
    struct pp_suggestion suggestion = {.given = subject->text};
    const char *const *choices = subject->param->choices;
    char why[240];
    size_t used = (size_t)snprintf(why, sizeof why, "\"" SHOWN "\" is %s", subject->text, what);

    for (size_t i = 0; choices[i] && used < sizeof why; i++) {
        const char *joint = i == 0 ? " " : choices[i + 1] ? ", " : " or ";
        used += (size_t)snprintf(why + used, sizeof why - used, "%s%s", joint, choices[i]);
        pp_suggest_offer(&suggestion, choices[i]);
    }
    if (suggestion.nearest && used < sizeof why)
        snprintf(why + used, sizeof why - used, ", did you mean \"%s\"", suggestion.nearest);
    return refuse(subject, why);
}

static enum pp_status refuse_color(const struct subject *subject)
{
    struct pp_suggestion suggestion = {.given = subject->text};
    const char *const *choices = subject->param->choices, *name;
    char why[240];

    for (size_t i = 0; choices && choices[i]; i++)
        pp_suggest_offer(&suggestion, choices[i]);
    for (unsigned i = 0; (name = pp_color_name_at(i)); i++)
        pp_suggest_offer(&suggestion, name);
    if (!suggestion.nearest)
        return refuse_word(subject, "no colour (a name, #rgb, #rrggbb or #rrggbbaa)");
    snprintf(why, sizeof why, "\"" SHOWN "\" is no colour, did you mean \"%s\"", subject->text,
             suggestion.nearest);
    return refuse(subject, why);
}

static enum pp_status parse_number(const struct subject *subject, struct pp_value *value)
{
    const struct pp_param *param = subject->param;
    bool whole = param->type == PP_PARAM_INTEGER;

    value->choice = find_choice(param, subject->text);
    if (value->choice >= 0)
        return PP_OK;
    if (!pp_number_parse(subject->text, &value->number)) {
        if (param->choices)
            return refuse_choice(subject, "neither a number nor");
        return refuse_word(subject, whole ? "no whole number" : "no number");
    }
    if (value->number < param->min || value->number > param->max)
        return refuse_range(subject, "", param->min, param->max);
    if (whole && value->number != floor(value->number))
        return refuse_word(subject, "no whole number");
    return PP_OK;
}

static enum pp_status parse_choice(const struct subject *subject, struct pp_value *value)
{
    value->choice = find_choice(subject->param, subject->text);
    return value->choice >= 0 ? PP_OK : refuse_choice(subject, "none of");
}

static enum pp_status parse_switch(const struct subject *subject, struct pp_value *value)
{
    const char *text = subject->text;

    value->number = strcmp(text, "1") == 0 || strcmp(text, "yes") == 0;
    if (value->number == 0 && strcmp(text, "0") != 0 && strcmp(text, "no") != 0)
        return refuse_word(subject, "neither 0 (no) nor 1 (yes)");
    return PP_OK;
}

/* The digits of one side; an empty side is 0. False when there is anything else. */
static bool parse_side(const char *digits, size_t length, double *side)
{
    char copy[16];

    *side = 0;
    if (length == 0)
        return true;
    if (length >= sizeof copy || strspn(digits, "0123456789") < length)
        return false;
    memcpy(copy, digits, length);
    copy[length] = '\0';
    return pp_number_parse(copy, side);
}

static enum pp_status parse_percent(const struct subject *subject, struct pp_value *value)
{
    size_t length = strlen(subject->text) - 1;
    char digits[32] = "";

    if (length < sizeof digits)
        memcpy(digits, subject->text, length);
    if (!pp_number_parse(digits, &value->width))
        return refuse_word(subject, "no percentage");
    if (value->width < PERCENT_MIN || value->width > PERCENT_MAX)
        return refuse_range(subject, "%", PERCENT_MIN, PERCENT_MAX);
    value->percent = true;
    value->height = value->width;
    return PP_OK;
}

/* Which of the parameter's marks the text ends with, -1 when none; it is cut off. */
static int take_mark(const struct pp_param *param, char *text)
{
    size_t length = strlen(text);
    int mark = length > 0 && param->choices ? find_choice(param, text + length - 1) : -1;

    if (mark >= 0)
        text[length - 1] = '\0';
    return mark;
}

static enum pp_status parse_area(const struct subject *subject, const char *digits,
                                 struct pp_value *value)
{
    if (!*digits || !parse_side(digits, strlen(digits), &value->width))
        return refuse_word(subject, "no number of pixels (N@)");
    if (value->width < 1 || value->width > AREA_MAX)
        return refuse_range(subject, "@", 1, AREA_MAX);
    return PP_OK;
}

static enum pp_status parse_size(const struct subject *subject, struct pp_value *value)
{
    const struct pp_param *param = subject->param;
    char text[SIZE_LENGTH + 1] = "";
    size_t length = strlen(subject->text);

    if (length <= SIZE_LENGTH)
        memcpy(text, subject->text, length);
    value->choice = take_mark(param, text);
    length = strlen(text);
    if (value->choice >= 0 && strcmp(param->choices[value->choice], "@") == 0)
        return parse_area(subject, text, value);
    if (length && text[length - 1] == '%' && value->choice < 0)
        return parse_percent(subject, value);
    const char *times = strchr(text, 'x');
    if (!times || length < 2 || !parse_side(text, (size_t)(times - text), &value->width) ||
        !parse_side(times + 1, strlen(times + 1), &value->height))
        return refuse_word(subject, "no size (WxH, Wx, xH or P%)");
    if ((times != text && (value->width < param->min || value->width > param->max)) ||
        (times[1] && (value->height < param->min || value->height > param->max)))
        return refuse_range(subject, "", param->min, param->max);
    return PP_OK;
}

static enum pp_status parse_color(const struct subject *subject, struct pp_value *value)
{
    value->choice = find_choice(subject->param, subject->text);
    if (value->choice >= 0 || pp_color_parse(subject->text, &value->color))
        return PP_OK;
    return refuse_color(subject);
}

void pp_argument_default(const struct pp_param *param, struct pp_value *value)
{
    *value = (struct pp_value){.number = param->fallback};
    value->choice = find_choice(param, param->default_text);
    if (param->type == PP_PARAM_COLOR && value->choice < 0 && param->default_text)
        (void)!pp_color_parse(param->default_text, &value->color);
}

enum pp_status pp_argument_parse(const struct pp_filter *filter, const struct pp_param *param,
                                 const char *text, struct pp_value *value, struct pp_error *err)
{
    const struct subject subject = {filter, param, text, err};

    *value = (struct pp_value){.given = true, .choice = -1};
    if (!*text)
        return refuse(&subject, "its value is empty");
    switch (param->type) {
    case PP_PARAM_NUMBER:
    case PP_PARAM_INTEGER:
        return parse_number(&subject, value);
    case PP_PARAM_CHOICE:
        return parse_choice(&subject, value);
    case PP_PARAM_SIZE:
        return parse_size(&subject, value);
    case PP_PARAM_SWITCH:
        return parse_switch(&subject, value);
    case PP_PARAM_COLOR:
        return parse_color(&subject, value);
    case PP_PARAM_TEXT:
    case PP_PARAM_PICTURE:
        value->text = text;
        return PP_OK;
    }
    return pp_error_set(err, PP_E_INTERNAL, "filter \"%s\": a parameter of no type", filter->name);
}
