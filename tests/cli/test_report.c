#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "cli/exits.h"
#include "cli/filter_list.h"
#include "cli/report.h"
#include "cli/terminal.h"

/* A report whose words go to memory. */
struct fixture {
    char *text;
    size_t size;
    struct pp_terminal terminal;
    struct pp_report report;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    if (!f || !setlocale(LC_CTYPE, "C.UTF-8"))
        return -1;
    pp_terminal_init(&f->terminal, open_memstream(&f->text, &f->size));
    f->report.terminal = &f->terminal;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    fclose(f->terminal.stream);
    pp_terminal_release(&f->terminal);
    free(f->text);
    free(f);
    return 0;
}

static struct pp_file_report file_in_state(enum pp_file_state state, const char *why)
{
    struct pp_file_report file = {.state = state, .input = "in/a.png", .output = "out/a.png"};

    if (why)
        (void)pp_error_set(&file.error, PP_E_CORRUPT, "%s", why);
    return file;
}

static void done_files_are_silent_unless_verbose(void **state)
{
    struct fixture *f = *state;
    struct pp_file_report file = file_in_state(PP_FILE_DONE, NULL);

    file.seconds = 0.0123;
    file.worker = 3;
    snprintf(file.convert.path, sizeof file.convert.path, "luma");
    pp_report_file(&f->report, &file);
    assert_int_equal(f->size, 0);
    f->report.verbose = true;
    pp_report_file(&f->report, &file);
    assert_string_equal(f->text, "in/a.png -> out/a.png (path luma, 12 ms, worker 3)\n");
}

static void failures_are_shown_even_when_quiet(void **state)
{
    struct fixture *f = *state;
    struct pp_file_report file = file_in_state(PP_FILE_FAILED, "cannot decode: truncated");

    f->report.quiet = true;
    pp_report_file(&f->report, &file);
    assert_string_equal(f->text, "in/a.png: cannot decode: truncated\n");
}

static void skips_are_shown_when_verbose(void **state)
{
    struct fixture *f = *state;
    struct pp_file_report file = file_in_state(PP_FILE_SKIPPED, "output exists");

    pp_report_file(&f->report, &file);
    f->report.verbose = true;
    pp_report_file(&f->report, &file);
    assert_string_equal(f->text, "in/a.png: skipped: output exists\n");
}

static void warnings_are_counted_and_shown_when_verbose(void **state)
{
    struct fixture *f = *state;
    struct pp_file_report file = file_in_state(PP_FILE_DONE, NULL);

    file.convert.warnings = 3;
    snprintf(file.convert.warning, sizeof file.convert.warning, "extraneous bytes");
    pp_report_file(&f->report, &file);
    assert_int_equal(f->size, 0);
    assert_int_equal(f->report.warned, 1);
    f->report.verbose = true;
    pp_report_file(&f->report, &file);
    assert_ptr_equal(strstr(f->text, "in/a.png: warning: extraneous bytes (3 warnings)\n"),
                     f->text);
}

static void a_hostile_name_cannot_drive_the_terminal(void **state)
{
    struct fixture *f = *state;
    struct pp_file_report file = file_in_state(PP_FILE_FAILED, "empty");

    file.input = "a\033[31m\n\xff\xc3\xa9\xe2\x80\xae\\\xc2\x9b";
    pp_report_file(&f->report, &file);
    assert_string_equal(f->text,
                        "a\\x1B[31m\\n\\xFF\xc3\xa9\\xE2\\x80\\xAE\\\\\\xC2\\x9B: empty\n");
}

static void an_ascii_locale_shows_other_bytes_escaped(void **state)
{
    char text[32];

    (void)state;
    setlocale(LC_CTYPE, "C");
    pp_terminal_escape(text, sizeof text, "\xc3\xa9t\xe9");
    assert_string_equal(text, "\\xC3\\xA9t\\xE9");
}

static void a_text_too_long_is_cut_visibly(void **state)
{
    char text[12];

    (void)state;
    pp_terminal_escape(text, sizeof text, "12345678901");
    assert_string_equal(text, "12345678901");
    pp_terminal_escape(text, sizeof text, "123456789012");
    assert_string_equal(text, "12345678...");
    pp_terminal_escape(text, sizeof text, "1234567\n\n\n");
    assert_string_equal(text, "1234567...");
}

static void any_text_is_escaped_within_any_size(void **state)
{
    char text[64], source[40];
    unsigned random = 1;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        size_t size = 8 + round % 40, length = round % sizeof source;

        for (size_t i = 0; i < length; i++) {
            random = random * 1664525u + 1013904223u;
            source[i] = (char)(random >> 24 ? random >> 24 : 1);
        }
        source[length] = '\0';
        memset(text, 0x55, sizeof text);
        pp_terminal_escape(text, size, source);
        assert_true(strlen(text) < size);
        assert_int_equal(text[size], 0x55);
        for (const char *c = text; *c; c++)
            assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
    }
}

static void a_message_takes_the_status_line_away_first(void **state)
{
    struct fixture *f = *state;

    pp_terminal_draw(&f->terminal, "\033[31m50%\033[0m█");
    pp_terminal_draw(&f->terminal, "6%");
    pp_terminal_print(&f->terminal, "word");
    pp_terminal_print(&f->terminal, "word");
    assert_string_equal(f->text, "\r\033[31m50%\033[0m█\r6%  \r  \rword\nword\n");
}

static void summary_counts_all_and_groups_the_reasons(void **state)
{
    struct fixture *f = *state;
    struct pp_file_report a = file_in_state(PP_FILE_FAILED, "truncated");
    struct pp_file_report b = file_in_state(PP_FILE_FAILED, "empty");
    struct pp_file_report c = file_in_state(PP_FILE_SKIPPED, "output exists");
    struct pp_batch_result result = {.progress = {.done = 500,
                                                  .failed = 3,
                                                  .skipped = 1,
                                                  .total = 504,
                                                  .bytes_in = 14900000,
                                                  .bytes_out = 9300000,
                                                  .pixels = 102120000,
                                                  .seconds = 61.2,
                                                  .seconds_worked = 1.2}};

    pp_report_file(&f->report, &a);
    pp_report_file(&f->report, &b);
    pp_report_file(&f->report, &b);
    pp_report_file(&f->report, &c);
    pp_report_summary(&f->report, &result);
    assert_string_equal(strstr(f->text, "500 converted"),
                        "500 converted, 3 failed, 1 skipped; 14.9 MB in, 9.3 MB out; 61.2 s, "
                        "416.7 images/s, 85.1 MP/s\n"
                        "failed:\n       2  empty\n       1  truncated\n"
                        "skipped:\n       1  output exists\n");
}

static void drift_is_shown_even_when_quiet_and_counted(void **state)
{
    struct fixture *f = *state;
    struct pp_batch_result result = {.progress = {.done = 1, .total = 1}, .drifted = 2};

    f->report.quiet = true;
    pp_report_drift(&f->report, "out/a\n.png", "not in the manifest");
    pp_report_summary(&f->report, &result);
    assert_string_equal(f->text, "out/a\\n.png: not in the manifest\n");
    f->report.quiet = false;
    pp_report_summary(&f->report, &result);
    assert_non_null(strstr(f->text, "\n2 differ from the manifest\n"));
    assert_int_equal(pp_exit_of_batch(PP_OK, &result), PP_EXIT_FILES_FAILED);
}

static void quiet_has_no_summary(void **state)
{
    struct fixture *f = *state;
    struct pp_batch_result result = {.progress = {.done = 1, .total = 1}};

    f->report.quiet = true;
    pp_report_summary(&f->report, &result);
    assert_int_equal(f->size, 0);
}

static void lost_messages_are_owned_up_to_even_when_quiet(void **state)
{
    struct fixture *f = *state;
    struct pp_batch_result result = {.progress = {.done = 1, .total = 1}};

    f->report.quiet = true;
    f->terminal.lost = 2;
    pp_report_summary(&f->report, &result);
    assert_string_equal(f->text, "2 messages could not be shown\n");
}

static void a_thousand_reasons_take_no_more_room_than_sixteen(void **state)
{
    struct fixture *f = *state;
    struct pp_batch_result result = {.progress = {.failed = 1000, .total = 1000}};

    for (unsigned i = 0; i < 1000; i++) {
        struct pp_file_report file = file_in_state(PP_FILE_FAILED, NULL);

        (void)pp_error_set(&file.error, PP_E_CORRUPT, "reason %u", i);
        pp_report_file(&f->report, &file);
    }
    pp_report_summary(&f->report, &result);
    assert_int_equal(f->report.reason_count, PP_REPORT_REASONS);
    assert_non_null(strstr(f->text, "     984  for other reasons\n"));
}

static void a_dry_run_lists_pairs_one_a_line(void **state)
{
    struct fixture *f = *state;
    struct pp_file_report file = file_in_state(PP_FILE_DONE, NULL);
    char *list = NULL;
    size_t size = 0;

    file.input = "in/a\nb.png";
    f->report.listing = open_memstream(&list, &size);
    pp_report_file(&f->report, &file);
    fclose(f->report.listing);
    assert_string_equal(list, "in/a\\nb.png -> out/a.png\n");
    assert_int_equal(f->size, 0);
    free(list);
}

static void every_filters_example_is_a_valid_chain(void **state)
{
    const struct pp_filter *filter;
    struct pp_error err = {0};

    (void)state;
    for (size_t i = 0; (filter = pp_filter_at(i)); i++) {
        struct pp_chain *chain = NULL;
        char text[256];

        pp_filter_list_example(filter, text, sizeof text);
        if (pp_chain_parse(text, &chain, &err) != PP_OK)
            fail_msg("%s: %s", text, err.text);
        pp_chain_free(chain);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(done_files_are_silent_unless_verbose),
        TEST(failures_are_shown_even_when_quiet),
        TEST(skips_are_shown_when_verbose),
        TEST(warnings_are_counted_and_shown_when_verbose),
        TEST(a_hostile_name_cannot_drive_the_terminal),
        TEST(an_ascii_locale_shows_other_bytes_escaped),
        TEST(a_text_too_long_is_cut_visibly),
        TEST(any_text_is_escaped_within_any_size),
        TEST(a_message_takes_the_status_line_away_first),
        TEST(summary_counts_all_and_groups_the_reasons),
        TEST(drift_is_shown_even_when_quiet_and_counted),
        TEST(quiet_has_no_summary),
        TEST(lost_messages_are_owned_up_to_even_when_quiet),
        TEST(a_thousand_reasons_take_no_more_room_than_sixteen),
        TEST(a_dry_run_lists_pairs_one_a_line),
        TEST(every_filters_example_is_a_valid_chain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
