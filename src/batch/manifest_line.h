/*
 * batch/manifest_line.h - the text of a manifest.
 *
 * The first line says what made the outputs, each further one what an output is:
 *
 *     # pixpool manifest 1: gray,resize=800 --quality 80
 *     <SHA-256 of its pixels> <SHA-256 of its bytes>  path/below/the/output/directory.jpg
 *
 * in lower-case hexadecimal. From the second hash on it is a line as sha256sum(1) writes them and
 * checks them: two spaces before the name, and where the name has a backslash, a newline or a
 * carriage return in it, these as \\, \n and \r and a backslash before the hash. Pure; any thread.
 */
#ifndef PP_BATCH_MANIFEST_LINE_H
#define PP_BATCH_MANIFEST_LINE_H

#include <stdbool.h>

#include <pixpool/convert.h>
#include <pixpool/error.h>

#include "batch/text.h"
#include "pipeline/digest.h"

/* What every manifest begins with. */
#define PP_MANIFEST_MARK "# pixpool manifest 1: "

/* Set `title` to the first line, without its newline. Equal titles: equal filters and settings, as
 * far as they decide what comes out. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_manifest_title(struct pp_text *title, const char *filters,
                                 const struct pp_encode_settings *encode, enum pp_decode_path path,
                                 struct pp_error *err) PP_MUST_CHECK;

/* Append the line of an output, with its newline. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_manifest_add_line(struct pp_text *text, const char *path,
                                    const struct pp_digest *digest,
                                    struct pp_error *err) PP_MUST_CHECK;

/* Take a line without its newline apart; it is overwritten, and *path points into it. False when it
 * is none that pp_manifest_add_line() writes. */
bool pp_manifest_parse_line(char *line, const char **path, struct pp_digest *digest) PP_MUST_CHECK;

#endif
