#include "codec/jpeg_luma_state.h"

/* Add a marker with its segment. */
static enum pp_status add_segment(struct pp_jpeg_luma *luma, unsigned marker, const uint8_t *data,
                                  size_t size, struct pp_error *err)
{
    const size_t length = size + 2;
    const uint8_t head[] = {0xFF, (uint8_t)marker, (uint8_t)(length >> 8), (uint8_t)length};
    struct pp_luma_output *output = &luma->buffers->output;

    enum pp_status status = pp_luma_output_add(output, head, sizeof(head), err);
    return status == PP_OK ? pp_luma_output_add(output, data, size, err) : status;
}

/* What is coded anew is baseline, and its component is called as JFIF has it. */
static uint8_t name_of(const struct pp_jpeg_luma *luma)
{
    return luma->requant ? 1 : luma->frame.components[0].id;
}

static enum pp_status write_quant(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    const struct pp_luma_quant *quant = &luma->frame.quants[luma->frame.components[0].quant];
    uint8_t table[1 + sizeof(quant->data)] = {quant->size > 64 && !luma->requant ? 0x10 : 0};
    const size_t size = luma->requant ? 64 : quant->size;

    memcpy(table + 1, quant->data, size);
    for (unsigned i = 0; luma->requant && i < 64; i++)
        table[1 + i] = (uint8_t)luma->settings.steps[pp_luma_zigzag[i]];
    return add_segment(luma, PP_LUMA_DQT, table, 1 + size, err);
}

/* DQT with luma's table, as number 0, and SOF with luma alone. */
static enum pp_status write_frame(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    const struct pp_luma_frame *frame = &luma->frame;
    const unsigned marker = luma->requant ? PP_LUMA_SOF0 : frame->marker;
    const uint8_t header[] = {8,
                              (uint8_t)(frame->height >> 8),
                              (uint8_t)frame->height,
                              (uint8_t)(frame->width >> 8),
                              (uint8_t)frame->width,
                              1,
                              name_of(luma),
                              0x11,
                              0};

    luma->written.frame = true;
    enum pp_status status = write_quant(luma, err);
    return status == PP_OK ? add_segment(luma, marker, header, sizeof(header), err) : status;
}

static bool is_same(const struct pp_luma_huffman *a, const struct pp_luma_huffman *b)
{
    return a->defined && b->defined && memcmp(a->counts, b->counts, sizeof(a->counts)) == 0 &&
           memcmp(a->symbols, b->symbols, pp_luma_huffman_size(a)) == 0;
}

/* DHT with a table as number 0 of its kind, unless it is in force already. */
static enum pp_status write_huffman(struct pp_jpeg_luma *luma, unsigned kind,
                                    const struct pp_luma_huffman *huffman,
                                    struct pp_luma_huffman *written, struct pp_error *err)
{
    uint8_t data[1 + PP_LUMA_CODE_BITS + sizeof(huffman->symbols)] = {(uint8_t)(kind << 4)};

    if (!huffman || is_same(huffman, written))
        return PP_OK;
    const size_t size = pp_luma_huffman_size(huffman);
    memcpy(data + 1, huffman->counts + 1, PP_LUMA_CODE_BITS);
    memcpy(data + 1 + PP_LUMA_CODE_BITS, huffman->symbols, size);
    *written = *huffman;
    return add_segment(luma, PP_LUMA_DHT, data, 1 + PP_LUMA_CODE_BITS + size, err);
}

static enum pp_status write_interval(struct pp_jpeg_luma *luma, uint32_t interval,
                                     struct pp_error *err)
{
    const uint8_t data[] = {(uint8_t)(interval >> 8), (uint8_t)interval};

    if (interval == luma->written.restart_interval)
        return PP_OK;
    luma->written.restart_interval = interval;
    return add_segment(luma, PP_LUMA_DRI, data, sizeof(data), err);
}

static enum pp_status write_scan(struct pp_jpeg_luma *luma, struct pp_error *err)
{
    const struct pp_luma_scan *scan = &luma->scan;
    const uint8_t data[] = {1,           name_of(luma), 0,
                            scan->first, scan->last,    (uint8_t)(scan->high << 4 | scan->low)};

    return add_segment(luma, PP_LUMA_SOS, data, sizeof(data), err);
}

enum pp_status pp_luma_write_headers(struct pp_jpeg_luma *luma,
                                     const struct pp_luma_scan_tables *tables, struct pp_error *err)
{
    struct pp_luma_written *written = &luma->written;
    enum pp_status status = written->frame ? PP_OK : write_frame(luma, err);

    if (status == PP_OK)
        status = write_huffman(luma, 0, tables->dc, &written->dc, err);
    if (status == PP_OK)
        status = write_huffman(luma, 1, tables->ac, &written->ac, err);
    if (status == PP_OK)
        status = write_interval(luma, tables->restart_interval, err);
    return status == PP_OK ? write_scan(luma, err) : status;
}
