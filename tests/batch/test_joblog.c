#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch/joblog.h"
#include "support_tree.h"

#define COLUMNS "Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand\n"

static void assert_quoted(const char *word, const char *expected)
{
    struct pp_text text = {0};

    assert_int_equal(pp_joblog_quote(&text, word, NULL), PP_OK);
    assert_string_equal(text.bytes, expected);
    pp_text_release(&text);
}

static void a_word_is_quoted_as_a_shell_reads_it(void **state)
{
    (void)state;
    assert_quoted("in/a-1_b.jpg", "in/a-1_b.jpg");
    assert_quoted("", "''");
    assert_quoted("a b.jpg", "'a b.jpg'");
    assert_quoted("it's $HOME.jpg", "'it'\\''s $HOME.jpg'");
    assert_quoted("Br\xc3\xbc"
                  "cke.jpg",
                  "Br\xc3\xbc"
                  "cke.jpg");
    assert_quoted("a\tb\nc\\'.jpg", "$'a\\011b\\012c\\134\\047.jpg'");
    assert_quoted("\xff"
                  "1.jpg",
                  "$'\\3771.jpg'");
    assert_quoted("\033[31m", "$'\\033[31m'");
}

static void write_reports(bool append, const struct pp_file_report *reports, size_t count)
{
    struct pp_joblog joblog;

    assert_int_equal(pp_joblog_open(&joblog, "joblog", append, NULL), PP_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pp_joblog_file(&joblog, &reports[i], NULL), PP_OK);
    pp_joblog_close(&joblog);
}

/* Read the file's lines; returns how many. */
static size_t read_lines(char lines[][512], size_t room)
{
    FILE *file = fopen("joblog", "re");
    size_t count = 0;

    assert_non_null(file);
    while (count < room && fgets(lines[count], 512, file))
        count++;
    fclose(file);
    return count;
}

/* Column `index` of a line, from 0. */
static const char *column(const char *line, unsigned index)
{
    static char text[512];

    for (; index > 0; index--)
        line = strchr(line, '\t') + 1;
    snprintf(text, sizeof text, "%.*s", (int)strcspn(line, "\t\n"), line);
    return text;
}

static const struct pp_file_report reports[] = {
    {.state = PP_FILE_DONE,
     .input = "in/a.jpg",
     .output = "out/a.jpg",
     .convert = {.bytes_in = 1000, .bytes_out = 500},
     .attempt = 1,
     .seconds = 1.5},
    {.state = PP_FILE_SKIPPED, .input = "in/skipped.jpg", .output = "out/skipped.jpg"},
    {.state = PP_FILE_FAILED,
     .input = "in/b\n.jpg",
     .output = "out/b\n.jpg",
     .error = {.status = PP_E_CRASHED, .text = "crashed"},
     .convert = {.bytes_in = 7, .bytes_out = 3},
     .attempt = 2,
     .signal = 11},
    {.state = PP_FILE_FAILED, .input = "in/missing.jpg", .error = {.status = PP_E_READ}},
};

static void columns_are_those_of_gnu_parallel(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    char lines[8][512];

    write_reports(false, reports, 4);
    assert_int_equal(read_lines(lines, 8), 4);
    assert_string_equal(lines[0], COLUMNS);
    assert_string_equal(column(lines[1], 0), "1");
    assert_string_equal(column(lines[1], 1), ":");
    assert_true(strtod(column(lines[1], 2), NULL) > 1.6e9);
    assert_string_equal(column(lines[1], 3), "     1.500");
    assert_non_null(strstr(lines[1], "\t1000\t500\t0\t0\tin/a.jpg out/a.jpg\n"));
    assert_string_equal(column(lines[2], 0), "2");
    assert_non_null(strstr(lines[2], "\t7\t0\t1\t11\t$'in/b\\012.jpg' $'out/b\\012.jpg'\n"));
    assert_non_null(strstr(lines[3], "\t0\t0\t1\t0\tin/missing.jpg\n"));
    tree_leave(&tree);
}

static void a_run_resumed_goes_on_counting(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    char lines[8][512];

    write_reports(true, reports, 3);
    FILE *file = fopen("joblog", "ae");
    assert_non_null(file);
    fputs("3\t:\t1", file); /* and there the disk was full */
    fclose(file);
    write_reports(true, reports, 1);
    write_reports(true, reports, 1);
    assert_int_equal(read_lines(lines, 8), 6);
    assert_string_equal(column(lines[1], 0), "1");
    assert_string_equal(column(lines[2], 0), "2");
    assert_string_equal(lines[3], "3\t:\t1\n");
    assert_string_equal(column(lines[4], 0), "3");
    assert_string_equal(column(lines[5], 0), "4");
    write_reports(false, reports, 1);
    assert_int_equal(read_lines(lines, 8), 2);
    tree_leave(&tree);
}

static void a_file_that_is_no_joblog_stays_as_it_is(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_error err = {0};
    struct pp_joblog joblog;

    tree_write("notes", "Seq of thoughts\n");
    assert_int_equal(pp_joblog_open(&joblog, "notes", false, NULL), PP_E_CONFLICT);
    assert_int_equal(pp_joblog_open(&joblog, "notes", true, &err), PP_E_CONFLICT);
    assert_string_equal(err.text, "cannot write the joblog: the file exists and is no joblog");
    assert_true(tree_has("notes", "Seq of thoughts\n"));
    tree_leave(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_is_quoted_as_a_shell_reads_it),
        cmocka_unit_test(columns_are_those_of_gnu_parallel),
        cmocka_unit_test(a_run_resumed_goes_on_counting),
        cmocka_unit_test(a_file_that_is_no_joblog_stays_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
