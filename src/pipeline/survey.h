/*
 * pipeline/survey.h - a filter's look at the picture before anybody knows what size it makes.
 *
 * A run of its own: rows go to the filter's observe and nowhere else. One thread owns a survey.
 */
#ifndef PP_PIPELINE_SURVEY_H
#define PP_PIPELINE_SURVEY_H

#include <pixpool/error.h>

#include "filter/filter.h"

struct pp_survey {
    const struct pp_filter *filter;
    void *state; /* owned */
};

/* `geometry` is that of the rows to come, the filter's input. Errors: the filter's, PP_E_NO_MEMORY;
 * release is allowed then too. */
enum pp_status pp_survey_init(struct pp_survey *survey, struct pp_chain_item link,
                              const struct pp_geometry *geometry,
                              struct pp_error *err) PP_MUST_CHECK;
/* A zeroed struct is allowed. */
void pp_survey_release(struct pp_survey *survey);

/* The next rows. */
void pp_survey_observe(struct pp_survey *survey, const struct pp_band *band);
/* What was found, once all rows were seen. */
struct pp_placement pp_survey_conclude(struct pp_survey *survey);

#endif
