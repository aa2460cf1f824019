/*
 * One pass over the packet's tags, copying what stays. An element that goes takes all within it
 * along; what is within is still followed, so that its end is found.
 */
#include "image/xmp.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum tag_kind { TAG_OPEN, TAG_CLOSE, TAG_EMPTY, TAG_OTHER };

struct tag {
    enum tag_kind kind;
    const char *start, *end; /* with its brackets */
    const char *name;
    size_t name_size;
};

struct attribute {
    const char *start, *end; /* with the space in front of it and the quotes */
    const char *name, *value;
    size_t name_size, value_size;
};

struct editor {
    const struct pp_xmp_edit *edit;
    const char *at, *end;
    char *out;
    size_t used, room;
    unsigned depth; /* of elements within the one that goes; 0: nothing goes */
    bool changed;   /* something was set or taken out */
    bool broken;    /* no XML */
    bool no_memory;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool ends_name(char c)
{
    return is_space(c) || c == '=' || c == '>' || c == '/' || c == '<';
}

/* ---- output -------------------------------------------------------------------------------- */

static void copy(struct editor *editor, const char *from, size_t size)
{
    if (editor->no_memory || editor->broken || editor->depth > 0)
        return;
    if (size > editor->room - editor->used) {
        const size_t room = 2 * editor->room + size;
        char *out = realloc(editor->out, room);
        if (!out) {
            editor->no_memory = true;
            return;
        }
        editor->out = out;
        editor->room = room;
    }
    memcpy(editor->out + editor->used, from, size);
    editor->used += size;
}

static enum pp_xmp_verdict judge(struct editor *editor, const char *name, size_t size,
                                 const char **text)
{
    enum pp_xmp_verdict verdict = editor->edit->judge(editor->edit->argument, name, size, text);

    editor->changed = editor->changed || verdict != PP_XMP_KEEP;
    return verdict;
}

/* ---- tags ---------------------------------------------------------------------------------- */

static const char *find(const char *from, const char *end, const char *what)
{
    return memmem(from, (size_t)(end - from), what, strlen(what));
}

/* Comments, processing instructions, CDATA; NULL where there is no end, or for a DOCTYPE, which an
 * XMP packet has not. */
static const char *end_of_other(const char *start, const char *end)
{
    static const char *const others[][2] = {{"<!--", "-->"}, {"<?", "?>"}, {"<![CDATA[", "]]>"}};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        const size_t size = strlen(others[i][0]);
        if ((size_t)(end - start) < size || memcmp(start, others[i][0], size) != 0)
            continue;
        const char *found = find(start + size, end, others[i][1]);
        return found ? found + strlen(others[i][1]) : NULL;
    }
    return NULL;
}

/* Behind the bracket that ends the tag; brackets within quotes do not. */
static const char *end_of_tag(const char *at, const char *end)
{
    char quote = '\0';

    for (; at < end; at++) {
        if (quote)
            quote = *at == quote ? '\0' : quote;
        else if (*at == '"' || *at == '\'')
            quote = *at;
        else if (*at == '<')
            return NULL;
        else if (*at == '>')
            return at + 1;
    }
    return NULL;
}

/* The tag that begins at `start`; false: it is none. */
static bool read_tag(const char *start, const char *end, struct tag *tag)
{
    *tag = (struct tag){.kind = TAG_OTHER, .start = start};
    if (end - start >= 2 && (start[1] == '!' || start[1] == '?'))
        return (tag->end = end_of_other(start, end)) != NULL;
    tag->end = end_of_tag(start + 1, end);
    if (!tag->end)
        return false;
    tag->kind = start[1] == '/' ? TAG_CLOSE : tag->end[-2] == '/' ? TAG_EMPTY : TAG_OPEN;
    tag->name = start + (tag->kind == TAG_CLOSE ? 2 : 1);
    while (!ends_name(tag->name[tag->name_size]))
        tag->name_size++;
    return tag->name_size > 0;
}

/* The next attribute from `at` on, in front of the tag's end; false: there is none, or what stands
 * there is not one, and *broken says so. */
static bool read_attribute(const char *at, const char *end, struct attribute *attribute,
                           bool *broken)
{
    *attribute = (struct attribute){.start = at};
    while (at < end && is_space(*at))
        at++;
    if (at == end || *at == '/' || *at == '>')
        return false;
    attribute->name = at;
    while (at < end && !ends_name(*at))
        at++;
    attribute->name_size = (size_t)(at - attribute->name);
    while (at < end && (is_space(*at) || *at == '='))
        at++;
    *broken = at == end || (*at != '"' && *at != '\'') || attribute->name_size == 0;
    if (*broken)
        return false;
    attribute->value = at + 1;
    const char *close = memchr(attribute->value, *at, (size_t)(end - attribute->value));
    *broken = !close;
    if (!close)
        return false;
    attribute->value_size = (size_t)(close - attribute->value);
    attribute->end = close + 1;
    return true;
}

/* ---- the pass ------------------------------------------------------------------------------ */

static void edit_attribute(struct editor *editor, const struct attribute *attribute)
{
    const char *text = NULL;

    switch (judge(editor, attribute->name, attribute->name_size, &text)) {
    case PP_XMP_DROP:
        return;
    case PP_XMP_SET:
        copy(editor, attribute->start, (size_t)(attribute->value - attribute->start));
        copy(editor, text, strlen(text));
        copy(editor, attribute->end - 1, 1);
        return;
    case PP_XMP_KEEP:
        break;
    }
    copy(editor, attribute->start, (size_t)(attribute->end - attribute->start));
}

/* An opening tag that stays, attribute by attribute. */
static void edit_tag(struct editor *editor, const struct tag *tag)
{
    const char *at = tag->name + tag->name_size;
    struct attribute attribute;

    copy(editor, tag->start, (size_t)(at - tag->start));
    while (read_attribute(at, tag->end, &attribute, &editor->broken)) {
        edit_attribute(editor, &attribute);
        at = attribute.end;
    }
    copy(editor, at, (size_t)(tag->end - at));
}

/* Put `text` in place of what the element holds, if that is plain text: else it stays. */
static void set_text(struct editor *editor, const char *text)
{
    const char *next = memchr(editor->at, '<', (size_t)(editor->end - editor->at));

    if (!next || editor->end - next < 2 || next[1] != '/')
        return;
    copy(editor, text, strlen(text));
    editor->at = next;
}

static void open_element(struct editor *editor, const struct tag *tag)
{
    const char *text = NULL;
    enum pp_xmp_verdict verdict = judge(editor, tag->name, tag->name_size, &text);

    if (verdict == PP_XMP_DROP) {
        editor->depth = tag->kind == TAG_OPEN;
        return;
    }
    edit_tag(editor, tag);
    if (verdict == PP_XMP_SET && tag->kind == TAG_OPEN)
        set_text(editor, text);
}

static void take_tag(struct editor *editor, const struct tag *tag)
{
    editor->at = tag->end;
    if (editor->depth > 0) {
        editor->depth += tag->kind == TAG_OPEN;
        editor->depth -= tag->kind == TAG_CLOSE;
    } else if (tag->kind == TAG_OPEN || tag->kind == TAG_EMPTY) {
        open_element(editor, tag);
    } else {
        copy(editor, tag->start, (size_t)(tag->end - tag->start));
    }
}

static void edit_packet(struct editor *editor)
{
    struct tag tag;

    while (!editor->broken && editor->at < editor->end) {
        const char *next = memchr(editor->at, '<', (size_t)(editor->end - editor->at));
        if (!next)
            next = editor->end;
        copy(editor, editor->at, (size_t)(next - editor->at));
        editor->at = next;
        if (next < editor->end && !read_tag(next, editor->end, &tag))
            editor->broken = true;
        else if (next < editor->end)
            take_tag(editor, &tag);
    }
    editor->broken = editor->broken || editor->depth > 0;
}

static bool is_name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' ||
           c == '_' || c == '-' || c == '.';
}

/* Whether anything that could be a name, which has a colon in it, is one to be changed: mostly
 * there is none, and what is no proper XML may then stay as well. */
static bool mentions_any(const struct pp_xmp_edit *edit, const char *text, size_t size)
{
    const char *end = text + size, *at = text, *colon, *unheard;

    while ((colon = memchr(at, ':', (size_t)(end - at))) != NULL) {
        const char *start = colon;
        while (start > at && is_name_character(start[-1]))
            start--;
        for (at = colon + 1; at < end && is_name_character(*at);)
            at++;
        if (edit->judge(edit->argument, start, (size_t)(at - start), &unheard) != PP_XMP_KEEP)
            return true;
    }
    return false;
}

/* UTF-16 and UTF-32 have no place in these files (ISO 16684-1, 7.2; XMP part 3, 1.1), and would
 * hide what is looked for; zeros behind the packet's end are common. */
static bool is_utf8(const char *text, size_t size)
{
    while (size > 0 && text[size - 1] == '\0')
        size--;
    return !memchr(text, 0, size);
}

enum pp_status pp_xmp_change(const uint8_t *packet, size_t size, const struct pp_xmp_edit *edit,
                             uint8_t **result, size_t *result_size)
{
    const char *text = (const char *)packet;
    struct editor editor = {.edit = edit, .at = text, .end = text + size, .room = size + 64};

    *result = NULL;
    *result_size = 0;
    if (!is_utf8(text, size))
        return PP_E_CORRUPT;
    if (!mentions_any(edit, text, size))
        return PP_OK;
    editor.out = malloc(editor.room);
    if (!editor.out)
        return PP_E_NO_MEMORY;
    edit_packet(&editor);
    if (editor.no_memory || editor.broken || !editor.changed) {
        free(editor.out);
        return editor.no_memory ? PP_E_NO_MEMORY : editor.broken ? PP_E_CORRUPT : PP_OK;
    }
    *result = (uint8_t *)editor.out;
    *result_size = editor.used;
    return PP_OK;
}

/* ---- names --------------------------------------------------------------------------------- */

static bool has_word(const char *name, size_t length, const char *word)
{
    const size_t size = strlen(word);

    for (size_t i = 0; i + size <= length; i++) {
        if (strncasecmp(name + i, word, size) == 0)
            return true;
    }
    return false;
}

bool pp_xmp_is_place(const char *name, size_t length)
{
    static const char *const geo[] = {"geo:lat", "geo:long", "geo:alt", "geo:lat_long"};
    static const char *const words[] = {"latitude", "longitude", "longtitude"};
    const char *colon = memrchr(name, ':', length);
    const char *last = colon ? colon + 1 : name;
    const size_t last_length = length - (size_t)(last - name);

    for (size_t i = 0; i < sizeof(geo) / sizeof(geo[0]); i++) {
        if (strlen(geo[i]) == length && memcmp(geo[i], name, length) == 0)
            return true;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (has_word(last, last_length, words[i]))
            return true;
    }
    return last_length >= 3 && strncasecmp(last, "GPS", 3) == 0;
}
