/*
 * cli/bench_file.h - the files of results: looked at before, written whole after, a benchmark.
 *
 * "-" stands for standard output.
 */
#ifndef PP_CLI_BENCH_FILE_H
#define PP_CLI_BENCH_FILE_H

#include <stddef.h>

#include <pixpool/error.h>

/* Whether results may go to `path`, asked before minutes are spent. A file that is neither empty
 * nor results is left alone: PP_E_CONFLICT. Else PP_E_WRITE. The text begins with the path. */
enum pp_status pp_bench_file_check(const char *path, struct pp_error *err) PP_MUST_CHECK;

/* Write `text`: under another name, which then takes the place of `path`. Pipes and devices are
 * written to as they are. Errors: PP_E_WRITE, PP_E_NO_SPACE. */
enum pp_status pp_bench_file_write(const char *path, const char *text,
                                   struct pp_error *err) PP_MUST_CHECK;

/* All of a file as a string, which the caller frees. Errors: PP_E_READ, PP_E_NO_MEMORY. */
enum pp_status pp_bench_file_read(const char *path, char **text,
                                  struct pp_error *err) PP_MUST_CHECK;

#endif
