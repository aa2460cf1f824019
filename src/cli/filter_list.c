#include "cli/filter_list.h"

#include <string.h>

#include "cli/line.h"
#include "cli/nearest.h"
#include "cli/wrap.h"

#define DESCRIPTION 512 /* bytes of a parameter in words */

static const char *filter_name_at(size_t index)
{
    const struct pp_filter *filter = pp_filter_at(index);

    return filter ? pp_filter_name(filter) : NULL;
}

void pp_filter_list_print(FILE *out, unsigned width)
{
    const struct pp_filter *filter;
    unsigned longest = 0;

    for (size_t i = 0; filter_name_at(i); i++) {
        unsigned length = (unsigned)strlen(filter_name_at(i));

        longest = length > longest ? length : longest;
    }
    for (size_t i = 0; (filter = pp_filter_at(i)); i++) {
        unsigned column = (unsigned)fprintf(out, "%s", pp_filter_name(filter));

        pp_wrap(out, pp_filter_summary(filter), column, (struct pp_margins){longest + 2, width});
    }
}

static void append_choices(struct pp_line *text, const struct pp_param *param)
{
    for (size_t i = 0; param->choices && param->choices[i]; i++)
        pp_line_add(text, "%s%s", i ? ", " : "", param->choices[i]);
}

static void append_type(struct pp_line *text, const struct pp_param *param)
{
    switch (param->type) {
    case PP_PARAM_NUMBER:
    case PP_PARAM_INTEGER:
        pp_line_add(text, "%s from %.10g to %.10g",
                    param->type == PP_PARAM_NUMBER ? "number" : "whole number", param->min,
                    param->max);
        if (param->choices) {
            pp_line_add(text, ", or ");
            append_choices(text, param);
        }
        return;
    case PP_PARAM_CHOICE:
        pp_line_add(text, "one of ");
        append_choices(text, param);
        return;
    case PP_PARAM_SIZE:
        pp_line_add(text, "WxH, Wx or xH, each %.10g to %.10g pixels, or P%%", param->min,
                    param->max);
        if (param->choices) {
            pp_line_add(text, "; marked by ");
            append_choices(text, param);
        }
        return;
    case PP_PARAM_SWITCH:
        pp_line_add(text, "0 or 1");
        return;
    case PP_PARAM_COLOR:
        pp_line_add(text, "a colour");
        if (param->choices) {
            pp_line_add(text, ", or ");
            append_choices(text, param);
        }
        return;
    case PP_PARAM_TEXT:
        pp_line_add(text, "text");
        return;
    case PP_PARAM_PICTURE:
        pp_line_add(text, "a picture's file");
        return;
    }
}

void pp_param_describe(const struct pp_param *param, char *to, size_t size)
{
    struct pp_line text = {to, size};

    *to = '\0';
    append_type(&text, param);
    if (param->required)
        pp_line_add(&text, "; required");
    else if (param->default_text)
        pp_line_add(&text, "; default %s", param->default_text);
    else if (param->type != PP_PARAM_SIZE && param->type != PP_PARAM_CHOICE &&
             param->type != PP_PARAM_COLOR && param->type != PP_PARAM_TEXT)
        pp_line_add(&text, "; default %.10g", param->fallback);
}

static double clamped(double value, const struct pp_param *param)
{
    if (value < param->min)
        return param->min;
    return value < param->max ? value : param->max;
}

/* A value that the parameter takes and that, as a rule, does something. */
static void append_value(struct pp_line *text, const struct pp_param *param)
{
    const char *const *choices = param->choices;

    switch (param->type) {
    case PP_PARAM_CHOICE:
        pp_line_add(text, "%s", choices[choices[1] && !param->required ? 1 : 0]);
        return;
    case PP_PARAM_SIZE:
        pp_line_add(text, "%.0fx%.0f", clamped(800, param), clamped(600, param));
        return;
    case PP_PARAM_SWITCH:
        pp_line_add(text, "1");
        return;
    case PP_PARAM_COLOR:
        pp_line_add(text, "navy");
        return;
    case PP_PARAM_TEXT:
        pp_line_add(text, "TEXT");
        return;
    case PP_PARAM_PICTURE:
        pp_line_add(text, "logo.png");
        return;
    case PP_PARAM_INTEGER:
        pp_line_add(text, "%.0f", clamped(1, param));
        return;
    case PP_PARAM_NUMBER:
        if (choices && !param->required)
            pp_line_add(text, "%s", choices[0]);
        else
            pp_line_add(text, "%.3g", clamped(param->max < 2 ? param->max / 4 : 1.25, param));
        return;
    }
}

/* A chain of required arguments, and the first, made up. */
static void append_likely(struct pp_line *text, const struct pp_filter *filter)
{
    const struct pp_param *params = pp_filter_params(filter);
    unsigned given = 0;

    pp_line_add(text, "%s", pp_filter_name(filter));
    for (const struct pp_param *p = params; p->name; p++) {
        if (!p->required && p != params)
            continue;
        pp_line_add(text, "%s", given ? ":" : "=");
        if (p != params + given) /* the order alone does not say it */
            pp_line_add(text, "%s=", p->name);
        append_value(text, p);
        given++;
    }
}

void pp_filter_list_example(const struct pp_filter *filter, char *to, size_t size)
{
    const char *known = pp_filter_example(filter);
    struct pp_line text = {to, size};

    *to = '\0';
    if (known)
        pp_line_add(&text, "%s", known);
    else
        append_likely(&text, filter);
}

const char *pp_filter_list_quote(const char *chain)
{
    return strpbrk(chain, " \t'#*?&;|<>()[]{}~!") ? "\"" : "";
}

enum pp_status pp_filter_explain(FILE *out, const char *name, unsigned width, struct pp_error *err)
{
    const struct pp_filter *filter = pp_filter_find(name);
    const char *nearest = filter ? NULL : pp_nearest_word(name, filter_name_at);
    const struct pp_margins nested = {4, width};
    char text[DESCRIPTION];
    const char *quote;

    if (nearest)
        return pp_error_set(err, PP_E_USAGE, "filter \"%s\": unknown, did you mean \"%s\"", name,
                            nearest);
    if (!filter)
        return pp_error_set(err, PP_E_USAGE,
                            "filter \"%s\": unknown; \"pixpool filters\" lists them", name);
    fprintf(out, "%s - %s\n", name, pp_filter_summary(filter));
    for (const struct pp_param *p = pp_filter_params(filter); p->name; p++) {
        fprintf(out, "\n  %s\n", p->name);
        pp_wrap(out, p->summary, 0, nested);
        pp_param_describe(p, text, sizeof text);
        pp_wrap(out, text, 0, nested);
    }
    fputs("\nSource:\n", out);
    pp_wrap(out, pp_filter_source(filter), 0, (struct pp_margins){2, width});
    pp_filter_list_example(filter, text, sizeof text);
    quote = pp_filter_list_quote(text);
    fprintf(out, "\nExample:\n  pixpool %s%s%s photos -o out\n", quote, text, quote);
    return PP_OK;
}
