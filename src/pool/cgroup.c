#include "pool/cgroup.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (3 * PATH_MAX)

/* Whether `word` is one of those `list` holds, separated by commas. */
static bool listed(const char *list, const char *word)
{
    const size_t length = strlen(word);

    while (*list) {
        const size_t item = strcspn(list, ",");

        if (item == length && strncmp(list, word, length) == 0)
            return true;
        list += item + (list[item] == ',');
    }
    return false;
}

/* This process's group, from lines such as "4:cpu,cpuacct:/a/b"; version 2 is "0::/a/b". */
static bool own_group(const char *root, const char *controller, int version, char path[PATH_MAX])
{
    char name[PATH_MAX], line[LINE_MAX_BYTES];
    bool found = false;
    FILE *file;

    snprintf(name, sizeof name, "%s/proc/self/cgroup", root);
    file = fopen(name, "re");
    if (!file)
        return false;
    while (!found && fgets(line, sizeof line, file)) {
        char *controllers = strchr(line, ':');
        char *group = controllers ? strchr(controllers + 1, ':') : NULL;

        if (!group)
            continue;
        controllers++;
        *group++ = '\0';
        group[strcspn(group, "\n")] = '\0';
        found = version == 2 ? *controllers == '\0' : listed(controllers, controller);
        if (found)
            snprintf(path, PATH_MAX, "%s", group);
    }
    fclose(file);
    return found;
}

/* proc(5): "36 35 98:0 ROOT POINT OPTIONS [FIELDS] - TYPE SOURCE SUPER-OPTIONS". */
static bool is_mount(char *line, const char *controller, int version, char **mount_root,
                     char **point)
{
    char *rest = strstr(line, " - "), *type, *super, *save = NULL;

    if (!rest)
        return false;
    *rest = '\0';
    type = strtok_r(rest + 3, " \n", &save);
    strtok_r(NULL, " \n", &save);
    super = strtok_r(NULL, " \n", &save);
    if (!type || strcmp(type, version == 2 ? "cgroup2" : "cgroup") != 0)
        return false;
    if (version == 1 && (!super || !listed(super, controller)))
        return false;
    for (int i = 0; i < 3; i++)
        strtok_r(i == 0 ? line : NULL, " ", &save);
    *mount_root = strtok_r(NULL, " ", &save);
    *point = strtok_r(NULL, " ", &save);
    return *mount_root && *point;
}

static bool find_mount(const char *root, const char *controller, int version,
                       char mount_root[PATH_MAX], char point[PATH_MAX])
{
    char name[PATH_MAX], line[LINE_MAX_BYTES];
    bool found = false;
    FILE *file;

    snprintf(name, sizeof name, "%s/proc/self/mountinfo", root);
    file = fopen(name, "re");
    if (!file)
        return false;
    while (!found && fgets(line, sizeof line, file)) {
        char *from, *at;

        found = is_mount(line, controller, version, &from, &at);
        if (found) {
            snprintf(mount_root, PATH_MAX, "%s", from);
            snprintf(point, PATH_MAX, "%s", at);
        }
    }
    fclose(file);
    return found;
}

/* The group's path below the mount point, "" for the mount's root itself. */
static const char *below_mount(const char *group, const char *mount_root)
{
    const size_t length = strcmp(mount_root, "/") == 0 ? 0 : strlen(mount_root);

    if (strstr(group, "/..") || strncmp(group, mount_root, length) != 0)
        return "";
    group += length;
    return *group == '/' && group[1] ? group : "";
}

static void visit_up(char *directory, size_t top, int version, pp_cgroup_visit *visit, void *user)
{
    for (;;) {
        char *slash;

        visit(user, directory, version);
        slash = strrchr(directory, '/');
        if (!slash || (size_t)(slash - directory) < top)
            return;
        *slash = '\0';
    }
}

void pp_cgroup_each(const char *root, const char *controller, pp_cgroup_visit *visit, void *user)
{
    char group[PATH_MAX], mount_root[PATH_MAX], point[PATH_MAX], directory[3 * PATH_MAX];

    for (int version = 1; version <= 2; version++) {
        size_t top;

        if (!own_group(root, controller, version, group) ||
            !find_mount(root, controller, version, mount_root, point))
            continue;
        top = (size_t)snprintf(directory, sizeof directory, "%s%s", root, point);
        if (top >= sizeof directory)
            continue;
        snprintf(directory + top, sizeof directory - top, "%s", below_mount(group, mount_root));
        visit_up(directory, top, version, visit, user);
    }
}

bool pp_cgroup_read(const char *directory, const char *name, char *text, int size)
{
    char path[3 * PATH_MAX + 64];
    size_t got = 0;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", directory, name);
    file = fopen(path, "re");
    if (file) {
        got = fread(text, 1, (size_t)size - 1, file);
        fclose(file);
    }
    text[got] = '\0';
    return got > 0;
}

bool pp_cgroup_number(const char *directory, const char *name, uint64_t *number)
{
    char text[64], *end;

    if (!pp_cgroup_read(directory, name, text, sizeof text) || *text == '-')
        return false;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return end != text && errno == 0;
}

bool pp_cgroup_value(const char *text, const char *key, uint64_t *value)
{
    const size_t length = strlen(key);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) != 0 || (line[length] != ' ' && line[length] != ':'))
            continue;
        *value = strtoull(line + length + 1, NULL, 10);
        return true;
    }
    return false;
}
