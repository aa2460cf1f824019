/*
 * batch/resume_settings.h - everything that makes an output what it is, in words.
 *
 * Two runs with the same words give the same bytes under the same names to the same inputs; one
 * proves nothing to the other when a word differs. The versions of pixpool and of the libraries it
 * stands on are among them. Pure; any thread.
 */
#ifndef PP_BATCH_RESUME_SETTINGS_H
#define PP_BATCH_RESUME_SETTINGS_H

#include <pixpool/batch.h>
#include <pixpool/error.h>

#include "batch/text.h"

/* Fill `text`; `encode` is that of the settings with the format the output's name implies.
 * Errors: PP_E_NO_MEMORY. */
enum pp_status pp_resume_settings(const struct pp_batch_settings *settings,
                                  const struct pp_encode_settings *encode, struct pp_text *text,
                                  struct pp_error *err) PP_MUST_CHECK;

#endif
