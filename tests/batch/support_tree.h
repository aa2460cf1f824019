/*
 * A scratch directory for a test, with everything in it made and removed by few words.
 */
#ifndef PP_TESTS_SUPPORT_TREE_H
#define PP_TESTS_SUPPORT_TREE_H

#include <stddef.h>

/* Make an empty directory and change into it; the caller gives both back to tree_leave(). */
struct tree {
    char path[64];
    int back; /* a descriptor of the directory left */
};

struct tree tree_enter(void);
/* Change back, remove the directory with all below it. */
void tree_leave(struct tree *tree);

/* Write a file, making its directories. */
void tree_write(const char *path, const char *text);
/* Whether the file's contents are exactly `text`. */
int tree_has(const char *path, const char *text);
/* How many entries a directory has, hidden ones included. */
size_t tree_count(const char *path);

#endif
