#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "batch/resume_proofs.h"
#include "batch/resume_settings.h"

static const struct pp_journal_record run = {.kind = PP_JOURNAL_RUN, .settings = "mine"};
static const struct pp_journal_record other_run = {.kind = PP_JOURNAL_RUN, .settings = "other"};
static const struct pp_journal_record done = {
    .kind = PP_JOURNAL_OUTPUT,
    .input = "/in/a.jpg",
    .output = "/out/a.jpg",
    .in = {.size = 10, .seconds = 1, .nanoseconds = 2},
    .out = {.size = 20, .inode = 5, .seconds = 3, .nanoseconds = 4}};
static const struct pp_journal_record failed = {
    .kind = PP_JOURNAL_FAILED, .input = "/in/a.jpg", .status = PP_E_CORRUPT};

/* Everything as `done` says it was. */
static struct pp_proof_question unchanged(void)
{
    struct pp_proof_question question = {
        .input = done.input, .output = done.output, .in = done.in, .out = done.out};

    question.in.inode = 99; /* that of an input is of no account */
    return question;
}

static void begin(struct pp_proofs *proofs)
{
    assert_int_equal(pp_proofs_init(proofs, "mine", NULL), PP_OK);
    assert_int_equal(pp_proofs_add(proofs, &run, NULL), PP_OK);
}

static void add(struct pp_proofs *proofs, const struct pp_journal_record *record)
{
    assert_int_equal(pp_proofs_add(proofs, record, NULL), PP_OK);
}

static void assert_answer(const struct pp_proofs *proofs, struct pp_proof_question question,
                          enum pp_proof expected)
{
    assert_int_equal(pp_proofs_ask(proofs, &question), expected);
}

static void nothing_is_proven_by_an_empty_journal(void **state)
{
    (void)state;
    struct pp_proofs proofs;

    begin(&proofs);
    assert_answer(&proofs, unchanged(), PP_PROOF_NONE);
    pp_proofs_release(&proofs);
}

static void done_is_what_is_as_it_was_and_nothing_else(void **state)
{
    (void)state;
    struct pp_proofs proofs;
    struct pp_proof_question question;

    begin(&proofs);
    add(&proofs, &done);
    assert_answer(&proofs, unchanged(), PP_PROOF_DONE);
    question = unchanged(), question.input = "/in/b.jpg";
    assert_answer(&proofs, question, PP_PROOF_NONE);
    question = unchanged(), question.output = "/out/b.jpg";
    assert_answer(&proofs, question, PP_PROOF_NONE);
    question = unchanged(), question.in.size++;
    assert_answer(&proofs, question, PP_PROOF_NONE);
    question = unchanged(), question.in.seconds++;
    assert_answer(&proofs, question, PP_PROOF_NONE);
    question = unchanged(), question.in.nanoseconds++;
    assert_answer(&proofs, question, PP_PROOF_NONE);
    question = unchanged(), question.out.size--;
    assert_answer(&proofs, question, PP_PROOF_NONE);
    question = unchanged(), question.out.seconds--;
    assert_answer(&proofs, question, PP_PROOF_NONE);
    question = unchanged(), question.out.nanoseconds--;
    assert_answer(&proofs, question, PP_PROOF_NONE);
    question = unchanged(), question.out = (struct pp_journal_file){0};
    assert_answer(&proofs, question, PP_PROOF_NONE);
    question = unchanged(), question.out.inode = 6; /* after a copy to another disk */
    assert_answer(&proofs, question, PP_PROOF_DONE);
    pp_proofs_release(&proofs);
}

static void an_output_with_its_inputs_time_must_be_the_very_file(void **state)
{
    (void)state;
    struct pp_proofs proofs;
    struct pp_proof_question question = unchanged();

    begin(&proofs);
    proofs.by_inode = true;
    add(&proofs, &done);
    assert_answer(&proofs, question, PP_PROOF_DONE);
    question.out.inode = 6;
    assert_answer(&proofs, question, PP_PROOF_NONE);
    pp_proofs_release(&proofs);
}

static void in_place_the_output_is_the_input_by_now(void **state)
{
    (void)state;
    struct pp_proofs proofs;
    struct pp_proof_question question = unchanged();

    begin(&proofs);
    proofs.in_place = true;
    add(&proofs, &done);
    question.in = done.out;
    assert_answer(&proofs, question, PP_PROOF_DONE);
    question.in = question.out = done.in; /* killed before it was replaced */
    assert_answer(&proofs, question, PP_PROOF_NONE);
    pp_proofs_release(&proofs);
}

static void a_run_with_other_settings_proves_nothing(void **state)
{
    (void)state;
    struct pp_proofs proofs;

    assert_int_equal(pp_proofs_init(&proofs, "mine", NULL), PP_OK);
    add(&proofs, &done);
    assert_answer(&proofs, unchanged(), PP_PROOF_NONE);
    add(&proofs, &other_run);
    add(&proofs, &done);
    add(&proofs, &failed);
    assert_answer(&proofs, unchanged(), PP_PROOF_NONE);
    add(&proofs, &run);
    add(&proofs, &done);
    add(&proofs, &other_run);
    add(&proofs, &failed);
    assert_answer(&proofs, unchanged(), PP_PROOF_DONE);
    pp_proofs_release(&proofs);
}

static void what_failed_is_to_be_tried_until_it_is_done(void **state)
{
    (void)state;
    struct pp_proofs proofs;
    struct pp_proof_question mended = unchanged(), killed = unchanged();

    begin(&proofs);
    add(&proofs, &failed);
    mended.in.size = 11;
    assert_answer(&proofs, mended, PP_PROOF_FAILED);
    add(&proofs, &done);
    assert_answer(&proofs, unchanged(), PP_PROOF_DONE);
    killed.out = (struct pp_journal_file){0}; /* before the output had its name */
    assert_answer(&proofs, killed, PP_PROOF_FAILED);
    pp_proofs_release(&proofs);
}

static void the_last_output_counts(void **state)
{
    (void)state;
    struct pp_proofs proofs;
    struct pp_journal_record later = done;
    struct pp_proof_question question = unchanged();

    later.out.seconds = 1000;
    begin(&proofs);
    add(&proofs, &done);
    add(&proofs, &later);
    assert_answer(&proofs, question, PP_PROOF_NONE);
    question.out = later.out;
    assert_answer(&proofs, question, PP_PROOF_DONE);
    pp_proofs_release(&proofs);
}

static void a_hundred_thousand_files_take_four_megabytes(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct pp_proofs proofs;
    struct pp_journal_record record = done;
    struct pp_proof_question question = unchanged();
    char input[64];

    begin(&proofs);
    record.input = question.input = input;
    for (int i = 0; i < COUNT; i++) {
        snprintf(input, sizeof input, "/in/%d.jpg", i);
        record.out.size = (uint64_t)i;
        add(&proofs, &record);
    }
    for (int i = 0; i < COUNT; i++) {
        snprintf(input, sizeof input, "/in/%d.jpg", i);
        question.out.size = (uint64_t)i;
        assert_answer(&proofs, question, PP_PROOF_DONE);
    }
    assert_int_equal(proofs.used, COUNT);
    assert_true(proofs.size * sizeof *proofs.slots <= 4 << 20);
    pp_proofs_release(&proofs);
}

/* ---- the settings in words ---- */

static void settings_text(struct pp_batch_settings settings, const char *filters,
                          struct pp_text *text)
{
    struct pp_chain *chain;

    assert_int_equal(pp_chain_parse(filters, &chain, NULL), PP_OK);
    settings.chain = chain;
    assert_int_equal(pp_resume_settings(&settings, &settings.encode, text, NULL), PP_OK);
    pp_chain_free(chain);
}

static bool is_same(struct pp_batch_settings a, const char *a_filters, struct pp_batch_settings b,
                    const char *b_filters)
{
    struct pp_text a_text = {0}, b_text = {0};

    settings_text(a, a_filters, &a_text);
    settings_text(b, b_filters, &b_text);
    bool same = strcmp(a_text.bytes, b_text.bytes) == 0;
    pp_text_release(&a_text);
    pp_text_release(&b_text);
    return same;
}

static void spelling_does_not_count_but_filters_and_their_arguments_do(void **state)
{
    (void)state;
    const struct pp_batch_settings plain = {0};

    assert_true(is_same(plain, "gray,blur=2", plain, " gray , blur = 2.0"));
    assert_true(is_same(plain, "resize=800x600", plain, "resize=size=800x600"));
    assert_false(is_same(plain, "gray,blur=2", plain, "blur=2,gray"));
    assert_false(is_same(plain, "gray,blur=2", plain, "gray,blur=2.000000001"));
    assert_false(is_same(plain, "gray", plain, "gray=rec709"));
    assert_false(is_same(plain, "resize=80x60", plain, "resize=80x61"));
    assert_false(is_same(plain, "resize=80%", plain, "resize=80x80"));
}

static void every_option_that_makes_other_outputs_counts(void **state)
{
    (void)state;
    const struct pp_batch_settings plain = {0};
    const struct pp_batch_settings others[] = {
        {.encode.format = PP_FORMAT_PNG}, {.encode.quality = 80},
        {.encode.progressive = true},     {.encode.subsampling = PP_SUBSAMPLING_444},
        {.encode.png_level = 1},          {.path = PP_DECODE_FULL},
        {.outputs.prefix = "x"},          {.outputs.suffix = "x"},
        {.outputs.in_place = ""},         {.outputs.in_place = ".old"},
        {.outputs.preserve = true},       {.outputs.prefix = "1:\nsuffix 1:x"},
    };
    const struct pp_batch_settings same = {
        .jobs = 3, .threads = 2, .memory = 1, .retries = 4, .outputs.path = "elsewhere"};

    assert_true(is_same(plain, "gray", same, "gray"));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(is_same(plain, "gray", others[i], "gray"));
        for (size_t j = 0; j < i; j++)
            assert_false(is_same(others[j], "gray", others[i], "gray"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_proven_by_an_empty_journal),
        cmocka_unit_test(done_is_what_is_as_it_was_and_nothing_else),
        cmocka_unit_test(an_output_with_its_inputs_time_must_be_the_very_file),
        cmocka_unit_test(in_place_the_output_is_the_input_by_now),
        cmocka_unit_test(a_run_with_other_settings_proves_nothing),
        cmocka_unit_test(what_failed_is_to_be_tried_until_it_is_done),
        cmocka_unit_test(the_last_output_counts),
        cmocka_unit_test(a_hundred_thousand_files_take_four_megabytes),
        cmocka_unit_test(spelling_does_not_count_but_filters_and_their_arguments_do),
        cmocka_unit_test(every_option_that_makes_other_outputs_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
