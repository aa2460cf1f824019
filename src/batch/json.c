#include "batch/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "batch/encode.h"

static void put(struct pp_json *json, const char *bytes, size_t size)
{
    struct pp_error none = {0};

    if (!json->failed)
        json->failed = pp_text_add(&json->text, bytes, size, &none) != PP_OK;
}

void pp_json_end(struct pp_json *json, const char *end)
{
    put(json, end, strlen(end));
}

/* RFC 8259, section 7: quotation mark, reverse solidus and control characters. */
static void put_escaped(struct pp_json *json, unsigned char byte)
{
    static const char named[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *at = memchr(named, byte, sizeof named - 1);
    char text[8];

    if (at)
        snprintf(text, sizeof text, "\\%c", letters[at - named]);
    else
        snprintf(text, sizeof text, "\\u%04x", (unsigned)byte);
    pp_json_end(json, text);
}

static void put_string(struct pp_json *json, const char *value)
{
    put(json, "\"", 1);
    while (*value) {
        size_t plain = 0;
        while ((unsigned char)value[plain] >= ' ' && value[plain] != '"' && value[plain] != '\\')
            plain++;
        put(json, value, plain);
        value += plain;
        if (*value)
            put_escaped(json, (unsigned char)*value++);
    }
    put(json, "\"", 1);
}

static void put_key(struct pp_json *json, const char *key)
{
    put(json, ",", json->comma ? 1 : 0);
    json->comma = true;
    put_string(json, key);
    put(json, ":", 1);
}

void pp_json_open(struct pp_json *json, const char *key)
{
    if (key) {
        put_key(json, key);
    } else {
        pp_text_clear(&json->text);
        json->failed = false;
    }
    put(json, "{", 1);
    json->comma = false;
}

void pp_json_close(struct pp_json *json)
{
    put(json, "}", 1);
    json->comma = true;
}

void pp_json_open_list(struct pp_json *json, const char *key)
{
    put_key(json, key);
    put(json, "[", 1);
    json->comma = false;
}

void pp_json_open_item(struct pp_json *json)
{
    put(json, ",", json->comma ? 1 : 0);
    put(json, "{", 1);
    json->comma = false;
}

void pp_json_close_list(struct pp_json *json)
{
    put(json, "]", 1);
    json->comma = true;
}

/* A copy that is the caller's to lose. */
static void put_copy(struct pp_json *json, char *copy)
{
    if (copy)
        put_string(json, copy);
    else
        json->failed = true;
    free(copy);
}

void pp_json_string(struct pp_json *json, const char *key, const char *value)
{
    size_t length = strlen(value);

    put_key(json, key);
    if (pp_is_utf8(value, length))
        put_string(json, value);
    else
        put_copy(json, pp_encode_lossy(value, length));
}

void pp_json_name(struct pp_json *json, const char *key, const char *name)
{
    size_t length = strlen(name);
    char exact[32];

    pp_json_string(json, key, name);
    if (pp_is_utf8(name, length))
        return;
    snprintf(exact, sizeof exact, "%s_base64", key);
    put_key(json, exact);
    put_copy(json, pp_encode_base64(name, length));
}

void pp_json_number(struct pp_json *json, const char *key, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, value);
    put_key(json, key);
    pp_json_end(json, text);
}

void pp_json_flag(struct pp_json *json, const char *key, bool value)
{
    put_key(json, key);
    pp_json_end(json, value ? "true" : "false");
}

void pp_json_decimal(struct pp_json *json, const char *key, double value)
{
    char text[48];

    snprintf(text, sizeof text, "%.3f", value);
    put_key(json, key);
    pp_json_end(json, text);
}

void pp_json_release(struct pp_json *json)
{
    pp_text_release(&json->text);
    *json = (struct pp_json){0};
}
