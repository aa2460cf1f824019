#include "codec/png_team.h"

#if defined(_OPENMP)

#include <omp.h>

unsigned pp_png_team_size(void)
{
    return (unsigned)omp_get_num_threads();
}

#else

unsigned pp_png_team_size(void)
{
    return 1;
}

#endif
