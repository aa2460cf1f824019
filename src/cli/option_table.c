/* Every option there is, but for those of option_running.c, option_safety.c and option_color.c.
 * Parsing, --help and the manual page read these tables and nothing else. */
#include "cli/options.h"

#include <string.h>

#define MEMBER(name) offsetof(struct pp_options, name)

static const char *const group_titles[PP_GROUP_COUNT] = {
    [PP_GROUP_INPUT] = "Input",
    [PP_GROUP_OUTPUT] = "Output",
    [PP_GROUP_ENCODING] = "Encoding",
    [PP_GROUP_RUNNING] = "Running",
    [PP_GROUP_SAFETY] = "Safety",
    [PP_GROUP_REPORTING] = "Reporting",
    [PP_GROUP_INFO] = "Telling of pictures and runs (pixpool info, pixpool status)",
    [PP_GROUP_BENCH] = "Measuring (pixpool bench)",
};

static const struct pp_choice formats[] = {
    {"keep", PP_FORMAT_KEEP, false},
    {"jpeg", PP_FORMAT_JPEG, false},
    {"png", PP_FORMAT_PNG, false},
    {"jpg", PP_FORMAT_JPEG, true},
    {NULL, 0, false},
};
static const struct pp_choice qualities[] = {{"keep", 0, false}, {NULL, 0, false}};
static const struct pp_choice subsamplings[] = {
    {"keep", PP_SUBSAMPLING_KEEP, false}, {"444", PP_SUBSAMPLING_444, false},
    {"422", PP_SUBSAMPLING_422, false},   {"420", PP_SUBSAMPLING_420, false},
    {"440", PP_SUBSAMPLING_440, false},   {NULL, 0, false},
};
static const struct pp_choice metadata_parts[] = {
    {"all", PP_STRIP_ALL, false},   {"exif", PP_STRIP_EXIF, false},
    {"icc", PP_STRIP_ICC, false},   {"xmp", PP_STRIP_XMP, false},
    {"iptc", PP_STRIP_IPTC, false}, {"com", PP_STRIP_COMMENTS, false},
    {"gps", PP_STRIP_GPS, false},   {NULL, 0, false},
};
static const struct pp_choice png_levels[] = {{"0", PP_PNG_STORED, false}, {NULL, 0, false}};
static const struct pp_choice paths[] = {
    {"auto", PP_DECODE_AUTO, false}, {"extract", PP_DECODE_EXTRACT, false},
    {"dct", PP_DECODE_DCT, false},   {"luma", PP_DECODE_LUMA, false},
    {"full", PP_DECODE_FULL, false}, {NULL, 0, false},
};
static const struct pp_choice progress_styles[] = {
    {"auto", PP_PROGRESS_AUTO, false},
    {"bar", PP_PROGRESS_BAR, false},
    {"plain", PP_PROGRESS_PLAIN, false},
    {"none", PP_PROGRESS_NONE, false},
    {NULL, 0, false},
};
static const struct pp_choice no_clobber[] = {{"", PP_EXISTING_SKIP, false}};
static const struct pp_choice update[] = {{"", PP_EXISTING_UPDATE, false}};
static const struct pp_choice help[] = {{"", PP_COMMAND_HELP, false}};
static const struct pp_choice version[] = {{"", PP_COMMAND_VERSION, false}};
static const struct pp_choice manual[] = {{"", PP_COMMAND_MANUAL, false}};

static const struct pp_option table[] = {
    {.name = "recursive",
     .letter = 'r',
     .group = PP_GROUP_INPUT,
     .kind = PP_OPTION_FLAG,
     .member = MEMBER(batch.inputs.recursive),
     .summary = "go into directories below those given; their tree is kept in the output"},
    {.name = "include",
     .argument = "GLOB",
     .group = PP_GROUP_INPUT,
     .kind = PP_OPTION_LIST,
     .member = MEMBER(include),
     .summary = "take only files in directories that match GLOB, instead of those named .jpg, "
                ".jpeg or .png; a GLOB with a slash is matched against the path below the "
                "directory given, one without against the last name; repeatable"},
    {.name = "exclude",
     .argument = "GLOB",
     .group = PP_GROUP_INPUT,
     .kind = PP_OPTION_LIST,
     .member = MEMBER(exclude),
     .summary = "leave out what matches GLOB, even if --include names it; repeatable"},
    {.name = "files-from",
     .argument = "FILE",
     .group = PP_GROUP_INPUT,
     .kind = PP_OPTION_TEXT,
     .member = MEMBER(batch.inputs.files_from),
     .summary = "read more inputs from FILE, one a line; - is standard input"},
    {.name = "null",
     .letter = '0',
     .group = PP_GROUP_INPUT,
     .kind = PP_OPTION_FLAG,
     .member = MEMBER(batch.inputs.null_separated),
     .summary = "the entries of --files-from end with a NUL byte, as find -print0 writes them"},

    {.name = "output",
     .letter = 'o',
     .argument = "OUTPUT",
     .group = PP_GROUP_OUTPUT,
     .kind = PP_OPTION_TEXT,
     .member = MEMBER(batch.outputs.path),
     .summary = "the directory to write to, made when it is missing; with a single input file "
                "also a file name that ends in .jpg, .jpeg or .png"},
    {.name = "prefix",
     .argument = "TEXT",
     .group = PP_GROUP_OUTPUT,
     .kind = PP_OPTION_AFFIX,
     .member = MEMBER(batch.outputs.prefix),
     .summary = "put TEXT before each output's name"},
    {.name = "suffix",
     .argument = "TEXT",
     .group = PP_GROUP_OUTPUT,
     .kind = PP_OPTION_AFFIX,
     .member = MEMBER(batch.outputs.suffix),
     .summary = "put TEXT between the stem and the extension of each output's name"},
    {.name = "no-clobber",
     .letter = 'n',
     .group = PP_GROUP_OUTPUT,
     .kind = PP_OPTION_SET,
     .member = MEMBER(batch.outputs.existing),
     .choices = no_clobber,
     .summary = "skip inputs whose output exists; without it an earlier output is replaced whole"},
    {.name = "update",
     .letter = 'u',
     .group = PP_GROUP_OUTPUT,
     .kind = PP_OPTION_SET,
     .member = MEMBER(batch.outputs.existing),
     .choices = update,
     .summary = "skip inputs whose output exists and is not older than the input"},

    {.name = "format",
     .letter = 'f',
     .argument = "keep|jpeg|png",
     .group = PP_GROUP_ENCODING,
     .kind = PP_OPTION_CHOICE,
     .member = MEMBER(batch.encode.format),
     .choices = formats,
     .summary = "the outputs' format; keep, the default, is the input's own"},
    {.name = "quality",
     .letter = 'q',
     .argument = "keep|1-100",
     .group = PP_GROUP_ENCODING,
     .kind = PP_OPTION_INTEGER,
     .member = MEMBER(batch.encode.quality),
     .min = 1,
     .max = 100,
     .choices = qualities,
     .summary = "JPEG quality; keep, the default, uses the input's own tables, or 90 where it is "
                "no JPEG"},
    {.name = "progressive",
     .group = PP_GROUP_ENCODING,
     .kind = PP_OPTION_FLAG,
     .member = MEMBER(batch.encode.progressive),
     .summary = "write progressive JPEG, also where the input is not"},
    {.name = "subsampling",
     .argument = "keep|444|422|420|440",
     .group = PP_GROUP_ENCODING,
     .kind = PP_OPTION_CHOICE,
     .member = MEMBER(batch.encode.subsampling),
     .choices = subsamplings,
     .summary = "JPEG chroma subsampling; keep, the default, is the input's own, or 420 where it "
                "is no JPEG"},
    {.name = "png-level",
     .argument = "0-12",
     .group = PP_GROUP_ENCODING,
     .kind = PP_OPTION_INTEGER,
     .member = MEMBER(batch.encode.png_level),
     .min = 0,
     .max = 12,
     .choices = png_levels,
     .summary = "PNG compression, 0 none, 1 fastest to 12 smallest; default 3"},
    {.name = "strip",
     .argument = "[=all|exif,icc,xmp,iptc,com,gps]",
     .group = PP_GROUP_ENCODING,
     .kind = PP_OPTION_PARTS,
     .member = MEMBER(batch.encode.strip),
     .choices = metadata_parts,
     .summary = "leave out metadata, all of it or the kinds named; com is comments and texts, gps "
                "the place in EXIF and XMP; an orientation that was not applied stays; without "
                "its icc profile a picture's colours may look different"},
    {.name = "keep",
     .argument = "all|exif,icc,xmp,iptc,com,gps",
     .group = PP_GROUP_ENCODING,
     .kind = PP_OPTION_OTHER_PARTS,
     .member = MEMBER(batch.encode.strip),
     .choices = metadata_parts,
     .summary = "keep the kinds of metadata named and leave out all others, as --strip does; "
                "exif alone is without the place"},
    {.name = "path",
     .argument = "auto|extract|dct|luma|full",
     .group = PP_GROUP_ENCODING,
     .kind = PP_OPTION_CHOICE,
     .member = MEMBER(batch.path),
     .choices = paths,
     .summary = "how a JPEG is decoded; auto, the default, takes the cheapest way that loses "
                "nothing"},

    {.name = "progress",
     .argument = "auto|bar|plain|none",
     .group = PP_GROUP_REPORTING,
     .kind = PP_OPTION_CHOICE,
     .member = MEMBER(progress),
     .choices = progress_styles,
     .summary = "show how far the run is: a bar, a plain line every 10 %, or nothing; auto, the "
                "default, is a bar on a terminal and lines elsewhere"},
    {.name = "log",
     .argument = "FILE",
     .group = PP_GROUP_REPORTING,
     .kind = PP_OPTION_TEXT,
     .member = MEMBER(batch.log_path),
     .summary = "write one JSON record a file to FILE: input, output, status, error, bytes, "
                "pixels, times, worker, attempt"},
    {.name = "verbose",
     .letter = 'v',
     .group = PP_GROUP_REPORTING,
     .kind = PP_OPTION_FLAG,
     .member = MEMBER(verbose),
     .summary = "one line for each file, with its warnings"},
    {.name = "quiet",
     .group = PP_GROUP_REPORTING,
     .kind = PP_OPTION_FLAG,
     .member = MEMBER(quiet),
     .summary = "no progress and no summary; failures are still shown"},
    {.name = "help",
     .letter = 'h',
     .group = PP_GROUP_REPORTING,
     .kind = PP_OPTION_COMMAND,
     .member = MEMBER(command),
     .choices = help,
     .summary = "show this help"},
    {.name = "version",
     .letter = 'V',
     .group = PP_GROUP_REPORTING,
     .kind = PP_OPTION_COMMAND,
     .member = MEMBER(command),
     .choices = version,
     .summary = "show the version, those of the libraries used, and the cores found"},
    {.name = "man",
     .group = PP_GROUP_REPORTING,
     .kind = PP_OPTION_COMMAND,
     .member = MEMBER(command),
     .choices = manual,
     .hidden = true,
     .summary = "write this manual page to standard output as roff source"},

    {.name = "json",
     .group = PP_GROUP_INFO,
     .kind = PP_OPTION_FLAG,
     .member = MEMBER(json),
     .summary = "one JSON object a file or run, each on a line of its own"},

    {.name = "repeat",
     .argument = "N",
     .group = PP_GROUP_BENCH,
     .kind = PP_OPTION_INTEGER,
     .member = MEMBER(bench.repeat),
     .min = 1,
     .max = 1000,
     .summary = "measure everything N times, 1 to 1000; default 5"},
    {.name = "json",
     .argument = "FILE",
     .group = PP_GROUP_BENCH,
     .kind = PP_OPTION_TEXT,
     .member = MEMBER(bench.json),
     .summary = "write the results to FILE in Google Benchmark's format; - is standard output, "
                "the table then goes to standard error"},
    {.name = "baseline",
     .argument = "FILE",
     .group = PP_GROUP_BENCH,
     .kind = PP_OPTION_TEXT,
     .member = MEMBER(bench.baseline),
     .summary = "compare with the results in FILE, which --json wrote: of the same version, "
                "machine, filters, options and pictures"},
    {.name = "max-slowdown",
     .argument = "SHARE",
     .group = PP_GROUP_BENCH,
     .kind = PP_OPTION_SHARE,
     .member = MEMBER(bench.max_slowdown),
     .max = 1000,
     .summary = "exit with status 1 when the median of a scaling step is slower than the "
                "baseline's by more than SHARE: 5%, 5 or 0.05; default 5%"},
};

/* Of a group that serves a batch, those that serve a benchmark too. */
static const char *const bench_names[] = {"jobs",       "threads",   "path",    "timeout", "memory",
                                          "max-pixels", "max-scans", "sandbox", "preset",  "help"};

const struct pp_option *pp_option_at(size_t index)
{
    const size_t count = sizeof table / sizeof *table;

    if (index < count)
        return &table[index];
    index -= count;
    if (index < pp_running_option_count)
        return &pp_running_options[index];
    index -= pp_running_option_count;
    if (index < pp_safety_option_count)
        return &pp_safety_options[index];
    index -= pp_safety_option_count;
    return index < pp_color_option_count ? &pp_color_options[index] : NULL;
}

bool pp_option_serves_bench(const struct pp_option *option)
{
    if (option->group == PP_GROUP_INPUT || option->group == PP_GROUP_ENCODING ||
        option->group == PP_GROUP_BENCH)
        return true;
    for (size_t i = 0; i < sizeof bench_names / sizeof *bench_names; i++)
        if (!strcmp(option->name, bench_names[i]))
            return true;
    return false;
}

bool pp_option_serves_info(const struct pp_option *option)
{
    static const char *const names[] = {"recursive", "include", "exclude", "help"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(option->name, names[i]))
            return true;
    return option->group == PP_GROUP_INFO;
}

const char *pp_option_group_title(enum pp_option_group group)
{
    return group_titles[group];
}
