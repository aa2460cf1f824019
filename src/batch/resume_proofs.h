/*
 * batch/resume_proofs.h - what a journal proves to be done.
 *
 * Sixteen bytes a file in a table of hashes under a key made anew for each run, so that no choice
 * of names can make two files meet; at most three quarters of the table are in use. Ten million
 * files take 256 MB, a hundred thousand 4 MB. The supervisor's thread owns it.
 */
#ifndef PP_BATCH_RESUME_PROOFS_H
#define PP_BATCH_RESUME_PROOFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pixpool/error.h>

#include "base/siphash.h"
#include "batch/journal_format.h"

struct pp_proof_slot {
    uint64_t path;  /* the input's hash, 0 for an empty slot */
    uint64_t proof; /* hash of all that must be as it was, with two flags: see resume_proofs.c */
};

struct pp_proofs {
    struct pp_proof_slot *slots; /* owned; NULL before the first record */
    size_t size, used;           /* the size is a power of two */
    uint8_t key[PP_SIPHASH_KEY];
    const char *settings; /* the caller's: this run's, in words */
    bool matching;        /* the records that come now are of the same settings */
    bool in_place;        /* an output stands where its input stood */
    bool by_inode;        /* outputs have their inputs' times, which tell nothing of the run */
};

enum pp_proof {
    PP_PROOF_NONE,  /* nothing is proven */
    PP_PROOF_DONE,  /* done: input and output are as they were then */
    PP_PROOF_FAILED /* it failed, and was not done since */
};

/* A file as it is now. */
struct pp_proof_question {
    const char *input, *output; /* without links, as the journal has them */
    struct pp_journal_file in;
    struct pp_journal_file out; /* zeroed when there is none */
};

/* `settings` must outlive it. Errors: PP_E_SYSTEM (no random numbers). */
enum pp_status pp_proofs_init(struct pp_proofs *proofs, const char *settings,
                              struct pp_error *err) PP_MUST_CHECK;
void pp_proofs_release(struct pp_proofs *proofs);

/* Take in a journal's records, in their order. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_proofs_add(struct pp_proofs *proofs, const struct pp_journal_record *record,
                             struct pp_error *err) PP_MUST_CHECK;

enum pp_proof pp_proofs_ask(const struct pp_proofs *proofs,
                            const struct pp_proof_question *question);

#endif
