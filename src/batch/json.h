/*
 * batch/json.h - JSON objects written member by member (RFC 8259), in the order given, on one line.
 *
 * An object that memory ran out for is known to be incomplete: nothing is left out unnoticed. One
 * thread at a time; zeroed is empty, and its memory serves for one object after the other.
 */
#ifndef PP_BATCH_JSON_H
#define PP_BATCH_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "batch/text.h"

struct pp_json {
    struct pp_text text;
    bool failed; /* memory ran out */
    bool comma;  /* the next member is not the object's first */
};

/* Begin an object: with a NULL key the outermost, and what was written before is gone. */
void pp_json_open(struct pp_json *json, const char *key);
/* End the innermost. */
void pp_json_close(struct pp_json *json);
/* A list of objects: open it, open and close each, close the list. */
void pp_json_open_list(struct pp_json *json, const char *key);
void pp_json_open_item(struct pp_json *json);
void pp_json_close_list(struct pp_json *json);
/* A member. Strings may be any bytes: U+FFFD stands for what is not UTF-8. Keys are plain ASCII. */
void pp_json_string(struct pp_json *json, const char *key, const char *value);
/* A name's bytes: where they are not UTF-8, the key with "_base64" has them exactly as well. */
void pp_json_name(struct pp_json *json, const char *key, const char *name);
void pp_json_number(struct pp_json *json, const char *key, uint64_t value);
void pp_json_flag(struct pp_json *json, const char *key, bool value);
/* With three decimals. */
void pp_json_decimal(struct pp_json *json, const char *key, double value);
/* Put what is no JSON behind the object, as a line's end. */
void pp_json_end(struct pp_json *json, const char *end);
void pp_json_release(struct pp_json *json);

#endif
