/*
 * pixpool/api.h - what every public header needs: linkage and attributes.
 *
 * Everything public begins with pp_ or PP_. Nothing else is exported.
 */
#ifndef PIXPOOL_API_H
#define PIXPOOL_API_H

#if defined(__GNUC__)
#define PP_API              __attribute__((visibility("default")))
#define PP_MUST_CHECK       __attribute__((warn_unused_result))
#define PP_PRINTF(fmt, arg) __attribute__((format(printf, fmt, arg)))
#else
#define PP_API
#define PP_MUST_CHECK
#define PP_PRINTF(fmt, arg)
#endif

#ifdef __cplusplus
#define PP_BEGIN_DECLS extern "C" {
#define PP_END_DECLS   }
#else
#define PP_BEGIN_DECLS
#define PP_END_DECLS
#endif

#endif
