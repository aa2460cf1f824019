/*
 * A record says that an output of this size and time was about to be given its name. If such a file
 * stands under the name, it was; nobody else writes one of the same nanosecond. Where outputs are
 * given the times of their inputs, another run may well have written one: there the inode has to be
 * the same too, which was unlike that of any file that stood there before.
 *
 * The proof of a file is a hash of both paths and of what both files were; it is compared with that
 * of what they are now. In place, the input is gone once it is done, so only the output is looked
 * at. The two lowest bits of a proof are flags.
 */
#include "batch/resume_proofs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define HAS_PROOF  UINT64_C(1)
#define HAS_FAILED UINT64_C(2)
#define FLAGS      (HAS_PROOF | HAS_FAILED)
#define FIRST_SIZE ((size_t)1024)

enum pp_status pp_proofs_init(struct pp_proofs *proofs, const char *settings, struct pp_error *err)
{
    *proofs = (struct pp_proofs){.settings = settings};
    if (getrandom(proofs->key, sizeof proofs->key, 0) != (ssize_t)sizeof proofs->key)
        return pp_error_errno(err, PP_E_SYSTEM, errno, "cannot get random numbers");
    return PP_OK;
}

void pp_proofs_release(struct pp_proofs *proofs)
{
    free(proofs->slots);
    *proofs = (struct pp_proofs){0};
}

static struct pp_siphash hash_path(const struct pp_proofs *proofs, const char *path)
{
    struct pp_siphash hash = pp_siphash(proofs->key, path, strlen(path));

    if (hash.low == 0)
        hash.low = 1; /* 0 is an empty slot */
    return hash;
}

static uint64_t make_proof(const struct pp_proofs *proofs, const struct pp_proof_question *question)
{
    static const struct pp_journal_file gone = {0};
    const struct pp_siphash input = hash_path(proofs, question->input);
    const struct pp_siphash output = hash_path(proofs, question->output);
    const struct pp_journal_file *in = proofs->in_place ? &gone : &question->in;
    const struct pp_journal_file *out = &question->out;
    const uint64_t all[] = {input.high,
                            output.low,
                            output.high,
                            in->size,
                            (uint64_t)in->seconds,
                            in->nanoseconds,
                            out->size,
                            (uint64_t)out->seconds,
                            out->nanoseconds,
                            proofs->by_inode ? out->inode : 0};

    return pp_siphash(proofs->key, all, sizeof all).low & ~FLAGS;
}

/* The slot of that path, or the empty one where it belongs. */
static struct pp_proof_slot *find(struct pp_proof_slot *slots, size_t size, uint64_t path)
{
    size_t at = path & (size - 1);

    while (slots[at].path != 0 && slots[at].path != path)
        at = (at + 1) & (size - 1);
    return &slots[at];
}

static enum pp_status grow(struct pp_proofs *proofs, struct pp_error *err)
{
    size_t size = proofs->slots ? 2 * proofs->size : FIRST_SIZE;
    struct pp_proof_slot *slots = calloc(size, sizeof *slots);

    if (!slots)
        return pp_error_set(err, PP_E_NO_MEMORY, "journal: no memory for what it tells");
    for (size_t i = 0; proofs->slots && i < proofs->size; i++) {
        if (proofs->slots[i].path != 0)
            *find(slots, size, proofs->slots[i].path) = proofs->slots[i];
    }
    free(proofs->slots);
    proofs->slots = slots;
    proofs->size = size;
    return PP_OK;
}

static void note(struct pp_proof_slot *slot, const struct pp_proofs *proofs,
                 const struct pp_journal_record *record)
{
    const struct pp_proof_question then = {
        .input = record->input, .output = record->output, .in = record->in, .out = record->out};

    if (record->kind == PP_JOURNAL_FAILED)
        slot->proof |= HAS_FAILED;
    else
        slot->proof = make_proof(proofs, &then) | HAS_PROOF | (slot->proof & HAS_FAILED);
}

enum pp_status pp_proofs_add(struct pp_proofs *proofs, const struct pp_journal_record *record,
                             struct pp_error *err)
{
    if (record->kind == PP_JOURNAL_RUN)
        proofs->matching = strcmp(record->settings, proofs->settings) == 0;
    if (record->kind == PP_JOURNAL_RUN || !proofs->matching)
        return PP_OK;
    if (proofs->used >= proofs->size / 4 * 3) {
        enum pp_status status = grow(proofs, err);
        if (status != PP_OK)
            return status;
    }
    uint64_t path = hash_path(proofs, record->input).low;
    struct pp_proof_slot *slot = find(proofs->slots, proofs->size, path);
    proofs->used += slot->path == 0;
    slot->path = path;
    note(slot, proofs, record);
    return PP_OK;
}

enum pp_proof pp_proofs_ask(const struct pp_proofs *proofs,
                            const struct pp_proof_question *question)
{
    if (!proofs->slots)
        return PP_PROOF_NONE;
    uint64_t path = hash_path(proofs, question->input).low;
    const struct pp_proof_slot *slot = find(proofs->slots, proofs->size, path);
    if (slot->path == 0)
        return PP_PROOF_NONE;
    if (slot->proof & HAS_PROOF && (slot->proof & ~FLAGS) == make_proof(proofs, question))
        return PP_PROOF_DONE;
    return slot->proof & HAS_FAILED ? PP_PROOF_FAILED : PP_PROOF_NONE;
}
