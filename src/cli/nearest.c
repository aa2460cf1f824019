#include "cli/nearest.h"

#include <string.h>

#define LONGEST 32 /* longer words are not compared */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The optimal string alignment distance (Damerau 1964, without repeated edits of one place). Three
 * rows of the table suffice. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][LONGEST + 1], a_length = strlen(a), b_length = strlen(b);

    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]), least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

const char *pp_nearest_word(const char *text, const char *(*word_at)(size_t index))
{
    const char *nearest = NULL, *word;
    size_t length = strlen(text), near = length / 3 + 1; /* a third of the letters may be wrong */

    if (length > LONGEST)
        return NULL;
    for (size_t i = 0; (word = word_at(i)); i++) {
        size_t d = strlen(word) > LONGEST ? near + 1 : distance(text, word);

        if (d < near || (d == near && !nearest)) {
            nearest = word;
            near = d;
        }
    }
    return nearest;
}
