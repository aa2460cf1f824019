#include "cli/bench_identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pixpool/version.h>

#ifdef NDEBUG
static const char build_type[] = "release";
#else
static const char build_type[] = "debug";
#endif

static const struct {
    const char *key, *what;
} names[PP_BENCH_FACT_COUNT] = {
    [PP_BENCH_FACT_VERSION] = {"pixpool_version", "another version of pixpool"},
    [PP_BENCH_FACT_BUILD] = {"library_build_type", "another kind of build"},
    [PP_BENCH_FACT_CPU] = {"cpu_model", "another processor"},
    [PP_BENCH_FACT_CORES] = {"num_cpus", "another number of cores"},
    [PP_BENCH_FACT_FILTERS] = {"pixpool_filters", "other filters"},
    [PP_BENCH_FACT_SETTINGS] = {"pixpool_settings", "other settings"},
    [PP_BENCH_FACT_FILES] = {"pixpool_files", "another number of inputs"},
    [PP_BENCH_FACT_INPUTS] = {"pixpool_inputs", "other inputs, by a hash of their bytes"},
};

const char *pp_bench_fact_key(enum pp_bench_fact fact)
{
    return names[fact].key;
}

char *pp_bench_ascii(const char *bytes)
{
    char *text = malloc(4 * strlen(bytes) + 1), *to = text;

    if (!text)
        return NULL;
    for (; *bytes; bytes++) {
        unsigned char byte = (unsigned char)*bytes;

        if (byte >= ' ' && byte <= '~' && byte != '\\')
            *to++ = (char)byte;
        else
            to += snprintf(to, 5, "\\x%02X", byte);
    }
    *to = '\0';
    return text;
}

static void set(struct pp_bench_identity *identity, enum pp_bench_fact fact, const char *text)
{
    free(identity->facts[fact]);
    identity->facts[fact] = pp_bench_ascii(text);
}

static enum pp_status check(const struct pp_bench_identity *identity, unsigned known,
                            struct pp_error *err)
{
    for (unsigned i = 0; i < known; i++)
        if (!identity->facts[i])
            return pp_error_set(err, PP_E_NO_MEMORY, "the benchmark's settings: out of memory");
    return PP_OK;
}

/* All that changes how much there is to do, or by how many. */
static void describe_settings(const struct pp_bench *bench, char *text, size_t size)
{
    static const char *const subsamplings[] = {"keep", "444", "422", "420", "440"};
    const struct pp_batch_settings *batch = &bench->options->batch;
    const struct pp_encode_settings *encode = &batch->encode;

    snprintf(text, size,
             "format=%s quality=%d progressive=%d subsampling=%s png-level=%d path=%s jobs=%u "
             "threads=%u strip=%u",
             pp_format_name(encode->format), encode->quality, encode->progressive,
             subsamplings[encode->subsampling], encode->png_level, pp_decode_path_name(batch->path),
             bench->jobs, batch->threads, encode->strip);
    const size_t used = strlen(text);
    if (batch->color.to_srgb || batch->color.profile)
        snprintf(text + used, size - used, " to-srgb=%d intent=%d profile=%zu",
                 batch->color.to_srgb, (int)batch->color.intent, batch->color.profile_size);
}

enum pp_status pp_bench_identity_begin(struct pp_bench_identity *identity,
                                       const struct pp_bench *bench,
                                       const struct pp_bench_machine *machine, struct pp_error *err)
{
    char text[256];

    set(identity, PP_BENCH_FACT_VERSION, pp_version());
    set(identity, PP_BENCH_FACT_BUILD, build_type);
    set(identity, PP_BENCH_FACT_CPU, machine->cpu);
    snprintf(text, sizeof text, "%u", machine->cores);
    set(identity, PP_BENCH_FACT_CORES, text);
    set(identity, PP_BENCH_FACT_FILTERS, bench->options->batch.filters);
    describe_settings(bench, text, sizeof text);
    set(identity, PP_BENCH_FACT_SETTINGS, text);
    return check(identity, PP_BENCH_FACT_FILES, err);
}

enum pp_status pp_bench_identity_complete(struct pp_bench_identity *identity,
                                          const struct pp_bench *bench, struct pp_error *err)
{
    char text[32];

    snprintf(text, sizeof text, "%zu", bench->inputs.count);
    set(identity, PP_BENCH_FACT_FILES, text);
    snprintf(text, sizeof text, "%016" PRIx64, pp_bench_inputs_fingerprint(&bench->inputs));
    set(identity, PP_BENCH_FACT_INPUTS, text);
    return check(identity, PP_BENCH_FACT_COUNT, err);
}

enum pp_status pp_bench_identity_match(const struct pp_bench_identity *mine,
                                       const struct pp_bench_identity *baseline,
                                       struct pp_error *err)
{
    for (unsigned i = 0; i < PP_BENCH_FACT_COUNT; i++) {
        const char *now = mine->facts[i], *then = baseline->facts[i];

        if (!now || (then && !strcmp(now, then)))
            continue;
        return pp_error_set(err, PP_E_USAGE, "the baseline is of %s: %s, here it is %s",
                            names[i].what, then ? then : "not said which", now);
    }
    return PP_OK;
}

void pp_bench_identity_release(struct pp_bench_identity *identity)
{
    for (unsigned i = 0; i < PP_BENCH_FACT_COUNT; i++)
        free(identity->facts[i]);
    *identity = (struct pp_bench_identity){0};
}
