#include "batch/manifest_line.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define HEX_SIZE ((size_t)2 * PP_DIGEST_BYTES)

/* ---- the title ----------------------------------------------------------------------------- */

/* White space around names and values says nothing. */
static enum pp_status add_filters(struct pp_text *title, const char *filters, struct pp_error *err)
{
    enum pp_status status = PP_OK;

    for (; status == PP_OK && *filters; filters++)
        if (!isspace((unsigned char)*filters))
            status = pp_text_add(title, filters, 1, err);
    return status;
}

static enum pp_status add_option(struct pp_text *title, const char *name, const char *value,
                                 struct pp_error *err)
{
    enum pp_status status = pp_text_add_string(title, name, err);

    return status == PP_OK ? pp_text_add_string(title, value, err) : status;
}

static enum pp_status add_number(struct pp_text *title, const char *name, int value,
                                 struct pp_error *err)
{
    char text[16];

    snprintf(text, sizeof text, "%d", value);
    return add_option(title, name, text, err);
}

static const char *subsampling_name(enum pp_subsampling subsampling)
{
    static const char *const names[] = {
        [PP_SUBSAMPLING_KEEP] = "keep", [PP_SUBSAMPLING_444] = "444", [PP_SUBSAMPLING_422] = "422",
        [PP_SUBSAMPLING_420] = "420",   [PP_SUBSAMPLING_440] = "440",
    };

    return (unsigned)subsampling < sizeof names / sizeof *names ? names[subsampling] : "unknown";
}

/* As the option that means it: the names of what goes, or where more than these go, of what stays.
 */
static enum pp_status add_strip(struct pp_text *title, unsigned strip, struct pp_error *err)
{
    static const char *const names[] = {"exif", "icc", "xmp", "iptc", "com", "gps"};
    const bool keeps = (strip & PP_STRIP_OTHER) != 0;
    const unsigned named = keeps ? ~strip : strip;
    const char *before = keeps ? " --keep " : " --strip=";
    enum pp_status status = PP_OK;

    if (strip == PP_STRIP_ALL)
        return add_option(title, " --strip=", "all", err);
    for (unsigned i = 0; status == PP_OK && i < sizeof names / sizeof *names; i++) {
        if (!(named & 1u << i))
            continue;
        status = add_option(title, before, names[i], err);
        before = ",";
    }
    return status;
}

/* What is not as by default, in the command line's words. */
static enum pp_status add_encoding(struct pp_text *title, const struct pp_encode_settings *encode,
                                   struct pp_error *err)
{
    enum pp_status status = PP_OK;

    if (encode->format != PP_FORMAT_KEEP)
        status = add_option(title, " --format ", pp_format_name(encode->format), err);
    if (status == PP_OK && encode->quality > 0)
        status = add_number(title, " --quality ", encode->quality, err);
    if (status == PP_OK && encode->progressive)
        status = add_option(title, " --progressive", "", err);
    if (status == PP_OK && encode->subsampling != PP_SUBSAMPLING_KEEP)
        status = add_option(title, " --subsampling ", subsampling_name(encode->subsampling), err);
    if (status == PP_OK && encode->png_level != 0)
        status = add_number(title, " --png-level ",
                            encode->png_level == PP_PNG_STORED ? 0 : encode->png_level, err);
    if (status == PP_OK && encode->strip > 0)
        status = add_strip(title, encode->strip, err);
    return status;
}

enum pp_status pp_manifest_title(struct pp_text *title, const char *filters,
                                 const struct pp_encode_settings *encode, enum pp_decode_path path,
                                 struct pp_error *err)
{
    pp_text_clear(title);
    enum pp_status status = pp_text_add_string(title, PP_MANIFEST_MARK, err);
    if (status == PP_OK)
        status = add_filters(title, filters, err);
    if (status == PP_OK)
        status = add_encoding(title, encode, err);
    if (status == PP_OK && path != PP_DECODE_AUTO)
        status = add_option(title, " --path ", pp_decode_path_name(path), err);
    return status;
}

/* ---- the line of an output ----------------------------------------------------------------- */

static enum pp_status add_hash(struct pp_text *text, const uint8_t hash[PP_DIGEST_BYTES],
                               struct pp_error *err)
{
    static const char digits[] = "0123456789abcdef";
    char hex[HEX_SIZE];

    for (size_t i = 0; i < PP_DIGEST_BYTES; i++) {
        hex[2 * i] = digits[hash[i] >> 4];
        hex[2 * i + 1] = digits[hash[i] & 15];
    }
    return pp_text_add(text, hex, sizeof hex, err);
}

static enum pp_status add_name(struct pp_text *text, const char *name, struct pp_error *err)
{
    enum pp_status status = PP_OK;

    for (; status == PP_OK && *name; name++) {
        const char *escape = *name == '\\'   ? "\\\\"
                             : *name == '\n' ? "\\n"
                             : *name == '\r' ? "\\r"
                                             : NULL;
        status = escape ? pp_text_add_string(text, escape, err) : pp_text_add(text, name, 1, err);
    }
    return status;
}

enum pp_status pp_manifest_add_line(struct pp_text *text, const char *path,
                                    const struct pp_digest *digest, struct pp_error *err)
{
    enum pp_status status = add_hash(text, digest->pixels, err);

    if (status == PP_OK)
        status = pp_text_add_string(text, path[strcspn(path, "\\\n\r")] ? " \\" : " ", err);
    if (status == PP_OK)
        status = add_hash(text, digest->bytes, err);
    if (status == PP_OK)
        status = pp_text_add_string(text, "  ", err);
    if (status == PP_OK)
        status = add_name(text, path, err);
    return status == PP_OK ? pp_text_add_string(text, "\n", err) : status;
}

/* ---- and back ------------------------------------------------------------------------------ */

/* The value of a digit, -1 for none. */
static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What follows the hash at `text`, NULL when there is none; a NUL is no digit. */
static char *parse_hash(char *text, uint8_t hash[PP_DIGEST_BYTES])
{
    for (size_t i = 0; i < PP_DIGEST_BYTES; i++) {
        int high = digit_value(text[2 * i]);
        int low = high < 0 ? -1 : digit_value(text[2 * i + 1]);
        if (low < 0)
            return NULL;
        hash[i] = (uint8_t)(high << 4 | low);
    }
    return text + HEX_SIZE;
}

/* In place; false for an escape that nobody writes. */
static bool unescape(char *name)
{
    char *to = name;

    for (const char *from = name; *from; from++) {
        char c = *from;
        if (c == '\\') {
            c = *++from;
            if (c != '\\' && c != 'n' && c != 'r')
                return false;
            c = c == 'n' ? '\n' : c == 'r' ? '\r' : '\\';
        }
        *to++ = c;
    }
    *to = '\0';
    return true;
}

bool pp_manifest_parse_line(char *line, const char **path, struct pp_digest *digest)
{
    char *at = parse_hash(line, digest->pixels);

    if (!at || *at++ != ' ')
        return false;
    bool escaped = *at == '\\';
    at = parse_hash(at + escaped, digest->bytes);
    if (!at || at[0] != ' ' || at[1] != ' ' || at[2] == '\0')
        return false;
    *path = at + 2;
    digest->taken = true;
    return !escaped || unescape(at + 2);
}
