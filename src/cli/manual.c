#include "cli/manual.h"

#include <pixpool/filter.h>
#include <pixpool/version.h>

#include "cli/exits.h"
#include "cli/filter_list.h"
#include "cli/help.h"
#include "cli/options.h"

/* Running text of ours, so that roff takes none of it for requests or escapes. Hyphens are meant
 * as they are typed. */
static void put_text(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        switch (*text) {
        case '\\':
            fputs("\\e", out);
            break;
        case '-':
            fputs("\\-", out);
            break;
        case '\'':
            fputs("\\(aq", out);
            break;
        case '`':
            fputs("\\(ga", out);
            break;
        case '^':
            fputs("\\(ha", out);
            break;
        case '~':
            fputs("\\(ti", out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

static void put_line(FILE *out, const char *text)
{
    put_text(out, text);
    fputc('\n', out);
}

/* A line in bold. `font` leads the rest of the line in italics; NULL for none. */
static void put_term(FILE *out, const char *bold, const char *italic)
{
    fputs(".TP\n\\fB", out);
    put_text(out, bold);
    fputs("\\fR", out);
    if (italic) {
        fputs(italic[0] == '[' ? "\\fI" : " \\fI", out);
        put_text(out, italic);
        fputs("\\fR", out);
    }
    fputc('\n', out);
}

static void put_paragraphs(FILE *out, const char *const *paragraphs)
{
    for (; *paragraphs; paragraphs++) {
        fputs(".PP\n", out);
        put_line(out, *paragraphs);
    }
}

static void put_head(FILE *out)
{
    static const char *const description[] = {
        "Each INPUT is a JPEG or PNG file, or a directory whose JPEG and PNG files are taken. Each "
        "is decoded, led through FILTERS and encoded into OUTPUT by one of a pool of worker "
        "processes. A file that is broken, or whose worker crashes, hangs or is killed, is "
        "reported as failed and costs no other file.",
        "FILTERS are joined by commas. A filter's arguments follow \"=\" and are joined by colons, "
        "each either in the order the filter lists its parameters or as name=value: "
        "\"orient,resize=1600x1600:fit=inside,gray=rec709,sharpen=0.6\".",
        "No input is ever written to: an output that is an input, also by another path or a link, "
        "is refused. Of two inputs that meet in one output the second fails. An output appears "
        "under its name whole, or not at all; one of an earlier run is replaced whole. The same "
        "input, filters and encoding options give the same bytes, whatever the number of workers "
        "and threads.",
        "File names are bytes and nothing inside them is interpreted. In messages, bytes that are "
        "not printable in the locale's encoding are shown as \\xNN.",
        NULL,
    };

    fprintf(out, ".TH PIXPOOL 1 \"\" \"pixpool %s\" \"User Commands\"\n", pp_version());
    fputs(".nh\n.ad l\n" /* nothing that is typed is to be hyphenated */
          ".SH NAME\npixpool \\- convert folders of pictures with a pool of processes\n"
          ".SH SYNOPSIS\n"
          "\\fBpixpool\\fR \\fIFILTERS\\fR \\fIINPUT\\fR... \\fB\\-o\\fR \\fIOUTPUT\\fR"
          " [\\fIoptions\\fR]\n.br\n"
          "\\fBpixpool filters\\fR [\\fINAME\\fR]\n.br\n"
          "\\fBpixpool presets\\fR\n.br\n"
          "\\fBpixpool info\\fR \\fIFILE\\fR... [\\fIoptions\\fR]\n.br\n"
          "\\fBpixpool bench\\fR \\fIFILTERS\\fR \\fIINPUT\\fR... [\\fIoptions\\fR]\n"
          ".SH DESCRIPTION\n",
          out);
    put_paragraphs(out, description);
}

static void put_options(FILE *out)
{
    const struct pp_option *option;
    char name[80];

    fputs(".SH OPTIONS\nA lone \\fB\\-\\-\\fR ends the options.\n", out);
    for (unsigned group = 0; group < PP_GROUP_COUNT; group++) {
        fprintf(out, ".SS %s\n", pp_option_group_title((enum pp_option_group)group));
        for (size_t i = 0; (option = pp_option_at(i)); i++) {
            if (option->group != group)
                continue;
            if (option->letter)
                snprintf(name, sizeof name, "-%c, --%s", option->letter, option->name);
            else
                snprintf(name, sizeof name, "--%s", option->name);
            put_term(out, name, option->argument);
            put_line(out, option->summary);
        }
    }
}

static void put_filters(FILE *out)
{
    const struct pp_filter *filter;
    char text[512];

    fputs(".SH FILTERS\n", out);
    for (size_t i = 0; (filter = pp_filter_at(i)); i++) {
        fprintf(out, ".SS %s\n", pp_filter_name(filter));
        put_line(out, pp_filter_summary(filter));
        for (const struct pp_param *p = pp_filter_params(filter); p->name; p++) {
            put_term(out, p->name, NULL);
            put_line(out, p->summary);
            fputs(".br\n", out);
            pp_param_describe(p, text, sizeof text);
            put_line(out, text);
        }
        pp_filter_list_example(filter, text, sizeof text);
        fputs(".PP\nExample: \\fB", out);
        put_text(out, pp_filter_list_quote(text));
        put_text(out, text);
        put_text(out, pp_filter_list_quote(text));
        fputs("\\fR\n.br\nSource: ", out);
        put_line(out, pp_filter_source(filter));
    }
}

static void put_environment(FILE *out)
{
    fputs(".SH ENVIRONMENT\n", out);
    put_term(out, "NO_COLOR", NULL);
    put_line(out, "no colours, whatever its value, unless it is empty");
    put_term(out, "TERM", NULL);
    put_line(out, "no bar where it is \"dumb\" or missing");
    put_term(out, "COLUMNS", NULL);
    put_line(out, "the width of lines where no terminal says it");
    put_term(out, "LC_ALL, LC_CTYPE, LANG", NULL);
    put_line(out, "the encoding of what is shown");
}

static void put_presets(FILE *out)
{
    static const char *const paragraphs[] = {
        "A preset is a chain of filters and options under a name, for --preset. Some are built in; "
        "$XDG_CONFIG_HOME/pixpool/presets, or ~/.config/pixpool/presets where that variable is "
        "not set, has the user's own, which go before those built in of the same name. "
        "\"pixpool presets\" shows all of them, in the form that file has:",
        NULL,
    };

    fputs(".SH PRESETS\n", out);
    put_paragraphs(out, paragraphs);
    fputs(".PP\n.nf\n[web]\nfilters = orient,resize=1600x1600\nquality = 82\nprogressive\n.fi\n",
          out);
    static const char *const rules[] = {
        "Each line below a name is \"filters\" or a long option without its dashes; an option that "
        "takes no value stands alone or is \"yes\" or \"no\". A line that begins with # or ; is a "
        "comment. Options of the command line win over the preset's. With a preset that has "
        "filters the FILTERS of the command line are left out.",
        NULL,
    };
    put_paragraphs(out, rules);
}

static void put_tail(FILE *out)
{
    const struct pp_example *example;
    const struct pp_exit_text *code;

    fputs(".SH TELLING OF PICTURES\n", out);
    put_paragraphs(out, pp_help_info_text());
    put_presets(out);
    fputs(".SH MEASURING\n", out);
    put_paragraphs(out, pp_help_bench_text());
    fputs(".SH LEADING RUNS\n", out);
    put_paragraphs(out, pp_help_control_text());
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; (code = pp_exit_text_at(i)); i++) {
        put_term(out, code->code, NULL);
        put_line(out, code->text);
    }
    put_environment(out);
    fputs(".SH FILES\n", out);
    put_term(out, "OUTPUT/.pixpool-*", NULL);
    put_line(out, "a picture not yet finished, on file systems that know no unnamed files; it is "
                  "removed when the run ends");
    fputs(".SH EXAMPLES\n", out);
    for (size_t i = 0; (example = pp_example_at(i)); i++) {
        put_term(out, example->command, NULL);
        put_line(out, example->text);
    }
    fputs(".SH SEE ALSO\n"
          "\\fBjpegtran\\fR(1), \\fBvips\\fR(1), \\fBparallel\\fR(1), \\fBfind\\fR(1)\n",
          out);
}

void pp_manual_print(FILE *out)
{
    put_head(out);
    put_options(out);
    put_filters(out);
    put_tail(out);
}
