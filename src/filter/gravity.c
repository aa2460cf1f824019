#include "filter/gravity.h"

#include <stddef.h>

const char *const pp_gravity_words[] = {"northwest", "north", "northeast", "west", "center", "east",
                                        "southwest", "south", "southeast", NULL};

static int64_t share(int place, int64_t room)
{
    return place == 1 ? room / 2 : place == 0 ? 0 : room;
}

int64_t pp_gravity_x(int gravity, int64_t room)
{
    return share(gravity % 3, room);
}

int64_t pp_gravity_y(int gravity, int64_t room)
{
    return share(gravity / 3, room);
}
