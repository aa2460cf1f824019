/*
 * pipeline/join.h - neighbouring filters that are tables, made one table.
 */
#ifndef PP_PIPELINE_JOIN_H
#define PP_PIPELINE_JOIN_H

#include <pixpool/error.h>

#include "pipeline/plan.h"

/* Replace every run of two or more stages that are tables (filter/filter.h, `table`) by a single
 * one. Before the stages are grouped into steps. Errors: PP_E_NO_MEMORY. */
enum pp_status pp_plan_join_tables(struct pp_plan *plan, struct pp_error *err) PP_MUST_CHECK;

#endif
