#include "filter/suggest.h"

#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The optimal string alignment distance: Damerau, "A technique for computer detection and
 * correction of spelling errors", CACM 7(3), 1964, by the usual table of prefixes. */
size_t pp_edit_distance(const char *a, const char *b)
{
    size_t table[PP_SUGGEST_MAX + 1][PP_SUGGEST_MAX + 1];
    size_t rows = strlen(a), columns = strlen(b);

    if (rows > PP_SUGGEST_MAX || columns > PP_SUGGEST_MAX)
        return SIZE_MAX;
    for (size_t i = 0; i <= rows; i++) {
        for (size_t j = 0; j <= columns; j++) {
            if (i == 0 || j == 0) {
                table[i][j] = i + j;
                continue;
            }
            size_t best = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = least(best, 1 + least(table[i - 1][j], table[i][j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = least(best, table[i - 2][j - 2] + 1);
            table[i][j] = best;
        }
    }
    return table[rows][columns];
}

void pp_suggest_offer(struct pp_suggestion *suggestion, const char *name)
{
    size_t distance = pp_edit_distance(suggestion->given, name);
    size_t shorter = least(strlen(suggestion->given), strlen(name));

    /* at most a third of the letters may be wrong, or one in a short word */
    if (distance > (shorter < 6 ? 1 : shorter / 3) || distance >= shorter)
        return;
    if (!suggestion->nearest || distance < suggestion->distance) {
        suggestion->nearest = name;
        suggestion->distance = distance;
    }
}
