/*
 * For compilers without libFuzzer: `fuzz_NAME [SECONDS [SEED]]` changes the program's seeds at
 * random, or takes noise, until the time is up. `fuzz_NAME - FILE...` tries files as they are.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"

#define INPUT_MAX ((size_t)128 * 1024)
#define SEEDS_MAX 512

struct seed {
    uint8_t *data;
    size_t size;
};

struct driver {
    struct seed seeds[SEEDS_MAX];
    uint32_t count;
    uint64_t random;
    unsigned long runs;
    uint8_t input[INPUT_MAX];
    size_t size;
};

static void add_seed(struct driver *driver, const void *data, size_t size)
{
    struct seed *seed = &driver->seeds[driver->count];

    if (driver->count == SEEDS_MAX || size == 0)
        return;
    seed->data = malloc(size);
    fuzz_ensure(seed->data != NULL, "no memory");
    memcpy(seed->data, data, size);
    seed->size = size;
    driver->count++;
}

/* Large files would only make for fewer runs. */
static size_t read_file(const char *path, uint8_t *data)
{
    FILE *stream = fopen(path, "rb");
    size_t size;

    if (!stream)
        return 0;
    size = fread(data, 1, INPUT_MAX, stream);
    fclose(stream);
    return size < INPUT_MAX ? size : 0;
}

static void add_folder(struct driver *driver, const char *folder)
{
    char path[4096];
    struct dirent **entries;
    int count;

    snprintf(path, sizeof path, "%s/%s", PP_TESTDATA, folder);
    count = scandir(path, &entries, NULL, alphasort);
    fuzz_ensure(count > 0, "no seeds there");
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s/%s", PP_TESTDATA, folder, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            add_seed(driver, driver->input, read_file(path, driver->input));
        free(entries[i]);
    }
    free(entries);
}

static void begin(struct driver *driver)
{
    const size_t head = fuzz_seeds.head;

    driver->size = 0;
    if (driver->count == 0 || (fuzz_seeds.noise > 0 && fuzz_below(&driver->random, 2))) {
        driver->size = fuzz_below(&driver->random, fuzz_seeds.noise);
        for (size_t i = 0; i < driver->size; i++)
            driver->input[i] = (uint8_t)fuzz_below(&driver->random, 256);
        return;
    }
    const struct seed *seed = &driver->seeds[fuzz_below(&driver->random, driver->count)];
    for (size_t i = 0; i < head; i++)
        driver->input[i] = (uint8_t)fuzz_below(&driver->random, 256);
    driver->size = seed->size < INPUT_MAX - head ? seed->size : INPUT_MAX - head;
    memcpy(driver->input + head, seed->data, driver->size);
    driver->size += head;
}

/* Half of all changes are made where headers are. */
static void change(struct driver *driver)
{
    const size_t span = driver->size > 200 && fuzz_below(&driver->random, 2) ? 200 : driver->size;

    if (driver->size == 0)
        return;
    const size_t at = fuzz_below(&driver->random, (uint32_t)span);
    size_t count = 1 + fuzz_below(&driver->random, 20);
    if (count > driver->size - at)
        count = driver->size - at;
    switch (fuzz_below(&driver->random, 6)) {
    case 0:
        memmove(driver->input + at, driver->input + at + count, driver->size - at - count);
        driver->size -= count;
        break;
    case 1:
        if (driver->size + count > INPUT_MAX)
            break;
        memmove(driver->input + at + count, driver->input + at, driver->size - at);
        driver->size += count;
        break;
    case 2:
        driver->input[at] = (uint8_t)fuzz_below(&driver->random, 256);
        break;
    case 3:
        if (fuzz_below(&driver->random, 8) == 0)
            driver->size = at;
        break;
    default:
        driver->input[at] ^= (uint8_t)(1U << fuzz_below(&driver->random, 8));
        break;
    }
}

/* Of the size it has, so that a sanitizer sees what reads beyond it. */
static void run(struct driver *driver)
{
    uint8_t *input = malloc(driver->size + 1);

    fuzz_ensure(input != NULL, "no memory");
    memcpy(input, driver->input, driver->size);
    LLVMFuzzerTestOneInput(input, driver->size);
    free(input);
    driver->runs++;
}

static void run_for(struct driver *driver, double seconds)
{
    const time_t start = time(NULL);

    for (const char *const *folder = fuzz_seeds.folders; folder && *folder; folder++)
        add_folder(driver, *folder);
    for (const char *const *text = fuzz_seeds.texts; text && *text; text++)
        add_seed(driver, *text, strlen(*text));
    while (difftime(time(NULL), start) < seconds) {
        begin(driver);
        for (uint32_t n = fuzz_below(&driver->random, 5); n > 0; n--)
            change(driver);
        run(driver);
    }
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    struct driver *driver = calloc(1, sizeof *driver);

    fuzz_ensure(driver != NULL, "no memory");
    driver->random = argc > 2 ? strtoull(argv[2], NULL, 10) | 1 : 20260101;
    if (argc > 2 && strcmp(argv[1], "-") == 0) {
        for (int i = 2; i < argc; i++) {
            driver->size = read_file(argv[i], driver->input);
            run(driver);
        }
    } else {
        run_for(driver, argc > 1 ? strtod(argv[1], NULL) : 3);
    }
    printf("%s: %lu inputs\n", slash ? slash + 1 : argv[0], driver->runs);
    while (driver->count > 0)
        free(driver->seeds[--driver->count].data);
    free(driver);
    return 0;
}
