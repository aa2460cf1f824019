#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/journal.h"
#include "support_tree.h"

static const struct pp_journal_record samples[] = {
    {.kind = PP_JOURNAL_RUN, .settings = "filter 4:gray\n"},
    {.kind = PP_JOURNAL_OUTPUT,
     .input = "/in/\xff\n.jpg",
     .output = "/out/a.jpg",
     .in = {.size = UINT64_MAX, .seconds = -1, .nanoseconds = 999999999},
     .out = {.size = 4711, .inode = 12, .seconds = INT64_MAX, .nanoseconds = 1}},
    {.kind = PP_JOURNAL_FAILED, .input = "/in/b.png", .status = PP_E_CORRUPT},
    {.kind = PP_JOURNAL_FAILED, .input = "", .status = PP_E_INTERNAL},
};
#define SAMPLES (sizeof samples / sizeof *samples)

static void assert_file_equal(struct pp_journal_file a, struct pp_journal_file b)
{
    assert_true(a.size == b.size && a.inode == b.inode);
    assert_true(a.seconds == b.seconds && a.nanoseconds == b.nanoseconds);
}

static void assert_same_text(const char *a, const char *b)
{
    assert_true((a == NULL) == (b == NULL));
    if (a)
        assert_string_equal(a, b);
}

static void assert_record_equal(const struct pp_journal_record *a,
                                const struct pp_journal_record *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->status, b->status);
    assert_same_text(a->settings, b->settings);
    assert_same_text(a->input, b->input);
    assert_same_text(a->output, b->output);
    assert_file_equal(a->in, b->in);
    assert_file_equal(a->out, b->out);
}

/* A journal of the first `count` samples. */
static void write_samples(const char *path, size_t count)
{
    struct pp_journal journal;

    assert_int_equal(pp_journal_open(&journal, path, PP_JOURNAL_ANEW, NULL), PP_OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pp_journal_add(&journal, &samples[i], NULL), PP_OK);
    assert_int_equal(pp_journal_flush(&journal, true, NULL), PP_OK);
    pp_journal_close(&journal);
}

static size_t read_bytes(const char *path, char *bytes, size_t room)
{
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    size_t size = fread(bytes, 1, room, file);
    fclose(file);
    return size;
}

static void write_bytes(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

/* How many records the journal has, each of which must be the sample of its place. */
static size_t count_samples(struct pp_journal *journal)
{
    struct pp_journal_record record;
    size_t count = 0;
    bool any = true;

    while (pp_journal_next(journal, &record, &any, NULL) == PP_OK && any)
        assert_record_equal(&record, &samples[count++]);
    assert_false(any);
    return count;
}

static size_t samples_in(const char *path)
{
    struct pp_journal journal;

    assert_int_equal(pp_journal_open(&journal, path, PP_JOURNAL_GO_ON, NULL), PP_OK);
    size_t count = count_samples(&journal);
    pp_journal_close(&journal);
    return count;
}

static void what_was_flushed_is_read_back(void **state)
{
    (void)state;
    struct tree tree = tree_enter();

    write_samples("journal", SAMPLES);
    assert_int_equal(samples_in("journal"), SAMPLES);
    assert_int_equal(samples_in("journal"), SAMPLES);
    tree_leave(&tree);
}

static void what_was_not_flushed_is_not_there(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_journal journal;

    write_samples("journal", 2);
    assert_int_equal(pp_journal_open(&journal, "journal", PP_JOURNAL_GO_ON, NULL), PP_OK);
    assert_int_equal(count_samples(&journal), 2);
    assert_int_equal(pp_journal_add(&journal, &samples[2], NULL), PP_OK);
    pp_journal_close(&journal);
    assert_int_equal(samples_in("journal"), 2);
    tree_leave(&tree);
}

static void a_journal_cut_at_any_byte_keeps_its_whole_records_and_goes_on(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_journal journal;
    char bytes[1024];

    write_samples("journal", SAMPLES);
    size_t size = read_bytes("journal", bytes, sizeof bytes), most = 0;
    for (size_t cut = 0; cut < size; cut++) {
        write_bytes("journal", bytes, cut);
        assert_int_equal(pp_journal_open(&journal, "journal", PP_JOURNAL_GO_ON, NULL), PP_OK);
        size_t count = count_samples(&journal);
        assert_true(count >= most && count < SAMPLES);
        most = count;
        assert_int_equal(pp_journal_add(&journal, &samples[count], NULL), PP_OK);
        assert_int_equal(pp_journal_flush(&journal, false, NULL), PP_OK);
        pp_journal_close(&journal);
        assert_int_equal(samples_in("journal"), count + 1);
    }
    assert_int_equal(most, SAMPLES - 1);
    tree_leave(&tree);
}

static void a_bit_that_turned_ends_the_journal_before_its_record(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    char bytes[1024];

    write_samples("journal", SAMPLES);
    size_t size = read_bytes("journal", bytes, sizeof bytes);
    for (size_t bit = 8 * PP_JOURNAL_MAGIC_SIZE; bit < 8 * size; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        write_bytes("journal", bytes, size);
        assert_true(samples_in("journal") < SAMPLES);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    }
    tree_leave(&tree);
}

static void a_file_that_is_no_journal_stays_as_it_is(void **state)
{
    (void)state;
    static const char *const others[] = {"\xff\xd8 a picture", "pixpool log of mine", "p\n"};
    struct tree tree = tree_enter();
    struct pp_error err = {0};
    struct pp_journal journal;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        tree_write("precious", others[i]);
        for (int mode = PP_JOURNAL_ANEW; mode <= PP_JOURNAL_LOOK; mode++)
            assert_int_equal(
                pp_journal_open(&journal, "precious", (enum pp_journal_mode)mode, NULL),
                PP_E_USAGE);
        assert_true(tree_has("precious", others[i]));
    }
    tree_write("newer", "pixpool journal 2\nand what it may be");
    assert_int_equal(pp_journal_open(&journal, "newer", PP_JOURNAL_ANEW, &err), PP_E_USAGE);
    assert_non_null(strstr(err.text, "another version"));
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(pp_journal_open(&journal, "fifo", PP_JOURNAL_ANEW, NULL), PP_E_USAGE);
    assert_int_equal(pp_journal_open(&journal, "no/journal", PP_JOURNAL_ANEW, NULL), PP_E_WRITE);
    tree_leave(&tree);
}

static void two_runs_do_not_share_a_journal(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_error err = {0};
    struct pp_journal first, second;

    write_samples("journal", SAMPLES);
    assert_int_equal(pp_journal_open(&first, "journal", PP_JOURNAL_GO_ON, NULL), PP_OK);
    assert_int_equal(pp_journal_open(&second, "journal", PP_JOURNAL_ANEW, &err), PP_E_USAGE);
    assert_non_null(strstr(err.text, "another run has it"));
    assert_int_equal(count_samples(&first), SAMPLES);
    pp_journal_close(&first);
    assert_int_equal(pp_journal_open(&second, "journal", PP_JOURNAL_ANEW, NULL), PP_OK);
    pp_journal_close(&second);
    tree_leave(&tree);
}

static void a_look_changes_nothing(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct pp_journal journal;
    char bytes[1024];
    struct stat stat_buffer;

    assert_int_equal(pp_journal_open(&journal, "journal", PP_JOURNAL_LOOK, NULL), PP_OK);
    assert_int_equal(count_samples(&journal), 0);
    pp_journal_close(&journal);
    assert_int_not_equal(stat("journal", &stat_buffer), 0);
    write_samples("journal", SAMPLES);
    size_t size = read_bytes("journal", bytes, sizeof bytes);
    write_bytes("journal", bytes, size - 1);
    assert_int_equal(pp_journal_open(&journal, "journal", PP_JOURNAL_LOOK, NULL), PP_OK);
    assert_int_equal(count_samples(&journal), SAMPLES - 1);
    assert_int_equal(pp_journal_add(&journal, &samples[0], NULL), PP_OK);
    assert_int_equal(pp_journal_flush(&journal, true, NULL), PP_OK);
    pp_journal_close(&journal);
    assert_int_equal(read_bytes("journal", bytes, sizeof bytes), size - 1);
    tree_leave(&tree);
}

static void a_journal_without_room_says_so_and_stays_whole(void **state)
{
    (void)state;
    struct tree tree = tree_enter();
    struct rlimit limit, low;
    struct pp_journal journal;

    write_samples("journal", 1);
    assert_int_equal(pp_journal_open(&journal, "journal", PP_JOURNAL_GO_ON, NULL), PP_OK);
    assert_int_equal(count_samples(&journal), 1);
    assert_int_equal(pp_journal_add(&journal, &samples[1], NULL), PP_OK);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    low = limit;
    low.rlim_cur = journal.size + 10;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    enum pp_status status = pp_journal_flush(&journal, false, NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(status, PP_E_WRITE);
    assert_int_equal(read_bytes("journal", (char[1024]){0}, 1024), journal.size);
    pp_journal_close(&journal);
    assert_int_equal(samples_in("journal"), 1);
    tree_leave(&tree);
}

static void a_journal_of_many_records_is_read_whole(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    struct tree tree = tree_enter();
    struct pp_journal journal;
    struct pp_journal_record record = samples[1];
    char input[4097], output[64];
    size_t count = 0;
    bool any = true;

    memset(input, 'x', sizeof input - 1);
    input[sizeof input - 1] = '\0';
    assert_int_equal(pp_journal_open(&journal, "journal", PP_JOURNAL_ANEW, NULL), PP_OK);
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(output, sizeof output, "%zu", i);
        record.input = input + i % 4096;
        record.output = output;
        assert_int_equal(pp_journal_add(&journal, &record, NULL), PP_OK);
    }
    assert_int_equal(pp_journal_flush(&journal, false, NULL), PP_OK);
    pp_journal_close(&journal);
    assert_int_equal(pp_journal_open(&journal, "journal", PP_JOURNAL_GO_ON, NULL), PP_OK);
    while (pp_journal_next(&journal, &record, &any, NULL) == PP_OK && any) {
        assert_int_equal(strtoul(record.output, NULL, 10), count);
        assert_int_equal(strlen(record.input), 4096 - count % 4096);
        count++;
    }
    assert_int_equal(count, COUNT);
    pp_journal_close(&journal);
    tree_leave(&tree);
}

static void lengths_are_not_believed(void **state)
{
    (void)state;
    static const uint8_t huge[64] = {0xff, 0xff, 0xff, 0xff};
    static const uint8_t none[64] = {0};
    struct pp_journal_record record;
    struct pp_text bytes = {0};
    size_t taken;

    assert_int_equal(pp_journal_parse(huge, sizeof huge, &record, &taken), PP_JOURNAL_BAD);
    assert_int_equal(pp_journal_parse(none, sizeof none, &record, &taken), PP_JOURNAL_BAD);
    assert_int_equal(pp_journal_write(&samples[1], &bytes, NULL), PP_OK);
    for (size_t size = 0; size < bytes.length; size++) {
        uint8_t *part = malloc(size + 1); /* where a sanitizer sees what is read beyond it */
        assert_non_null(part);
        memcpy(part, bytes.bytes, size);
        assert_int_equal(pp_journal_parse(part, size, &record, &taken), PP_JOURNAL_MORE);
        free(part);
    }
    assert_int_equal(pp_journal_parse(bytes.bytes, bytes.length, &record, &taken),
                     PP_JOURNAL_RECORD);
    assert_int_equal(taken, bytes.length);
    pp_text_release(&bytes);
}

static void a_record_too_long_is_refused_and_leaves_the_others(void **state)
{
    (void)state;
    struct pp_text bytes = {0};
    char *endless = malloc(PP_JOURNAL_BODY_MAX + 1);

    assert_non_null(endless);
    memset(endless, 'x', PP_JOURNAL_BODY_MAX);
    endless[PP_JOURNAL_BODY_MAX] = '\0';
    const struct pp_journal_record record = {.kind = PP_JOURNAL_RUN, .settings = endless};
    assert_int_equal(pp_journal_write(&samples[0], &bytes, NULL), PP_OK);
    size_t length = bytes.length;
    assert_int_equal(pp_journal_write(&record, &bytes, NULL), PP_E_LIMIT);
    assert_int_equal(bytes.length, length);
    pp_text_release(&bytes);
    free(endless);
}

int main(void)
{
    signal(SIGXFSZ, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_flushed_is_read_back),
        cmocka_unit_test(what_was_not_flushed_is_not_there),
        cmocka_unit_test(a_journal_cut_at_any_byte_keeps_its_whole_records_and_goes_on),
        cmocka_unit_test(a_bit_that_turned_ends_the_journal_before_its_record),
        cmocka_unit_test(a_file_that_is_no_journal_stays_as_it_is),
        cmocka_unit_test(two_runs_do_not_share_a_journal),
        cmocka_unit_test(a_look_changes_nothing),
        cmocka_unit_test(a_journal_without_room_says_so_and_stays_whole),
        cmocka_unit_test(a_journal_of_many_records_is_read_whole),
        cmocka_unit_test(lengths_are_not_believed),
        cmocka_unit_test(a_record_too_long_is_refused_and_leaves_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
