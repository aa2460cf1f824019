#include "cli/preset_list.h"

#include "cli/nearest.h"
#include "cli/terminal.h"

#define SHOWN 2048

static void put(FILE *out, const char *before, const char *text, const char *after)
{
    char shown[SHOWN];

    pp_terminal_escape(shown, sizeof shown, text);
    fprintf(out, "%s%s%s", before, shown, after);
}

static void put_preset(FILE *out, const struct pp_presets *presets, const struct pp_preset *preset)
{
    put(out, "[", preset->name, "]\n");
    for (size_t i = 0; i < preset->count; i++) {
        const struct pp_preset_setting *setting = &presets->settings[preset->first + i];

        put(out, "", setting->name, setting->value ? " = " : "\n");
        if (setting->value)
            put(out, "", setting->value, "\n");
    }
}

/* Those of `presets` that the file `before` them does not have too. */
static void put_presets(FILE *out, const struct pp_presets *presets,
                        const struct pp_presets *before)
{
    put(out, "# ", presets->path ? presets->path : "built in", "\n");
    for (size_t i = 0; i < presets->count; i++)
        if (!before || !pp_presets_find(before, presets->items[i].name)) {
            put_preset(out, presets, &presets->items[i]);
            fputc('\n', out);
        }
}

enum pp_status pp_preset_list_print(FILE *out, struct pp_error *err)
{
    struct pp_presets own, known;
    enum pp_status status = pp_presets_read_own(&own, err);

    if (status != PP_OK)
        return status;
    status = pp_presets_read_built_in(&known, err);
    if (status == PP_OK) {
        if (own.count)
            put_presets(out, &own, NULL);
        put_presets(out, &known, &own);
    }
    pp_presets_release(&own);
    pp_presets_release(&known);
    return status;
}

static const char *built_in_at(size_t index)
{
    static const char *const names[] = {"web", "thumb", "archive-gray", NULL};

    return names[index];
}

const char *pp_preset_nearest(const char *name)
{
    return pp_nearest_word(name, built_in_at);
}
