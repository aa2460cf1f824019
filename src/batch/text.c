#include "batch/text.h"

#include <stdlib.h>
#include <string.h>

enum pp_status pp_text_add(struct pp_text *text, const void *bytes, size_t size,
                           struct pp_error *err)
{
    size_t wanted = text->length + size + 1;

    if (wanted > text->room) {
        size_t room = wanted < 128 ? 128 : 2 * wanted;
        char *grown = realloc(text->bytes, room);
        if (!grown)
            return pp_error_set(err, PP_E_NO_MEMORY, "file name: no memory for %zu bytes", room);
        text->bytes = grown;
        text->room = room;
    }
    if (size > 0)
        memcpy(text->bytes + text->length, bytes, size);
    text->length += size;
    text->bytes[text->length] = '\0';
    return PP_OK;
}

enum pp_status pp_text_add_string(struct pp_text *text, const char *string, struct pp_error *err)
{
    return pp_text_add(text, string, strlen(string), err);
}

enum pp_status pp_text_join(struct pp_text *text, const char *directory, const char *name,
                            struct pp_error *err)
{
    size_t length = strlen(directory);

    pp_text_clear(text);
    enum pp_status status = pp_text_add(text, directory, length, err);
    if (status == PP_OK && length > 0 && directory[length - 1] != '/')
        status = pp_text_add(text, "/", 1, err);
    return status == PP_OK ? pp_text_add_string(text, name, err) : status;
}

void pp_text_clear(struct pp_text *text)
{
    text->length = 0;
    if (text->bytes)
        text->bytes[0] = '\0';
}

void pp_text_release(struct pp_text *text)
{
    free(text->bytes);
    *text = (struct pp_text){0};
}
