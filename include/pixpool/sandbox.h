/*
 * pixpool/sandbox.h - what workers may do while they read files nobody has vouched for.
 *
 * A worker in the sandbox gains no privileges (no_new_privs), reaches no file but those it is given
 * (Landlock, where the system has it), makes no system call but those that decoding needs
 * (seccomp), and has limits on its memory and on the size of what it writes. One that tries more is
 * stopped and costs the file in work.
 */
#ifndef PIXPOOL_SANDBOX_H
#define PIXPOOL_SANDBOX_H

#include <stdbool.h>

#include <pixpool/api.h>

PP_BEGIN_DECLS

enum pp_sandbox {
    PP_SANDBOX_AUTO = 0, /* as much of it as the system has */
    PP_SANDBOX_REQUIRE,  /* all of it, or no worker starts */
    PP_SANDBOX_OFF
};

/* What of it this system has. */
struct pp_sandbox_level {
    bool no_new_privs;
    unsigned landlock; /* version of its interface, 0 without */
    bool seccomp;
};

/* Ask the system. Any process, any thread; changes nothing. */
PP_API struct pp_sandbox_level pp_sandbox_level(void);

/* Whether that is all PP_SANDBOX_REQUIRE asks for. */
PP_API bool pp_sandbox_is_full(const struct pp_sandbox_level *level);

#define PP_SANDBOX_TEXT 64

/* The level in words: "seccomp, Landlock 4, no new privileges", or "none". */
PP_API void pp_sandbox_describe(const struct pp_sandbox_level *level, char text[PP_SANDBOX_TEXT]);

PP_END_DECLS

#endif
