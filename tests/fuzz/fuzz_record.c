/*
 * What the supervisor does with the bytes a worker published for a conversion: it reads the result
 * and, for the log, writes names and texts of any bytes as JSON takes them.
 */
#include <stdlib.h>
#include <string.h>

#include "batch/encode.h"
#include "batch/job.h"
#include "fuzz.h"

const struct fuzz_seeds fuzz_seeds = {.noise = PP_RESULT_MAX + 64};

static void check_text(const char *text, size_t room)
{
    fuzz_ensure(memchr(text, '\0', room) != NULL, "a text without an end was believed");
}

static void check_geometry(const struct pp_geometry *geometry)
{
    fuzz_ensure((geometry->width == 0) == (geometry->height == 0), "half a size was believed");
    if (geometry->width == 0)
        return;
    fuzz_ensure(geometry->channels >= 1 && geometry->channels <= 4, "channels were believed");
    fuzz_ensure(geometry->depth == 8 || geometry->depth == 16, "a depth was believed");
}

static void check_result(const struct pp_job_result *result)
{
    check_text(result->error.text, sizeof result->error.text);
    check_text(result->report.warning, sizeof result->report.warning);
    check_text(result->report.path, sizeof result->report.path);
    check_geometry(&result->report.in);
    check_geometry(&result->report.out);
    fuzz_ensure(pp_status_name(result->error.status) && pp_format_name(result->report.in_format) &&
                    pp_format_name(result->report.out_format),
                "a number without a name was believed");
}

/* The bytes over the middle of a result that is sound otherwise, or alone. */
static void read_result(struct fuzz_input input)
{
    _Alignas(max_align_t) uint8_t record[PP_RESULT_MAX] = {0};
    struct pp_job_result result;
    size_t at = 0, size = sizeof result;

    if (fuzz_byte(&input) % 4 == 0)
        size = fuzz_number(&input, 2) % (sizeof record + 1);
    else
        at = fuzz_number(&input, 2) % sizeof result;
    fuzz_bytes(&input, record + at, sizeof record - at);
    if (pp_job_result_read(&result, record, size))
        check_result(&result);
}

/* The size of the sequence at `text`, 0 when it is none: The Unicode Standard 15.0, table 3-7. */
static size_t utf8_length(const uint8_t *text, size_t left)
{
    const uint8_t lead = text[0];
    const size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;

    if (size == 1)
        return 1;
    if (lead < 0xC2 || lead > 0xF4 || left < size || text[1] < low || text[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++)
        if (text[i] < 0x80 || text[i] > 0xBF)
            return 0;
    return size;
}

static void check_lossy(const uint8_t *data, size_t size)
{
    char *text = pp_encode_lossy((const char *)data, size);

    fuzz_ensure(text != NULL, "no memory");
    const size_t length = strlen(text);
    for (size_t at = 0, step; at < length; at += step) {
        step = utf8_length((const uint8_t *)text + at, length - at);
        fuzz_ensure(step > 0, "what is to be UTF-8 is none");
    }
    free(text);
}

static uint32_t digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (uint32_t)(at - digits) : 0;
}

static void check_base64(const uint8_t *data, size_t size)
{
    char *text = pp_encode_base64((const char *)data, size);

    fuzz_ensure(text != NULL && strlen(text) == (size + 2) / 3 * 4, "base64 of another length");
    for (size_t i = 0; i < size; i++) {
        const char *group = text + i / 3 * 4;
        const uint32_t bits =
            digit(group[0]) << 18 | digit(group[1]) << 12 | digit(group[2]) << 6 | digit(group[3]);
        fuzz_ensure((bits >> (16 - 8 * (i % 3)) & 0xFF) == data[i], "base64 of other bytes");
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_result((struct fuzz_input){data, size});
    check_lossy(data, size);
    check_base64(data, size);
    return 0;
}
