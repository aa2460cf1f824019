#include "cli/help.h"

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
    {"pixpool filters resize", "what the resize filter takes"},
};

const struct pp_example *pp_example_at(size_t index)
{
    return index < sizeof examples / sizeof *examples ? &examples[index] : NULL;
}

void pp_help_usage(FILE *out)
{
    fputs("usage: pixpool FILTERS INPUT... -o OUTPUT [options]\n"
          "       pixpool filters [NAME]\n",
          out);
}

static void print_option(FILE *out, const struct pp_option *option, unsigned width)
{
    unsigned column = 0;

    if (option->letter)
        column = (unsigned)fprintf(out, "  -%c, ", option->letter);
    else
        column = (unsigned)fprintf(out, "      ");
    column += (unsigned)fprintf(out, "--%s%s%s", option->name, option->argument ? " " : "",
                                option->argument ? option->argument : "");
    pp_wrap(out, option->summary, column, (struct pp_margins){TEXT_COLUMN, width});
}

static void print_options(FILE *out, unsigned width)
{
    const struct pp_option *option;

    for (unsigned group = 0; group < PP_GROUP_COUNT; group++) {
        fprintf(out, "\n%s:\n", pp_option_group_title((enum pp_option_group)group));
        for (size_t i = 0; (option = pp_option_at(i)); i++)
            if (option->group == group && !option->hidden)
                print_option(out, option, width);
    }
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
    print_options(out, width);
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
