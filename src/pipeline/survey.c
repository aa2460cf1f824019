#include "pipeline/survey.h"

#include <stdlib.h>

enum pp_status pp_survey_init(struct pp_survey *survey, struct pp_chain_item link,
                              const struct pp_geometry *geometry, struct pp_error *err)
{
    struct pp_geometry out = *geometry;

    survey->state = calloc(1, link.filter->state_size);
    if (!survey->state)
        return pp_error_set(err, PP_E_NO_MEMORY, "filter \"%s\": no memory for its state",
                            link.filter->name);
    survey->filter = link.filter;
    return link.filter->prepare(survey->state, link.args, geometry, &out, err);
}

void pp_survey_release(struct pp_survey *survey)
{
    if (survey->filter && survey->filter->release)
        survey->filter->release(survey->state);
    free(survey->state);
    *survey = (struct pp_survey){0};
}

void pp_survey_observe(struct pp_survey *survey, const struct pp_band *band)
{
    survey->filter->observe(survey->state, band);
}

struct pp_placement pp_survey_conclude(struct pp_survey *survey)
{
    struct pp_placement found;

    survey->filter->conclude(survey->state);
    survey->filter->place(survey->state, &found);
    return found;
}
