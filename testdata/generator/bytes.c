#include "bytes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void fail(const char *what, const char *why)
{
    fprintf(stderr, "make_testdata: %s: %s\n", what, why);
    exit(1);
}

void *checked_alloc(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory)
        fail("allocation", strerror(errno));
    return memory;
}

void copy_bytes(void *to, const void *from, size_t size)
{
    if (size)
        memcpy(to, from, size);
}

void bytes_free(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}

static void reserve(struct bytes *bytes, size_t more)
{
    if (bytes->room - bytes->size >= more)
        return;
    size_t room = (bytes->size + more) * 2 + 64;
    uint8_t *data = realloc(bytes->data, room);
    if (!data)
        fail("allocation", strerror(errno));
    bytes->data = data;
    bytes->room = room;
}

void bytes_add(struct bytes *bytes, const void *data, size_t size)
{
    reserve(bytes, size);
    copy_bytes(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

void bytes_add_text(struct bytes *bytes, const char *text)
{
    bytes_add(bytes, text, strlen(text));
}

void bytes_add8(struct bytes *bytes, unsigned value)
{
    uint8_t byte = (uint8_t)value;
    bytes_add(bytes, &byte, 1);
}

void bytes_add16(struct bytes *bytes, unsigned value)
{
    bytes_add8(bytes, value >> 8);
    bytes_add8(bytes, value);
}

void bytes_add32(struct bytes *bytes, uint32_t value)
{
    bytes_add16(bytes, value >> 16);
    bytes_add16(bytes, value & 0xffff);
}

void bytes_zeros(struct bytes *bytes, size_t count)
{
    reserve(bytes, count);
    if (count)
        memset(bytes->data + bytes->size, 0, count);
    bytes->size += count;
}

struct bytes bytes_slice(const struct bytes *bytes, size_t from, size_t to)
{
    struct bytes slice = {0};
    bytes_add(&slice, bytes->data + from, to - from);
    return slice;
}

struct bytes bytes_spliced(const struct bytes *bytes, size_t from, size_t to,
                           const struct bytes *with)
{
    struct bytes result = bytes_slice(bytes, 0, from);
    if (with)
        bytes_add(&result, with->data, with->size);
    bytes_add(&result, bytes->data + to, bytes->size - to);
    return result;
}

static void full_name(const struct output *out, const char *name, char *path, size_t size)
{
    int length = snprintf(path, size, "%s/%s", out->root, name);
    if (length < 0 || (size_t)length >= size)
        fail(name, "the name is too long");
}

void output_folder(const struct output *out, const char *name)
{
    char path[4096];
    full_name(out, name, path, sizeof path);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        fail(path, strerror(errno));
}

void output_write(struct output *out, const char *name, const struct bytes *bytes)
{
    char path[4096];
    full_name(out, name, path, sizeof path);
    FILE *file = fopen(path, "wb");
    if (!file)
        fail(path, strerror(errno));
    size_t written = bytes->size ? fwrite(bytes->data, 1, bytes->size, file) : 0;
    if (fclose(file) != 0 || written != bytes->size)
        fail(path, strerror(errno));
    out->files++;
    out->total += bytes->size;
}

void output_take(struct output *out, const char *name, struct bytes bytes)
{
    output_write(out, name, &bytes);
    bytes_free(&bytes);
}
