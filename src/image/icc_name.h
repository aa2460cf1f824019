/*
 * image/icc_name.h - what an ICC profile is called. Pure; reads within the profile only.
 */
#ifndef PP_IMAGE_ICC_NAME_H
#define PP_IMAGE_ICC_NAME_H

#include <stddef.h>
#include <stdint.h>

/*
 * The profile's description in UTF-8: its "desc" tag, ASCII (ICC.1:2001-04, 6.5.17) or in several
 * languages (ICC.1:2010, 10.13), of which English is taken, else the first. "" when there is none
 * or it is broken; one too long is cut between characters. `room` is at least 1.
 */
void pp_icc_name(const uint8_t *profile, size_t size, char *to, size_t room);

#endif
