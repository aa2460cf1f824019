/*
 * batch/journalling.h - what a run keeps while it has a journal; its verbs are in run.h.
 */
#ifndef PP_BATCH_JOURNALLING_H
#define PP_BATCH_JOURNALLING_H

#include <stdbool.h>

#include "batch/journal.h"
#include "batch/location.h"
#include "batch/resume_proofs.h"
#include "batch/text.h"

struct pp_journalling {
    char *path;             /* owned: the file; NULL without a journal */
    char *directory;        /* owned: that was made for it, NULL when none was */
    struct pp_journal file; /* fd -1 when nothing is recorded */
    struct pp_text settings;
    struct pp_proofs proven; /* by earlier runs */
    struct pp_location input, output;
    bool failed; /* it cannot be written: nothing is named any more */
};

#endif
