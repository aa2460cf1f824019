#include "cli/help.h"

#include <stdbool.h>
#include <string.h>

#include "cli/exits.h"
#include "cli/options.h"
#include "cli/wrap.h"

#define TEXT_COLUMN 28 /* where the options' descriptions begin */

static const struct pp_example examples[] = {
    {"pixpool gray photos -o gray", "every picture in photos as grayscale, written to gray"},
    {"pixpool orient,resize=1600x1600,gray -r photos -o web -q 82",
     "the same tree upright, at most 1600 pixels a side, at quality 82"},
    {"pixpool gray scan.png -o scan.jpg", "one file, another format"},
    {"find . -name '*.jpg' -size +1M -print0 | pixpool gray --files-from - -0 -o out",
     "what find finds, whatever the names"},
    {"pixpool gray photos -o gray -u --log gray.jsonl",
     "only what is new or changed, with a record of each file"},
    {"pixpool --preset web -r photos -o web", "filters and options that are kept under a name"},
    {"pixpool info --json photos", "what the pictures' headers say, without decoding any"},
    {"pixpool filters resize", "what the resize filter takes"},
    {"pixpool bench gray photos", "how fast that is here, and where the time goes"},
    {"pixpool status", "how runs that are going on stand; \"pixpool pause\" lets one rest"},
};

const struct pp_example *pp_example_at(size_t index)
{
    return index < sizeof examples / sizeof *examples ? &examples[index] : NULL;
}

void pp_help_usage(FILE *out)
{
    fputs("usage: pixpool FILTERS INPUT... -o OUTPUT [options]\n"
          "       pixpool filters [NAME]\n"
          "       pixpool presets\n"
          "       pixpool info FILE... [options]\n"
          "       pixpool bench FILTERS INPUT... [options]\n"
          "       pixpool status|pause|resume|cancel [RUN]\n"
          "       pixpool jobs N [RUN]\n",
          out);
}

static void print_option(FILE *out, const struct pp_option *option, unsigned width)
{
    unsigned column = 0;

    if (option->letter)
        column = (unsigned)fprintf(out, "  -%c, ", option->letter);
    else
        column = (unsigned)fprintf(out, "      ");
    column += (unsigned)fprintf(out, "--%s%s%s", option->name,
                                option->argument && option->argument[0] != '[' ? " " : "",
                                option->argument ? option->argument : "");
    pp_wrap(out, option->summary, column, (struct pp_margins){TEXT_COLUMN, width});
}

/* Those of one group that `is_wanted`; a group of which none is has no heading either. */
static void print_group(FILE *out, unsigned group, unsigned width,
                        bool (*is_wanted)(const struct pp_option *option))
{
    const struct pp_option *option;
    bool begun = false;

    for (size_t i = 0; (option = pp_option_at(i)); i++) {
        if (option->group != group || !is_wanted(option))
            continue;
        if (!begun)
            fprintf(out, "\n%s:\n", pp_option_group_title((enum pp_option_group)group));
        begun = true;
        print_option(out, option, width);
    }
}

static void print_options(FILE *out, unsigned width,
                          bool (*is_wanted)(const struct pp_option *option))
{
    for (unsigned group = 0; group < PP_GROUP_COUNT; group++)
        print_group(out, group, width, is_wanted);
}

static bool is_listed(const struct pp_option *option)
{
    return !option->hidden;
}

void pp_help_print(FILE *out, unsigned width)
{
    const struct pp_example *example;
    const struct pp_exit_text *code;

    pp_help_usage(out);
    fputc('\n', out);
    pp_wrap(out,
            "Convert JPEG and PNG pictures through a chain of filters, in a pool of worker "
            "processes. INPUT is a file or a directory. FILTERS are joined by commas, their "
            "arguments follow \"=\" and are joined by colons; \"pixpool filters\" lists them. "
            "No input is ever written to, and an output appears whole or not at all.",
            0, (struct pp_margins){0, width});
    print_options(out, width, is_listed);
    fputs("\nExamples:\n", out);
    for (size_t i = 0; (example = pp_example_at(i)); i++) {
        fprintf(out, "  %s\n", example->command);
        pp_wrap(out, example->text, 0, (struct pp_margins){6, width});
    }
    fputs("\nExit status:\n", out);
    for (size_t i = 0; (code = pp_exit_text_at(i)); i++) {
        unsigned column = (unsigned)fprintf(out, "  %s", code->code);

        pp_wrap(out, code->text, column, (struct pp_margins){13, width});
    }
}

const char *const *pp_help_bench_text(void)
{
    static const char *const paragraphs[] = {
        "Measure how fast this machine leads the pictures through FILTERS, and where the time "
        "goes. They are found as they would be for a conversion, read into memory, converted once "
        "to warm up, and then as often as --repeat says by 1, 2, 4 and so on up to -j workers; the "
        "largest of them also by one worker with 1, 2, 4 and so on up to -t threads, or one for "
        "each core. Results stay in memory too: no disk is measured and nothing is written but the "
        "file of --json.",
        "Where the inputs are larger than half the memory allowed (--memory), or more than the "
        "limit of open files, a sample of them is measured, evenly taken by size, always the same; "
        "a line says so. Pictures that fail are told on standard error and left out.",
        "Shown are medians over the repeats, with the spread: 1.4826 times the median distance of "
        "the repeats from their median, which for normally scattered ones is the standard "
        "deviation. CPU time is that of all processes. The stages' times are added up over all "
        "pictures and workers.",
        "With --baseline each figure is compared with the earlier one of that name. A median "
        "that is slower by more than --max-slowdown for any number of workers or threads makes the "
        "exit status 1; stages, filters and latencies are shown to say where it comes from. "
        "\"Noisy\" are those whose spread is larger than the limit. A baseline of another version, "
        "kind of build, processor or number of cores, or of other filters, options or pictures, is "
        "refused.",
        "The exit status is 0 when all was measured; 1 when a picture failed or something was "
        "slower than allowed; 2 when there is no input, nothing could be measured, or the baseline "
        "cannot be compared with; 70, 71, 74, 130 and 143 mean what they mean elsewhere.",
        NULL,
    };

    return paragraphs;
}

void pp_help_print_bench(FILE *out, unsigned width)
{
    fputs("usage: pixpool bench FILTERS INPUT... [options]\n", out);
    for (const char *const *text = pp_help_bench_text(); *text; text++) {
        fputc('\n', out);
        pp_wrap(out, *text, 0, (struct pp_margins){0, width});
    }
    print_options(out, width, pp_option_serves_bench);
}

const char *const *pp_help_info_text(void)
{
    static const char *const paragraphs[] = {
        "Tell what the headers of pictures say, a line a file on standard output: format, size, "
        "samples, colours, subsampling, whether the file is progressive or interlaced, the quality "
        "its quantisation tables stand for, the ICC profile's name, the orientation, the camera, "
        "the density, and how many bytes of metadata of each kind there are. FILE may also be a "
        "directory, whose files are taken as a conversion would take them, by name.",
        "Only what stands before the pixels is read, and nothing is decoded, so a file that is "
        "told of may still be broken. A quality is \"about\" where the tables are not those of "
        "the Independent JPEG Group; it is then the nearest. Density, orientation and camera are "
        "what JFIF, pHYs and EXIF say of them.",
        "The exit status is 0 when all files were told of, 1 when any could not be, of which "
        "standard error says why, and 3 when there was none.",
        NULL,
    };

    return paragraphs;
}

void pp_help_print_info(FILE *out, unsigned width)
{
    fputs("usage: pixpool info FILE... [options]\n", out);
    for (const char *const *text = pp_help_info_text(); *text; text++) {
        fputc('\n', out);
        pp_wrap(out, *text, 0, (struct pp_margins){0, width});
    }
    print_options(out, width, pp_option_serves_info);
}

const char *const *pp_help_control_text(void)
{
    static const char *const paragraphs[] = {
        "See and lead runs that are going on, from another terminal. Each has an id, which -v and "
        "the log show; without RUN \"status\" tells of all of the user's runs, and the others mean "
        "the only one there is.",
        "\"status\" shows what has been done and what each worker is at, with --json as one object "
        "a run. \"pause\" has nothing more handed out, what is in work ends; \"resume\" goes on. "
        "\"cancel\" ends a run as Ctrl-C does: what is in work may finish for a few seconds, "
        "and a second one ends it at once. \"jobs\" changes the number of workers: more come when "
        "there is work for them, and those too many end when theirs is done. Nothing is lost by "
        "any of these.",
        "A run listens on a socket in $XDG_RUNTIME_DIR/pixpool, or /tmp/pixpool-UID where that "
        "variable is not set, to its user alone. Where it cannot it goes on without, which -v "
        "tells.",
        "The exit status is 0 when the run has answered, 1 when it does not answer in time, and 3 "
        "when there is none.",
        NULL,
    };

    return paragraphs;
}

void pp_help_print_control(FILE *out, unsigned width)
{
    fputs("usage: pixpool status [RUN] [--json]\n"
          "       pixpool pause|resume|cancel [RUN]\n"
          "       pixpool jobs N [RUN]\n",
          out);
    for (const char *const *text = pp_help_control_text(); *text; text++) {
        fputc('\n', out);
        pp_wrap(out, *text, 0, (struct pp_margins){0, width});
    }
    print_options(out, width, pp_option_serves_status);
}
