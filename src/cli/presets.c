#include "cli/presets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/nearest.h"
#include "cli/options.h"

#define BLANKS " \t\r\v\f"

enum pp_status pp_presets_refuse(const struct pp_presets *presets, unsigned line, const char *why,
                                 struct pp_error *err)
{
    return pp_error_set(err, PP_E_USAGE, "%s:%u: %s", presets->path ? presets->path : "built in",
                        line, why);
}

static char *trimmed(char *text)
{
    size_t length;

    text += strspn(text, BLANKS);
    length = strlen(text);
    while (length && strchr(BLANKS, text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

/* What a line may be called, by index: first the filters, then the options; "" for those that make
 * no sense there. */
static const char *name_at(size_t index)
{
    const struct pp_option *option;

    if (index == 0)
        return "filters";
    option = pp_option_at(index - 1);
    if (!option)
        return NULL;
    if (option->kind == PP_OPTION_COMMAND || option->group == PP_GROUP_BENCH ||
        option->group == PP_GROUP_INFO || !strcmp(option->name, "preset"))
        return "";
    return option->name;
}

static enum pp_status check_name(const struct pp_presets *presets,
                                 const struct pp_preset_setting *setting, struct pp_error *err)
{
    const char *name, *nearest;
    char why[200];

    for (size_t i = 0; (name = name_at(i)); i++)
        if (*name && !strcmp(name, setting->name))
            return PP_OK;
    nearest = pp_nearest_word(setting->name, name_at);
    if (nearest && *nearest)
        snprintf(why, sizeof why, "\"%.48s\": no option of a preset, did you mean \"%s\"",
                 setting->name, nearest);
    else
        snprintf(why, sizeof why, "\"%.48s\": no option of a preset", setting->name);
    return pp_presets_refuse(presets, setting->line, why, err);
}

static bool is_list(const char *name)
{
    const struct pp_option *option;

    for (size_t i = 0; (option = pp_option_at(i)); i++)
        if (!strcmp(option->name, name))
            return option->kind == PP_OPTION_LIST;
    return false;
}

static enum pp_status begin_preset(struct pp_presets *presets, char *name, unsigned line,
                                   struct pp_error *err)
{
    const struct pp_preset *earlier;
    size_t length = strlen(name);
    char why[160];

    if (name[length - 1] != ']')
        return pp_presets_refuse(presets, line, "a preset's name: the ] is missing", err);
    name[length - 1] = '\0';
    name = trimmed(name + 1);
    if (!*name)
        return pp_presets_refuse(presets, line, "a preset's name: it is empty", err);
    earlier = pp_presets_find(presets, name);
    if (earlier) {
        snprintf(why, sizeof why, "[%.48s]: it is in line %u already", name, earlier->line);
        return pp_presets_refuse(presets, line, why, err);
    }
    presets->items[presets->count++] =
        (struct pp_preset){.name = name, .line = line, .first = presets->setting_count};
    return PP_OK;
}

static enum pp_status add_setting(struct pp_presets *presets, char *text, unsigned line,
                                  struct pp_error *err)
{
    struct pp_preset *preset = presets->items + presets->count - 1;
    struct pp_preset_setting setting = {.line = line};
    char *value = strchr(text, '='), why[160];

    if (value)
        *value++ = '\0';
    setting.name = trimmed(text);
    setting.value = value ? trimmed(value) : NULL;
    if (presets->count == 0)
        return pp_presets_refuse(presets, line, "a setting before the first [NAME]", err);
    if (check_name(presets, &setting, err) != PP_OK)
        return err->status;
    for (size_t i = preset->first; i < presets->setting_count; i++) {
        const struct pp_preset_setting *earlier = &presets->settings[i];

        if (strcmp(earlier->name, setting.name) != 0 || is_list(setting.name))
            continue;
        snprintf(why, sizeof why, "%s: it is in line %u already", setting.name, earlier->line);
        return pp_presets_refuse(presets, line, why, err);
    }
    presets->settings[presets->setting_count++] = setting;
    preset->count++;
    return PP_OK;
}

static enum pp_status parse_lines(struct pp_presets *presets, struct pp_error *err)
{
    enum pp_status status = PP_OK;
    char *rest = presets->text, *text;

    for (unsigned line = 1; status == PP_OK && (text = strsep(&rest, "\n")); line++) {
        text = trimmed(text);
        if (*text == '[')
            status = begin_preset(presets, text, line, err);
        else if (*text && *text != '#' && *text != ';')
            status = add_setting(presets, text, line, err);
    }
    return status;
}

enum pp_status pp_presets_parse(struct pp_presets *presets, char *path, char *text,
                                struct pp_error *err)
{
    enum pp_status status = PP_E_NO_MEMORY;
    size_t lines = 1;

    *presets = (struct pp_presets){.path = path, .text = text};
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    presets->items = calloc(lines, sizeof *presets->items);
    presets->settings = calloc(lines, sizeof *presets->settings);
    if (presets->items && presets->settings)
        status = parse_lines(presets, err);
    else
        (void)pp_error_set(err, status, "the presets: out of memory");
    if (status != PP_OK)
        pp_presets_release(presets);
    return status;
}

void pp_presets_release(struct pp_presets *presets)
{
    free(presets->path);
    free(presets->text);
    free(presets->items);
    free(presets->settings);
    *presets = (struct pp_presets){0};
}

const struct pp_preset *pp_presets_find(const struct pp_presets *presets, const char *name)
{
    for (size_t i = 0; i < presets->count; i++)
        if (!strcmp(presets->items[i].name, name))
            return &presets->items[i];
    return NULL;
}
