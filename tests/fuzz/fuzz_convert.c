/*
 * A picture from bytes through filters to bytes: decode, pipeline and encode as a worker does them.
 * Whatever comes in, a conversion ends with an error and its words, or with a picture that can be
 * decoded again; and over descriptors, with two threads, it comes to the same bytes as in memory.
 *
 * An input begins with eight bytes that choose filters, arguments and output; the rest is the file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pixpool/convert.h>

#include "fuzz.h"

#define FILTERS_MAX 3
#define PIXELS_MAX  (1 << 15)
#define MEMORY_MAX  (64 << 20)

/* Sound pictures more often than broken ones, and metadata of every kind. */
static const char *const folders[] = {"jpeg", "png", "hostile", NULL};
const struct fuzz_seeds fuzz_seeds = {.folders = folders, .head = 8};

struct text {
    char bytes[1024];
    size_t size;
};

static void append(struct text *text, const char *word)
{
    const size_t size = strlen(word);

    fuzz_ensure(text->size + size < sizeof text->bytes, "a chain too long for this program");
    memcpy(text->bytes + text->size, word, size + 1);
    text->size += size;
}

static void append_size(struct text *text, uint64_t *random)
{
    const uint32_t form = fuzz_below(random, 4), side = 1 + fuzz_below(random, 160);
    char word[32];

    if (form == 0)
        snprintf(word, sizeof word, "%ux%u", side, 1 + fuzz_below(random, 160));
    else if (form == 1)
        snprintf(word, sizeof word, "%ux", side);
    else
        snprintf(word, sizeof word, form == 2 ? "x%u" : "%u%%", side);
    append(text, word);
}

static void append_marked_size(struct text *text, const struct pp_param *param, uint32_t marks,
                               uint64_t *random)
{
    append_size(text, random);
    if (marks > 0 && fuzz_below(random, 3) == 0)
        append(text, param->choices[fuzz_below(random, marks)]);
}

static void append_number(struct text *text, const struct pp_param *param, uint64_t *random)
{
    double share = fuzz_below(random, 1001) / 1000.0, value;
    char word[32];

    share *= share * share; /* most ranges are far wider than what is used of them */
    value = param->min + share * (param->max - param->min);
    if (param->type == PP_PARAM_INTEGER)
        snprintf(word, sizeof word, "%lld", (long long)value);
    else
        snprintf(word, sizeof word, "%.3f", value);
    append(text, word);
}

static void append_value(struct text *text, const struct pp_param *param, uint64_t *random)
{
    uint32_t words = 0;

    while (param->choices && param->choices[words])
        words++;
    if (words > 0 && param->type != PP_PARAM_SIZE &&
        (param->type == PP_PARAM_CHOICE || fuzz_below(random, 2)))
        append(text, param->choices[fuzz_below(random, words)]);
    else if (param->type == PP_PARAM_SIZE)
        append_marked_size(text, param, words, random);
    else if (param->type == PP_PARAM_SWITCH)
        append(text, fuzz_below(random, 2) ? "1" : "0");
    else if (param->type == PP_PARAM_COLOR)
        append(text, fuzz_below(random, 2) ? "#12f8" : "olive");
    else if (param->type == PP_PARAM_TEXT)
        append(text, "text");
    else if (param->type == PP_PARAM_PICTURE)
        append(text, PP_TESTDATA "/png/rgba-16.png");
    else
        append_number(text, param, random);
}

static void append_filter(struct text *text, const struct pp_filter *filter, uint64_t *random)
{
    const char *mark = "=";

    append(text, pp_filter_name(filter));
    for (const struct pp_param *param = pp_filter_params(filter); param->name; param++) {
        if (!param->required && fuzz_below(random, 2))
            continue;
        append(text, mark);
        append(text, param->name);
        append(text, "=");
        append_value(text, param, random);
        mark = ":";
    }
}

/* What the cheap ways through a JPEG are for; at random they would hardly come up. */
static const char *const cheap[] = {"gray",
                                    "orient,gray",
                                    "orient",
                                    "rotate=90",
                                    "flip",
                                    "gray,flop",
                                    "rotate=180,crop=16x16:x=0:y=0",
                                    "resize=30%",
                                    "gray,resize=20%"};

static struct pp_chain *make_chain(const uint8_t *head)
{
    const uint32_t count = head[0] & 0x40 ? 0 : 1 + head[0] % FILTERS_MAX;
    uint64_t random = head[4] * UINT64_C(0x9E3779B97F4A7C15) + 1;
    struct pp_error err = {0};
    struct text text = {.size = 0};
    struct pp_chain *chain;
    size_t filters = 0;

    while (pp_filter_at(filters))
        filters++;
    if (count == 0)
        append(&text, cheap[head[1] % (sizeof cheap / sizeof cheap[0])]);
    for (uint32_t i = 0; i < count; i++) {
        append(&text, i > 0 ? "," : "");
        append_filter(&text, pp_filter_at(head[1 + i] % filters), &random);
    }
    if (pp_chain_parse(text.bytes, &chain, &err) != PP_OK)
        fuzz_ensure(err.text[0] && !chain, "a refused chain without a reason");
    /* Sometimes not: then conversions say so. */
    if (chain && head[4] % 8 > 0)
        fuzz_ensure(pp_chain_load(chain, &(struct pp_limits){0}, &err) == PP_OK, err.text);
    return chain;
}

static struct pp_convert_settings make_settings(const uint8_t *head)
{
    return (struct pp_convert_settings){
        .encode = {.format = (enum pp_format)(head[5] % 3),
                   .progressive = head[5] & 0x80,
                   .subsampling = (enum pp_subsampling)((head[5] >> 2) % 5),
                   .quality = head[6] % 4 == 3 ? (head[6] >> 1) % 101 : 0,
                   .png_level = (head[6] >> 1) % 14 - 1},
        .limits = {.max_pixels = PIXELS_MAX, .max_memory = MEMORY_MAX, .max_scans = 40},
        .color = {.to_srgb = head[7] & 0x40, .intent = (enum pp_intent)(head[7] >> 3 & 3)},
        .threads = 1,
        .path = head[7] % 8 < 5 ? (enum pp_decode_path)(head[7] % 8) : PP_DECODE_AUTO,
    };
}

struct converted {
    enum pp_status status;
    struct pp_convert_report report;
    struct pp_error err;
    void *data;
    size_t size;
};

static struct converted in_memory(const struct pp_chain *chain, const uint8_t *data, size_t size,
                                  const struct pp_convert_settings *settings)
{
    struct converted done = {0};

    done.status = pp_convert_memory(chain, data, size, &done.data, &done.size, settings,
                                    &done.report, &done.err);
    return done;
}

static int new_file(const void *data, size_t size)
{
    const int fd = memfd_create("fuzz", MFD_CLOEXEC);

    fuzz_ensure(fd >= 0 && write(fd, data, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0,
                "no memory for a file");
    return fd;
}

static struct converted by_descriptors(const struct pp_chain *chain, const uint8_t *data,
                                       size_t size, const struct pp_convert_settings *settings)
{
    struct converted done = {0};
    const int in = new_file(data, size), out = new_file("", 0);

    done.status = pp_convert_fd(chain, in, out, settings, &done.report, &done.err);
    if (done.status == PP_OK) {
        done.size = (size_t)lseek(out, 0, SEEK_END);
        done.data = malloc(done.size + 1);
        fuzz_ensure(done.data && pread(out, done.data, done.size, 0) == (ssize_t)done.size,
                    "the output cannot be read");
    }
    close(in);
    close(out);
    return done;
}

static const struct pp_convert_settings plainly = {
    .encode = {.format = PP_FORMAT_PNG, .png_level = PP_PNG_STORED}, .path = PP_DECODE_FULL};

/* Extraction copies the later scans of a progressive file without a look into them; who decodes
 * them finds them damaged, in the output as in the source. */
static bool is_as_bad(const struct converted *done, const struct converted *again,
                      const struct pp_chain *chain, struct fuzz_input source)
{
    struct converted first;

    if (again->status != PP_E_CORRUPT || strcmp(done->report.path, "extract") != 0)
        return false;
    first = in_memory(chain, source.at, source.left, &plainly);
    free(first.data);
    return first.status == PP_E_CORRUPT;
}

static void check_picture(const struct converted *done, enum pp_format wanted,
                          struct fuzz_input source)
{
    const struct pp_convert_report *report = &done->report;
    struct pp_chain *chain = NULL;
    struct converted again;

    fuzz_ensure(done->size > 0 && done->size == report->bytes_out, "a size that is not told");
    fuzz_ensure(report->out_format != PP_FORMAT_KEEP && report->path[0], "a report with holes");
    fuzz_ensure(wanted == PP_FORMAT_KEEP || wanted == report->out_format, "another format");
    fuzz_ensure(pp_chain_parse("flip", &chain, NULL) == PP_OK, "no memory");
    again = in_memory(chain, done->data, done->size, &plainly);
    if (again.status != PP_OK) {
        fuzz_ensure(is_as_bad(done, &again, chain, source), "the output cannot be decoded");
    }
    fuzz_ensure(again.report.in_format == report->out_format, "the output's format is not told");
    fuzz_ensure(again.report.in.width == report->out.width &&
                    again.report.in.height == report->out.height,
                "the output's size is not told");
    free(again.data);
    pp_chain_free(chain);
}

static void check(const struct converted *done, enum pp_format wanted, struct fuzz_input source)
{
    fuzz_ensure((done->status == PP_OK) == (done->err.text[0] == '\0'), "status and text disagree");
    fuzz_ensure(done->status == done->err.status, "two statuses");
    fuzz_ensure(done->status != PP_E_INTERNAL, "an internal error");
    fuzz_ensure((done->status == PP_OK) == (done->data != NULL), "status and output disagree");
    if (done->status == PP_OK)
        check_picture(done, wanted, source);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *head = data;
    struct pp_convert_settings settings;
    struct pp_chain *chain;

    if (size < fuzz_seeds.head)
        return 0;
    settings = make_settings(head);
    chain = make_chain(head);
    if (!chain)
        return 0;
    data += fuzz_seeds.head;
    size -= fuzz_seeds.head;
    struct converted a = in_memory(chain, data, size, &settings);
    check(&a, settings.encode.format, (struct fuzz_input){data, size});
    if (head[0] & 0x80) {
        settings.threads = 2;
        struct converted b = by_descriptors(chain, data, size, &settings);
        fuzz_ensure(a.status == b.status && a.size == b.size, "descriptors change the outcome");
        fuzz_ensure(a.size == 0 || memcmp(a.data, b.data, a.size) == 0, "other bytes");
        free(b.data);
    }
    free(a.data);
    pp_chain_free(chain);
    return 0;
}
