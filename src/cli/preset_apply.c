#include "cli/preset_apply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/nearest.h"
#include "cli/preset_list.h"
#include "cli/values.h"

/* In the user's file or among those built in; options->presets becomes where it was found. */
static enum pp_status find(struct pp_options *options, const struct pp_preset **preset,
                           struct pp_error *err)
{
    const char *nearest;
    enum pp_status status = pp_presets_read_own(&options->presets, err);

    if (status != PP_OK)
        return status;
    *preset = pp_presets_find(&options->presets, options->preset);
    if (*preset)
        return PP_OK;
    pp_presets_release(&options->presets);
    status = pp_presets_read_built_in(&options->presets, err);
    if (status != PP_OK)
        return status;
    *preset = pp_presets_find(&options->presets, options->preset);
    if (*preset)
        return PP_OK;
    nearest = pp_preset_nearest(options->preset);
    return pp_error_set(err, PP_E_USAGE,
                        "--preset: \"%s\": unknown%s%s%s; \"pixpool presets\" lists "
                        "them",
                        options->preset, nearest ? ", did you mean \"" : "", nearest ? nearest : "",
                        nearest ? "\"" : "");
}

/* Room for one more text. */
static bool grow(struct pp_text_list *list)
{
    const char **texts = reallocarray(list->texts, list->count + 2, sizeof *texts);

    if (texts)
        list->texts = texts;
    return texts;
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words && strcmp(*words, text) != 0)
        words++;
    return *words;
}

/* An option that takes no value. *wanted: it is switched on. */
static enum pp_status read_switch(const char *name, const char *value, bool *wanted,
                                  struct pp_error *err)
{
    static const char *const yes[] = {"yes", "true", "on", "1", NULL};
    static const char *const no[] = {"no", "false", "off", "0", NULL};

    *wanted = !value || is_one_of(value, yes);
    if (*wanted || is_one_of(value, no))
        return PP_OK;
    return pp_error_set(err, PP_E_USAGE, "%s: \"%s\": neither yes nor no", name, value);
}

static enum pp_status store(const struct pp_option *option, const char *value,
                            struct pp_options *options, struct pp_error *err)
{
    if (!value && option->argument && option->argument[0] != '[')
        return pp_error_set(err, PP_E_USAGE, "%s: its value is missing: %s", option->name,
                            option->argument);
    if (option->kind == PP_OPTION_LIST &&
        !grow((struct pp_text_list *)(void *)((char *)options + option->member)))
        return pp_error_set(err, PP_E_NO_MEMORY, "the preset: out of memory");
    return pp_option_store(option, value, options, err);
}

/* One line. *stored: it has had an effect. */
static enum pp_status apply(const struct pp_preset_setting *setting, const struct pp_option *option,
                            struct pp_options *options, bool *stored, struct pp_error *err)
{
    struct pp_error why = {0};
    const char *value = setting->value;
    enum pp_status status = PP_OK;

    *stored = true;
    if (!option->argument) {
        status = read_switch(setting->name, value, stored, &why);
        value = NULL;
    }
    if (status == PP_OK && *stored)
        status = store(option, value, options, &why);
    if (status == PP_E_USAGE)
        return pp_presets_refuse(&options->presets, setting->line, why.text, err);
    return status == PP_OK ? PP_OK : pp_error_set(err, status, "%s", why.text);
}

/* The option of that name, which is one a preset may have. */
static size_t index_of(const char *name)
{
    const struct pp_option *option;
    size_t index = 0;

    while ((option = pp_option_at(index)) &&
           (strcmp(option->name, name) != 0 || option->group == PP_GROUP_INFO))
        index++;
    return index;
}

/* Whether the command line says something else. */
static bool is_overruled(const struct pp_option_parser *parser, size_t index,
                         bool (*are_contrary)(const char *one, const char *other))
{
    const struct pp_option *option = pp_option_at(index), *other;

    if (parser->given[index])
        return true;
    for (size_t i = 0; (other = pp_option_at(i)); i++)
        if (parser->given[i] && are_contrary(option->name, other->name))
            return true;
    return false;
}

enum pp_status pp_preset_apply(struct pp_option_parser *parser, struct pp_options *options,
                               bool (*are_contrary)(const char *one, const char *other),
                               struct pp_error *err)
{
    const struct pp_preset *preset = NULL;
    bool stored[PP_OPTIONS_MAX] = {false};
    enum pp_status status = find(options, &preset, err);

    for (size_t i = 0; status == PP_OK && i < preset->count; i++) {
        const struct pp_preset_setting *setting = &options->presets.settings[preset->first + i];
        const size_t index = index_of(setting->name);
        bool has_effect = false;

        if (!strcmp(setting->name, "filters")) {
            options->preset_filters = setting;
            continue;
        }
        if (is_overruled(parser, index, are_contrary) ||
            (parser->command == PP_COMMAND_BENCH && !pp_option_serves_bench(pp_option_at(index))))
            continue;
        status = apply(setting, pp_option_at(index), options, &has_effect, err);
        stored[index] |= has_effect;
    }
    for (size_t i = 0; i < PP_OPTIONS_MAX; i++)
        parser->given[i] |= stored[i];
    return status;
}
