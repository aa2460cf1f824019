/*
 * A slot holds the 24 upper bits of the name's hash as a tag and, plus one, the place of its record
 * in the file in its 40 lower bits: a terabyte of names. The lower bits of the hash choose the
 * slot; collisions go to the next free one.
 */
#include "batch/claims.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/unnamed.h"

#define PLACE_BITS 40
#define PLACE_MASK ((UINT64_C(1) << PLACE_BITS) - 1)
#define FIRST_SIZE ((size_t)4096)

enum pp_status pp_claims_init(struct pp_claims *claims, struct pp_error *err)
{
    *claims = (struct pp_claims){.size = FIRST_SIZE};
    claims->slots = calloc(claims->size, sizeof *claims->slots);
    if (!claims->slots)
        return pp_error_set(err, PP_E_NO_MEMORY, "output names: no memory");
    claims->names = pp_unnamed_file();
    if (!claims->names)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot keep the output names");
    return PP_OK;
}

void pp_claims_release(struct pp_claims *claims)
{
    if (claims->names)
        fclose(claims->names);
    free(claims->slots);
    pp_text_release(&claims->at);
    *claims = (struct pp_claims){0};
}

/* Read one NUL-terminated string at the file's position into `text`. */
static bool read_string(struct pp_claims *claims, struct pp_text *text)
{
    ssize_t length = getdelim(&text->bytes, &text->room, '\0', claims->names);

    text->length = length > 0 ? (size_t)length - 1 : 0;
    return length > 0;
}

/* Whether the record of `slot` is of `output`; its input is then what the file stands at. */
static bool record_matches(struct pp_claims *claims, uint64_t slot, const char *output)
{
    claims->reading = true;
    if (fseeko(claims->names, (off_t)((slot & PLACE_MASK) - 1), SEEK_SET) != 0)
        return false;
    return read_string(claims, &claims->at) && strcmp(claims->at.bytes, output) == 0;
}

/* The slot that holds `output`, or the empty one where it belongs. */
static size_t find_slot(struct pp_claims *claims, const char *output, uint64_t hash)
{
    size_t at = hash & (claims->size - 1);

    while (claims->slots[at] != 0) {
        bool same_tag = claims->slots[at] >> PLACE_BITS == hash >> PLACE_BITS;
        if (same_tag && record_matches(claims, claims->slots[at], output))
            break;
        at = (at + 1) & (claims->size - 1);
    }
    return at;
}

/* The tag does not tell the slot in a larger table: the names are read again, in one sweep. */
static enum pp_status grow(struct pp_claims *claims, struct pp_error *err)
{
    uint64_t *old = claims->slots, place = 0;
    size_t size = 2 * claims->size;
    struct pp_text input = {0};

    claims->slots = calloc(size, sizeof *claims->slots);
    if (!claims->slots) {
        claims->slots = old;
        return pp_error_set(err, PP_E_NO_MEMORY, "output names: no memory");
    }
    free(old);
    claims->size = size;
    claims->reading = true;
    rewind(claims->names);
    while (place < claims->end && read_string(claims, &claims->at) && read_string(claims, &input)) {
        uint64_t hash = pp_hash_name(claims->at.bytes);
        size_t at = hash & (size - 1);
        while (claims->slots[at] != 0)
            at = (at + 1) & (size - 1);
        claims->slots[at] = (hash >> PLACE_BITS << PLACE_BITS) | (place + 1);
        place += claims->at.length + 1 + input.length + 1;
    }
    pp_text_release(&input);
    if (place == claims->end)
        return PP_OK;
    return pp_error_errno(err, PP_E_WRITE, EIO, "cannot read back the output names");
}

static enum pp_status append_record(struct pp_claims *claims, const char *output, const char *input,
                                    struct pp_error *err)
{
    size_t output_size = strlen(output) + 1, input_size = strlen(input) + 1;

    /* Seeking flushes: only where reading has moved the file's position. */
    bool lost = claims->reading && fseeko(claims->names, 0, SEEK_END) != 0;
    claims->reading = false;
    if (lost || fwrite(output, 1, output_size, claims->names) != output_size ||
        fwrite(input, 1, input_size, claims->names) != input_size)
        return pp_error_errno(err, PP_E_WRITE, errno, "cannot keep the output names");
    claims->end += output_size + input_size;
    return PP_OK;
}

enum pp_status pp_claims_add(struct pp_claims *claims, const char *output, const char *input,
                             const char **first, struct pp_error *err)
{
    uint64_t hash = pp_hash_name(output);
    size_t at = find_slot(claims, output, hash);

    *first = NULL;
    if (claims->slots[at] != 0) {
        *first = read_string(claims, &claims->at) ? claims->at.bytes : "another input";
        return PP_OK;
    }
    uint64_t place = claims->end;
    enum pp_status status = append_record(claims, output, input, err);
    if (status != PP_OK)
        return status;
    claims->slots[at] = (hash >> PLACE_BITS << PLACE_BITS) | (place + 1);
    claims->used++;
    return claims->used > claims->size / 4 * 3 ? grow(claims, err) : PP_OK;
}

bool pp_claims_has(struct pp_claims *claims, const char *output)
{
    return claims->slots[find_slot(claims, output, pp_hash_name(output))] != 0;
}
