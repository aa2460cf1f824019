/*
 * codec/png_team.h - the OpenMP threads around the caller.
 */
#ifndef PP_CODEC_PNG_TEAM_H
#define PP_CODEC_PNG_TEAM_H

/* Threads of the parallel region the calling thread is in; 1 outside, and without OpenMP. */
unsigned pp_png_team_size(void);

#endif
