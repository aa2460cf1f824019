#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <json-c/json.h>

#include "batch/job.h"
#include "batch/log.h"
#include "support_tree.h"

static struct json_object *logged(const struct pp_file_report *report)
{
    static char line[4096];
    struct pp_log log;

    assert_int_equal(pp_log_open(&log, "log", NULL), PP_OK);
    assert_int_equal(pp_log_file(&log, report, NULL), PP_OK);
    pp_log_close(&log);
    FILE *file = fopen("log", "re");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
    struct json_object *record = json_tokener_parse(line);
    assert_non_null(record);
    return record;
}

static const char *text_of(struct json_object *record, const char *key)
{
    struct json_object *value = json_object_object_get(record, key);

    return value ? json_object_get_string(value) : NULL;
}

static void a_record_tells_all_there_is_to_tell(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_file_report report = {
        .state = PP_FILE_DONE,
        .input = "in/\"quoted\"\n.jpg",
        .output = "out/a.png",
        .convert = {.in_format = PP_FORMAT_JPEG,
                    .out_format = PP_FORMAT_PNG,
                    .in = {640, 480, 1, 8, 1},
                    .out = {320, 240, 1, 8, 1},
                    .bytes_in = 1000,
                    .bytes_out = 500,
                    .stage_ns = {1500000, 2, 3, 4, 5},
                    .warnings = 2,
                    .warning = "odd",
                    .path = "luma"},
        .worker = 3,
        .attempt = 2,
        .seconds = 0.25,
    };
    struct json_object *record = logged(&report);
    struct json_object *stages = json_object_object_get(record, "ms");

    assert_string_equal(text_of(record, "input"), report.input);
    assert_string_equal(text_of(record, "output"), "out/a.png");
    assert_string_equal(text_of(record, "status"), "done");
    assert_null(text_of(record, "error"));
    assert_string_equal(text_of(record, "pixels"), "307200");
    assert_string_equal(text_of(record, "path"), "luma");
    assert_string_equal(text_of(record, "worker"), "3");
    assert_string_equal(text_of(record, "attempt"), "2");
    assert_string_equal(text_of(record, "warning"), "odd");
    assert_string_equal(text_of(stages, "read"), "1.500");
    json_object_put(record);
    tree_leave(&tree);
}

static void a_name_that_is_not_utf8_is_there_in_base64_too(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_file_report report = {.state = PP_FILE_FAILED, .input = "\xff.jpg"};

    pp_error_set(&report.error, PP_E_CORRUPT, "cannot decode: \xfe");
    struct json_object *record = logged(&report);
    assert_string_equal(text_of(record, "input"), "\xef\xbf\xbd.jpg");
    assert_string_equal(text_of(record, "input_base64"), "/y5qcGc=");
    assert_string_equal(text_of(record, "reason"), "corrupt");
    assert_string_equal(text_of(record, "error"), "cannot decode: \xef\xbf\xbd");
    assert_null(text_of(record, "worker"));
    json_object_put(record);
    tree_leave(&tree);
}

static void a_file_that_is_no_log_is_not_overwritten(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_error err = {0};
    struct pp_log log;

    tree_write("precious.jpg", "\xff\xd8 a picture");
    assert_int_equal(pp_log_open(&log, "precious.jpg", &err), PP_E_CONFLICT);
    assert_int_equal(log.lines.fd, -1);
    assert_true(tree_has("precious.jpg", "\xff\xd8 a picture"));
    tree_write("package.json", "{ \"name\": 1 }");
    assert_int_equal(pp_log_open(&log, "package.json", NULL), PP_E_CONFLICT);
    assert_true(tree_has("package.json", "{ \"name\": 1 }"));
    tree_write("old.log", "{\"input\":1}\n");
    assert_int_equal(pp_log_open(&log, "old.log", NULL), PP_OK);
    pp_log_close(&log);
    assert_true(tree_has("old.log", ""));
    tree_leave(&tree);
}

static void a_pipe_whose_reader_is_slow_makes_nobody_wait_and_loses_nothing(void **state)
{
    (void)state;
    enum { RECORDS = 5000 };
    struct tree tree = tree_enter();
    struct pp_file_report report = {.state = PP_FILE_FAILED, .input = "in/a.jpg"};
    struct pp_log log;
    char text[65536];
    size_t lines = 0;

    pp_error_set(&report.error, PP_E_CORRUPT, "cannot decode: %0200d", 1);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    int reader = open("fifo", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_int_equal(pp_log_open(&log, "fifo", NULL), PP_OK);
    for (int i = 0; i < RECORDS; i++)
        assert_int_equal(pp_log_file(&log, &report, NULL), PP_OK);
    assert_true(pp_log_is_behind(&log));
    while (log.lines.waiting_size > 0 || lines < RECORDS) {
        ssize_t got = read(reader, text, sizeof text);
        assert_true(got > 0);
        for (ssize_t i = 0; i < got; i++)
            lines += text[i] == '\n';
        assert_int_equal(pp_log_flush(&log, 0, NULL), PP_OK);
    }
    assert_int_equal(lines, RECORDS);
    close(reader);
    assert_int_equal(pp_log_file(&log, &report, NULL), PP_E_WRITE);
    pp_log_close(&log);
    tree_leave(&tree);
}

static void a_result_is_believed_only_when_an_honest_worker_could_have_written_it(void **state)
{
    (void)state;
    struct pp_job_result honest = {.report = {.in = {4, 3, 3, 8, 1}, .out = {4, 3, 1, 8, 1}}};
    struct pp_job_result read, forged;

    assert_true(pp_job_result_read(&read, &honest, sizeof honest));
    assert_false(pp_job_result_read(&read, &honest, sizeof honest - 1));
    forged = honest;
    forged.error.status = (enum pp_status)PP_STATUS_COUNT;
    assert_false(pp_job_result_read(&read, &forged, sizeof forged));
    forged = honest;
    memset(forged.error.text, 'x', sizeof forged.error.text);
    assert_false(pp_job_result_read(&read, &forged, sizeof forged));
    forged = honest;
    memset(forged.report.path, 'x', sizeof forged.report.path);
    assert_false(pp_job_result_read(&read, &forged, sizeof forged));
    forged = honest;
    forged.report.out_format = (enum pp_format)77;
    assert_false(pp_job_result_read(&read, &forged, sizeof forged));
    forged = honest;
    forged.report.in.channels = 5;
    assert_false(pp_job_result_read(&read, &forged, sizeof forged));
    forged = honest;
    forged.report.out.height = 0;
    assert_false(pp_job_result_read(&read, &forged, sizeof forged));
}

static void the_sandbox_is_told_once_with_the_first_file_a_worker_had(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    const struct pp_file_report skipped = {.state = PP_FILE_SKIPPED, .input = "a"};
    const struct pp_file_report done = {.state = PP_FILE_DONE, .input = "b", .attempt = 1};
    char lines[3][4096];
    struct pp_log log;

    assert_int_equal(pp_log_open(&log, "log", NULL), PP_OK);
    assert_int_equal(pp_log_file(&log, &skipped, NULL), PP_OK);
    pp_log_sandbox(&log, "seccomp");
    assert_int_equal(pp_log_file(&log, &done, NULL), PP_OK);
    assert_int_equal(pp_log_file(&log, &done, NULL), PP_OK);
    pp_log_close(&log);
    FILE *file = fopen("log", "re");
    assert_non_null(file);
    for (int i = 0; i < 3; i++)
        assert_non_null(fgets(lines[i], sizeof lines[i], file));
    fclose(file);
    assert_null(strstr(lines[0], "sandbox"));
    assert_non_null(strstr(lines[1], "\"sandbox\":\"seccomp\""));
    assert_null(strstr(lines[2], "sandbox"));
    tree_leave(&tree);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_tells_all_there_is_to_tell),
        cmocka_unit_test(a_name_that_is_not_utf8_is_there_in_base64_too),
        cmocka_unit_test(a_file_that_is_no_log_is_not_overwritten),
        cmocka_unit_test(a_pipe_whose_reader_is_slow_makes_nobody_wait_and_loses_nothing),
        cmocka_unit_test(a_result_is_believed_only_when_an_honest_worker_could_have_written_it),
        cmocka_unit_test(the_sandbox_is_told_once_with_the_first_file_a_worker_had),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
