#include <pixpool/filter.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "filter/argument.h"
#include "filter/filter.h"
#include "filter/suggest.h"

struct entry {
    const struct pp_filter *filter;
    struct pp_value args[PP_FILTER_PARAMS_MAX];
};

struct pp_chain {
    char *text; /* owned; cut into the words that values refer to */
    bool strips_metadata;
    size_t length;
    void *memory; /* owned: see pp_chain_own() */
    struct entry entries[];
};

/* Cut white space off both ends, in place. */
static char *trimmed(char *text)
{
    static const char blanks[] = " \t\r\n\v\f";
    size_t length;

    text += strspn(text, blanks);
    length = strlen(text);
    while (length && strchr(blanks, text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

/* End `text` at its first `mark` and return what follows, NULL when there is no mark. */
static char *split(char *text, char mark)
{
    char *at = strchr(text, mark);

    if (!at)
        return NULL;
    *at = '\0';
    return at + 1;
}

static size_t param_count(const struct pp_filter *filter)
{
    size_t count = 0;

    while (filter->params[count].name)
        count++;
    return count;
}

/* The parameter of that name; the count of parameters when there is none. */
static size_t find_param(const struct pp_filter *filter, const char *name)
{
    size_t index = 0;

    while (filter->params[index].name && strcmp(filter->params[index].name, name) != 0)
        index++;
    return index;
}

static enum pp_status unknown_filter(const char *name, struct pp_error *err)
{
    struct pp_suggestion suggestion = {.given = name};
    const struct pp_filter *filter;

    for (size_t i = 0; (filter = pp_filter_at(i)); i++)
        pp_suggest_offer(&suggestion, filter->name);
    if (suggestion.nearest)
        return pp_error_set(err, PP_E_USAGE, "filter \"%.48s\": unknown, did you mean \"%s\"", name,
                            suggestion.nearest);
    return pp_error_set(err, PP_E_USAGE, "filter \"%.48s\": unknown", name);
}

static enum pp_status unknown_param(const struct pp_filter *filter, const char *name,
                                    struct pp_error *err)
{
    struct pp_suggestion suggestion = {.given = name};

    for (size_t i = 0; filter->params[i].name; i++)
        pp_suggest_offer(&suggestion, filter->params[i].name);
    if (suggestion.nearest)
        return pp_error_set(err, PP_E_USAGE,
                            "filter \"%s\": parameter \"%.48s\": unknown, did you mean \"%s\"",
                            filter->name, name, suggestion.nearest);
    return pp_error_set(err, PP_E_USAGE, "filter \"%s\": parameter \"%.48s\": unknown",
                        filter->name, name);
}

/* The arguments of one filter while they are being read. */
struct reading {
    struct entry *entry;
    size_t position; /* the next argument without a name is this parameter's */
    bool named;      /* an argument with a name was seen: none without may follow */
};

static enum pp_status set_argument(struct reading *reading, size_t index, const char *text,
                                   struct pp_error *err)
{
    const struct pp_filter *filter = reading->entry->filter;
    struct pp_value *value = &reading->entry->args[index];

    if (value->given)
        return pp_error_set(err, PP_E_USAGE, "filter \"%s\": parameter \"%s\" is given twice",
                            filter->name, filter->params[index].name);
    return pp_argument_parse(filter, &filter->params[index], text, value, err);
}

static enum pp_status set_by_position(struct reading *reading, const char *text,
                                      struct pp_error *err)
{
    const struct pp_filter *filter = reading->entry->filter;
    size_t count = param_count(filter);

    if (reading->named)
        return pp_error_set(err, PP_E_USAGE,
                            "filter \"%s\": argument \"%.48s\" follows a named one, name it too",
                            filter->name, text);
    if (count == 0)
        return pp_error_set(err, PP_E_USAGE, "filter \"%s\": argument \"%.48s\": it takes none",
                            filter->name, text);
    if (reading->position >= count)
        return pp_error_set(err, PP_E_USAGE,
                            "filter \"%s\": argument \"%.48s\": it takes at most %zu", filter->name,
                            text, count);
    return set_argument(reading, reading->position++, text, err);
}

static enum pp_status read_argument(struct reading *reading, char *text, struct pp_error *err)
{
    const struct pp_filter *filter = reading->entry->filter;
    char *value = split(text, '=');
    size_t index;

    text = trimmed(text);
    index = find_param(filter, text);
    if (value) {
        reading->named = true;
        if (!filter->params[index].name)
            return unknown_param(filter, text, err);
        return set_argument(reading, index, trimmed(value), err);
    }
    if (!*text)
        return pp_error_set(err, PP_E_USAGE, "filter \"%s\": an argument is empty", filter->name);
    if (filter->params[index].name && filter->params[index].type == PP_PARAM_SWITCH) {
        reading->named = true;
        return set_argument(reading, index, "1", err);
    }
    return set_by_position(reading, text, err);
}

/* Required arguments, and what a filter has to say about all of them together. */
static enum pp_status check_entry(const struct entry *entry, struct pp_error *err)
{
    const struct pp_filter *filter = entry->filter;

    for (size_t i = 0; filter->params[i].name; i++)
        if (filter->params[i].required && !entry->args[i].given)
            return pp_error_set(err, PP_E_USAGE, "filter \"%s\": parameter \"%s\" is missing: %s",
                                filter->name, filter->params[i].name, filter->params[i].summary);
    return filter->check ? filter->check(entry->args, err) : PP_OK;
}

static void set_defaults(struct entry *entry)
{
    const struct pp_param *params = entry->filter->params;

    for (size_t i = 0; params[i].name; i++)
        pp_argument_default(&params[i], &entry->args[i]);
}

static enum pp_status read_entry(struct entry *entry, char *text, struct pp_error *err)
{
    struct reading reading = {.entry = entry};
    char *rest = split(text, '=');
    const char *name = trimmed(text);
    enum pp_status status = PP_OK;

    if (!*name)
        return pp_error_set(err, PP_E_USAGE, "filter chain: a filter's name is missing");
    entry->filter = pp_filter_find(name);
    if (!entry->filter)
        return unknown_filter(name, err);
    set_defaults(entry);
    while (rest && status == PP_OK) {
        char *argument = rest;
        rest = split(rest, ':');
        status = read_argument(&reading, argument, err);
    }
    return status == PP_OK ? check_entry(entry, err) : status;
}

/* `given`'s arguments, by their names, to one of the filters that it stands for. */
static void pass_on(const struct entry *given, struct entry *part)
{
    const struct pp_param *params = given->filter->params;

    set_defaults(part);
    for (size_t i = 0; params[i].name; i++) {
        size_t index = find_param(part->filter, params[i].name);
        if (part->filter->params[index].name)
            part->args[index] = given->args[i];
    }
}

/* Count the last entry in, or what it stands for in its place. */
static void settle_entry(struct pp_chain *chain)
{
    const struct entry given = chain->entries[chain->length];
    const struct pp_filter *filter = given.filter, *part;

    chain->strips_metadata |= filter->strips_metadata;
    if (!filter->part || !filter->part(given.args, 0)) {
        chain->length++;
        return;
    }
    for (size_t i = 0; (part = filter->part(given.args, i)); i++) {
        struct entry *entry = &chain->entries[chain->length++];
        *entry = (struct entry){.filter = part};
        pass_on(&given, entry);
    }
}

static enum pp_status read_chain(struct pp_chain *chain, char *text, struct pp_error *err)
{
    char *rest = text;

    while (rest) {
        char *segment = rest;
        rest = split(rest, ',');
        enum pp_status status = read_entry(&chain->entries[chain->length], segment, err);
        if (status != PP_OK)
            return status;
        settle_entry(chain);
    }
    return PP_OK;
}

/* One more filter than there are commas, each of which may stand for several. */
static size_t most_filters(const char *text)
{
    size_t count = 1;

    for (; *text; text++)
        count += *text == ',';
    return count * PP_FILTER_PARTS_MAX;
}

enum pp_status pp_chain_parse(const char *text, struct pp_chain **chain, struct pp_error *err)
{
    enum pp_status status = PP_E_NO_MEMORY;
    struct pp_chain *made = NULL;
    char *copy = strdup(text);
    size_t count = most_filters(text), entries_size = 0;

    *chain = NULL;
    if (copy && pp_size_multiply(count, sizeof made->entries[0], &entries_size))
        made = calloc(1, sizeof *made + entries_size);
    if (!made)
        pp_error_set(err, status, "filter chain: no memory");
    else if (!*trimmed(copy))
        status = pp_error_set(err, PP_E_USAGE, "filter chain: it is empty");
    else
        status = read_chain(made, copy, err);
    if (status == PP_OK) {
        made->text = copy;
        *chain = made;
        return PP_OK;
    }
    free(copy);
    free(made);
    return status;
}

void pp_chain_free(struct pp_chain *chain)
{
    if (!chain)
        return;
    free(chain->memory);
    free(chain->text);
    free(chain);
}

void pp_chain_own(struct pp_chain *chain, void *memory)
{
    free(chain->memory);
    chain->memory = memory;
}

const void *pp_chain_owned(const struct pp_chain *chain)
{
    return chain->memory;
}

void pp_chain_set_picture(struct pp_chain *chain, size_t index, size_t param,
                          const struct pp_raster *picture)
{
    chain->entries[index].args[param].picture = picture;
}

bool pp_chain_strips_metadata(const struct pp_chain *chain)
{
    return chain->strips_metadata;
}

size_t pp_chain_length(const struct pp_chain *chain)
{
    return chain->length;
}

const struct pp_filter *pp_chain_filter(const struct pp_chain *chain, size_t index)
{
    return index < chain->length ? chain->entries[index].filter : NULL;
}

struct pp_chain_item pp_chain_item(const struct pp_chain *chain, size_t index)
{
    const struct entry *entry = &chain->entries[index];

    return (struct pp_chain_item){.filter = entry->filter, .args = entry->args};
}
