/*
 * pipeline/pictures.h - the pictures that a chain's filters name, decoded once and held in one
 * block that other processes can use as it is.
 *
 * pp_chain_load(), pp_chain_pictures() and pp_chain_attach() are declared in <pixpool/convert.h>.
 * The block holds a head, an entry for each parameter of type PP_PARAM_PICTURE in the chain's
 * order, and the rows; nothing in it points anywhere, so that it may be mapped at any multiple of
 * PP_ALIGNMENT. The chain owns it, or what attached it does.
 */
#ifndef PP_PIPELINE_PICTURES_H
#define PP_PIPELINE_PICTURES_H

#include <stdint.h>

#include <pixpool/convert.h>

/* PP_OK when the chain has all the pictures it names, else PP_E_USAGE. */
enum pp_status pp_chain_check_loaded(const struct pp_chain *chain,
                                     struct pp_error *err) PP_MUST_CHECK;

#endif
