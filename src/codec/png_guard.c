#include "codec/png_guard.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libpng's only sign that an allocation failed is the words; they begin a sentence or do not. */
static const char *const memory_words[] = {"ut of memory", "nsufficient memory"};

static enum pp_status status_of(const char *message)
{
    for (size_t i = 0; i < sizeof(memory_words) / sizeof(memory_words[0]); i++) {
        if (strstr(message, memory_words[i]))
            return PP_E_NO_MEMORY;
    }
    return PP_E_CORRUPT;
}

static _Noreturn void end_step(png_struct *png, const char *message)
{
    struct pp_png_guard *guard = png_get_error_ptr(png);
    char text[PP_WARNING_TEXT];

    snprintf(text, sizeof(text), "%s", message);
    pp_message_tidy(text);
    enum pp_status status = status_of(message);
    pp_error_set(guard->err, status, "%s: %s", guard->failure, text);
    pp_png_escape(guard, status);
}

static void count_warning(png_struct *png, const char *message)
{
    struct pp_png_guard *guard = png_get_error_ptr(png);

    pp_warnings_add(&guard->warnings, message);
}

/* Each allocation begins with its size, in a place that keeps what follows aligned. */
union header {
    size_t size;
    max_align_t alignment;
};

static void *allocate(png_struct *png, size_t size)
{
    struct pp_png_guard *guard = png_get_mem_ptr(png);

    if (size > SIZE_MAX - sizeof(union header))
        return NULL;
    if (guard->budget > 0 && size > guard->budget - guard->allocated)
        return NULL;
    union header *header = malloc(sizeof(*header) + size);
    if (!header)
        return NULL;
    header->size = size;
    guard->allocated += size;
    guard->total += size;
    return header + 1;
}

static void release(png_struct *png, void *memory)
{
    struct pp_png_guard *guard = png_get_mem_ptr(png);

    if (!memory)
        return;
    union header *header = (union header *)memory - 1;
    guard->allocated -= header->size;
    free(header);
}

static png_struct *checked(struct pp_png_guard *guard, png_struct *png)
{
    if (!png)
        pp_png_escape(guard,
                      pp_error_set(guard->err, PP_E_NO_MEMORY, "%s: no memory", guard->failure));
    /* What libpng can put right, and metadata it would rather not write, is a warning. */
    png_set_benign_errors(png, 1);
    return png;
}

png_struct *pp_png_new_read_struct(struct pp_png_guard *guard)
{
    guard->failure = "cannot decode";
    return checked(guard, png_create_read_struct_2(PNG_LIBPNG_VER_STRING, guard, end_step,
                                                   count_warning, guard, allocate, release));
}

png_struct *pp_png_new_write_struct(struct pp_png_guard *guard)
{
    guard->failure = "cannot encode";
    return checked(guard, png_create_write_struct_2(PNG_LIBPNG_VER_STRING, guard, end_step,
                                                    count_warning, guard, allocate, release));
}

enum pp_status pp_png_guarded(struct pp_png_guard *guard, enum pp_status (*step)(void *argument),
                              void *argument, struct pp_error *err)
{
    guard->err = err;
    if (setjmp(guard->escape) == 0)
        guard->status = step(argument);
    free(guard->scratch);
    guard->scratch = NULL;
    guard->err = NULL;
    return guard->status;
}

_Noreturn void pp_png_escape(struct pp_png_guard *guard, enum pp_status status)
{
    guard->status = status;
    longjmp(guard->escape, 1);
}
