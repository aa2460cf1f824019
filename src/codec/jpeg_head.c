#include "codec/jpeg_head.h"

#include <stdlib.h>
#include <string.h>

#include "codec/jpeg_markers.h"
#include "codec/jpeg_stream.h"

/* The argument of the step that writes. */
struct writing {
    struct pp_jpeg_head *head;
    struct jpeg_compress_struct cinfo;
    struct pp_jpeg_destination destination;
};

static void set_tables(struct writing *writing)
{
    struct jpeg_compress_struct *cinfo = &writing->cinfo;
    struct pp_jpeg_head *head = writing->head;

    pp_jpeg_set_tables(cinfo, head->settings);
    memcpy(head->quant, cinfo->quant_tbl_ptrs[cinfo->comp_info[0].quant_tbl_no]->quantval,
           sizeof(head->quant));
}

static void set_jfif(struct jpeg_compress_struct *cinfo, const struct jpeg_decompress_struct *like)
{
    cinfo->write_JFIF_header = like->saw_JFIF_marker;
    cinfo->JFIF_minor_version = like->JFIF_minor_version;
}

/* As if coefficients were to follow: libjpeg asks for them, and writes the tables, only later. */
static enum pp_status write_step(void *argument)
{
    struct writing *writing = argument;
    struct jpeg_compress_struct *cinfo = &writing->cinfo;
    const struct pp_metadata *metadata = writing->head->settings->metadata;
    jvirt_barray_ptr none[1] = {NULL};

    jpeg_create_compress(cinfo);
    cinfo->mem->max_memory_to_use = 0; /* whatever JPEGMEM in the environment says */
    cinfo->dest = &writing->destination.base;
    cinfo->image_width = writing->head->width;
    cinfo->image_height = writing->head->height;
    cinfo->input_components = 1;
    cinfo->in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(cinfo);
    if (writing->head->like)
        set_jfif(cinfo, writing->head->like);
    else
        set_tables(writing);
    if (metadata)
        pp_jpeg_markers_set_density(cinfo, metadata);
    jpeg_write_coefficients(cinfo, none);
    if (metadata)
        pp_jpeg_markers_write(cinfo, metadata);
    cinfo->dest->term_destination(cinfo);
    return PP_OK;
}

enum pp_status pp_jpeg_head_write(struct pp_jpeg_head *head, struct pp_jpeg_guard *guard,
                                  struct pp_output *out, struct pp_error *err)
{
    struct writing *writing = calloc(1, sizeof(*writing));

    if (!writing)
        return pp_error_set(err, PP_E_NO_MEMORY, "JPEG header: no memory");
    writing->head = head;
    writing->cinfo.err = &guard->base;
    pp_jpeg_destination_init(&writing->destination, out);
    enum pp_status status = pp_jpeg_guarded(guard, write_step, writing, err);
    jpeg_destroy_compress(&writing->cinfo);
    free(writing);
    return status;
}
