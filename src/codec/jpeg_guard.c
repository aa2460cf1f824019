#include "codec/jpeg_guard.h"

#include <jerror.h>

/* Errors that mean "not served here" instead of "broken". */
static const int unsupported_codes[] = {
    JERR_ARITH_NOTIMPL,      JERR_EMPTY_IMAGE, JERR_BAD_PRECISION,        JERR_CCIR601_NOTIMPL,
    JERR_CONVERSION_NOTIMPL, JERR_NOTIMPL,     JERR_FRACT_SAMPLE_NOTIMPL, JERR_SOF_UNSUPPORTED};

static enum pp_status status_of(int code)
{
    if (code == JERR_OUT_OF_MEMORY)
        return PP_E_NO_MEMORY;
    if (code == JERR_IMAGE_TOO_BIG || code == JERR_WIDTH_OVERFLOW)
        return PP_E_LIMIT;
    for (size_t i = 0; i < sizeof(unsupported_codes) / sizeof(unsupported_codes[0]); i++) {
        if (unsupported_codes[i] == code)
            return PP_E_UNSUPPORTED;
    }
    return PP_E_CORRUPT;
}

/* Words without the numbers that libjpeg's have: equal faults read alike in every file. */
static const struct {
    int code;
    const char *text;
} plain_words[] = {
    {JERR_BAD_COMPONENT_ID, "a scan names a component that does not exist"},
    {JERR_DHT_INDEX, "a Huffman table has no valid number"},
    {JERR_DQT_INDEX, "a quantization table has no valid number"},
    {JERR_NO_HUFF_TABLE, "a Huffman table is missing"},
    {JERR_NO_QUANT_TABLE, "a quantization table is missing"},
    {JERR_UNKNOWN_MARKER, "unknown marker"},
};

static void describe_error(j_common_ptr cinfo, char text[JMSG_LENGTH_MAX])
{
    for (size_t i = 0; i < sizeof(plain_words) / sizeof(plain_words[0]); i++) {
        if (plain_words[i].code == cinfo->err->msg_code) {
            snprintf(text, JMSG_LENGTH_MAX, "%s", plain_words[i].text);
            return;
        }
    }
    cinfo->err->format_message(cinfo, text);
    pp_message_tidy(text);
}

/* Once the input has ended, whatever libjpeg then finds wrong follows from that. */
static void end_step(j_common_ptr cinfo)
{
    struct pp_jpeg_guard *guard = (struct pp_jpeg_guard *)cinfo->err;
    enum pp_status status = status_of(guard->base.msg_code);
    char text[JMSG_LENGTH_MAX];

    describe_error(cinfo, text);
    if (guard->ended && status == PP_E_CORRUPT)
        pp_error_set(guard->err, status, "file ends early");
    else
        pp_error_set(guard->err, status, "%s: %s",
                     cinfo->is_decompressor ? "cannot decode" : "cannot encode", text);
    pp_jpeg_escape(guard, status);
}

/* Whether a part of the picture is missing when `marker` stands where the scan should go on. Of
 * several scans each ends where the next one's segments begin (ITU-T T.81, B.2.1): blocks without
 * their mean value are missing then, but one that brings only detail (G.1.1.1: a band without DC,
 * or the bits that refine what earlier scans brought) leaves a picture that is whole. In a single
 * scan such a marker has strayed in, like any other but the end of the image. */
static bool ends_picture(j_decompress_ptr cinfo, int marker)
{
    enum { DHT = 0xC4, DAC = 0xCC, SOS = 0xDA, DQT = 0xDB, DRI = 0xDD };

    if (marker == JPEG_EOI)
        return true;
    if (!jpeg_has_multiple_scans(cinfo) || cinfo->Ss != 0 || cinfo->Ah != 0)
        return false;
    return marker == DHT || marker == DAC || marker == SOS || marker == DQT || marker == DRI;
}

/* Huffman decoding says so once when it runs into a marker, and makes up the rest up to the next
 * restart; there jpeg_resync_to_restart() reports what it came upon instead of the restart marker.
 */
static void watch_data(j_decompress_ptr cinfo, struct pp_jpeg_guard *guard)
{
    int code = guard->base.msg_code;

    if (code == JWRN_HIT_MARKER) {
        guard->data_lost = true;
        if (guard->ended || ends_picture(cinfo, cinfo->unread_marker))
            guard->truncated = true;
    } else if (code == JTRC_RECOVERY_ACTION && ends_picture(cinfo, guard->base.msg_parm.i[0])) {
        guard->truncated = true;
    }
}

static void count_warning(j_common_ptr cinfo, int level)
{
    struct pp_jpeg_guard *guard = (struct pp_jpeg_guard *)cinfo->err;
    char text[JMSG_LENGTH_MAX];

    if (cinfo->is_decompressor)
        watch_data((j_decompress_ptr)cinfo, guard);
    if (level >= 0)
        return;
    guard->base.format_message(cinfo, text);
    pp_warnings_add(&guard->warnings, text);
}

static void print_nothing(j_common_ptr cinfo)
{
    (void)cinfo;
}

void pp_jpeg_guard_init(struct pp_jpeg_guard *guard, const struct pp_warnings *warnings)
{
    *guard = (struct pp_jpeg_guard){.warnings = *warnings};
    jpeg_std_error(&guard->base);
    guard->base.error_exit = end_step;
    guard->base.emit_message = count_warning;
    guard->base.output_message = print_nothing;
}

enum pp_status pp_jpeg_guarded(struct pp_jpeg_guard *guard, enum pp_status (*step)(void *argument),
                               void *argument, struct pp_error *err)
{
    guard->err = err;
    if (setjmp(guard->escape) == 0)
        guard->status = step(argument);
    guard->err = NULL;
    return guard->status;
}

_Noreturn void pp_jpeg_escape(struct pp_jpeg_guard *guard, enum pp_status status)
{
    guard->status = status;
    longjmp(guard->escape, 1);
}
