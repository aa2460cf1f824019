#include "support_tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree tree_enter(void)
{
    struct tree tree = {.path = "/tmp/pixpool-test-XXXXXX"};

    tree.back = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(tree.back >= 0);
    assert_non_null(mkdtemp(tree.path));
    assert_int_equal(chdir(tree.path), 0);
    return tree;
}

static int remove_entry(const char *path, const struct stat *stat, int kind, struct FTW *ftw)
{
    (void)stat, (void)kind, (void)ftw;
    return remove(path);
}

void tree_leave(struct tree *tree)
{
    assert_int_equal(fchdir(tree->back), 0);
    close(tree->back);
    assert_int_equal(nftw(tree->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void tree_write(const char *path, const char *text)
{
    char part[256];

    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        (void)!mkdir(part, 0777);
    }
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

int tree_has(const char *path, const char *text)
{
    char bytes[256] = {0};
    FILE *file = fopen(path, "re");

    if (!file)
        return 0;
    size_t got = fread(bytes, 1, sizeof bytes - 1, file);
    fclose(file);
    return got == strlen(text) && memcmp(bytes, text, got) == 0;
}

size_t tree_count(const char *path)
{
    DIR *stream = opendir(path);
    size_t count = 0;

    assert_non_null(stream);
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(stream);
    return count;
}
