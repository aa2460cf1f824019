/*
 * cli/presets.h - filters and options under a name.
 *
 * Some are built in; more, or others under the same names, come from a file of the user's:
 *     # a comment
 *     [web]
 *     filters = orient,resize=1600x1600,gray
 *     quality = 82
 *     progressive
 * Each line of a preset is "filters" or a long option without its dashes, with the value it takes;
 * one that takes none may stand alone or be "yes" or "no". White space around names and values does
 * not count. What begins with # or ; is a comment, up to the line's end.
 */
#ifndef PP_CLI_PRESETS_H
#define PP_CLI_PRESETS_H

#include <stddef.h>

#include <pixpool/error.h>

struct pp_preset_setting {
    const char *name, *value; /* value: NULL where the name stands alone */
    unsigned line;
};

struct pp_preset {
    const char *name;
    unsigned line;
    size_t first, count; /* of the settings */
};

/* The presets of one file. Zeroed: none. */
struct pp_presets {
    char *path;                         /* owned; NULL: they are built in */
    char *text;                         /* owned; all names and values are parts of it */
    struct pp_preset *items;            /* owned, in the file's order */
    struct pp_preset_setting *settings; /* owned */
    size_t count, setting_count;
};

/* Errors of both: PP_E_USAGE ("path:line: what: why"), PP_E_READ, PP_E_NO_MEMORY; nothing is to be
 * released then. A file that is missing has no presets. */
enum pp_status pp_presets_read_own(struct pp_presets *presets, struct pp_error *err) PP_MUST_CHECK;
enum pp_status pp_presets_read_built_in(struct pp_presets *presets,
                                        struct pp_error *err) PP_MUST_CHECK;
/* From `text`, which becomes the presets' own, as `path` does, in any case. */
enum pp_status pp_presets_parse(struct pp_presets *presets, char *path, char *text,
                                struct pp_error *err) PP_MUST_CHECK;
void pp_presets_release(struct pp_presets *presets);

/* The one of that name, or NULL. */
const struct pp_preset *pp_presets_find(const struct pp_presets *presets, const char *name);

/* An error about a line: "path:line: why". Returns PP_E_USAGE. */
enum pp_status pp_presets_refuse(const struct pp_presets *presets, unsigned line, const char *why,
                                 struct pp_error *err);

#endif
