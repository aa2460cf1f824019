/*
 * pipeline/plan_steps.h - how a plan's stages are run: which of them share a step, how many rows a
 * band has, and how many rows the window of each step holds.
 */
#ifndef PP_PIPELINE_PLAN_STEPS_H
#define PP_PIPELINE_PLAN_STEPS_H

#include "pipeline/plan.h"

/* Settle steps, band and windows anew from `plan->stages`, once these are what they will be. */
void pp_plan_arrange(struct pp_plan *plan);

#endif
