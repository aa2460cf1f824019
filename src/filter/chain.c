#include <pixpool/filter.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "filter/argument.h"
#include "filter/filter.h"
#include "filter/suggest.h"
#include "filter/words.h"

struct entry {
    const struct pp_filter *filter;
    struct pp_value args[PP_FILTER_PARAMS_MAX];
};

struct pp_chain {
    char *text; /* owned; the words that values refer to */
    bool strips_metadata;
    size_t length;
    void *memory; /* owned: see pp_chain_own() */
    struct entry entries[];
};

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

/* A chain while it is being read. */
struct reading {
    struct pp_words words;
    struct pp_chain_place place; /* what an error is about */
    struct entry *entry;
    size_t position; /* the next argument without a name is this parameter's */
    bool named;      /* an argument with a name was seen: none without may follow */
};

static enum pp_status next_word(struct reading *reading, const char *marks, struct pp_word *word,
                                struct pp_error *err)
{
    enum pp_status status = pp_words_next(&reading->words, marks, word, err);

    reading->place = word->place;
    return status;
}

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

/* NAME=VALUE, whose NAME has been read. */
static enum pp_status read_named(struct reading *reading, struct pp_word *word,
                                 struct pp_error *err)
{
    const struct pp_filter *filter = reading->entry->filter;
    const char *name = word->text;
    size_t index = find_param(filter, name);
    enum pp_status status;

    reading->named = true;
    if (!filter->params[index].name)
        return unknown_param(filter, name, err);
    status = next_word(reading, ":,", word, err);
    return status == PP_OK ? set_argument(reading, index, word->text, err) : status;
}

/* *mark becomes what ended it. */
static enum pp_status read_argument(struct reading *reading, char *mark, struct pp_error *err)
{
    const struct pp_filter *filter = reading->entry->filter;
    struct pp_word word;
    enum pp_status status = next_word(reading, "=:,", &word, err);
    size_t index;

    if (status == PP_OK && word.mark == '=')
        status = read_named(reading, &word, err);
    else if (status == PP_OK && !*word.text)
        status = pp_error_set(err, PP_E_USAGE, "filter \"%s\": an argument is empty", filter->name);
    else if (status == PP_OK) {
        index = find_param(filter, word.text);
        if (filter->params[index].name && filter->params[index].type == PP_PARAM_SWITCH) {
            reading->named = true;
            status = set_argument(reading, index, "1", err);
        } else {
            status = set_by_position(reading, word.text, err);
        }
    }
    *mark = word.mark;
    return status;
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

/* A filter with its arguments; *mark becomes what ended it. */
static enum pp_status read_entry(struct reading *reading, char *mark, struct pp_error *err)
{
    struct entry *entry = reading->entry;
    struct pp_word name;
    enum pp_status status = next_word(reading, "=,", &name, err);

    if (status != PP_OK)
        return status;
    if (!*name.text)
        return pp_error_set(err, PP_E_USAGE, "filter chain: a filter's name is missing");
    entry->filter = pp_filter_find(name.text);
    if (!entry->filter)
        return unknown_filter(name.text, err);
    set_defaults(entry);
    *mark = name.mark;
    reading->position = 0;
    reading->named = false;
    while (status == PP_OK && (*mark == '=' || *mark == ':'))
        status = read_argument(reading, mark, err);
    if (status != PP_OK)
        return status;
    reading->place.begin = name.place.begin;
    return check_entry(entry, err);
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

static enum pp_status read_chain(struct pp_chain *chain, struct reading *reading,
                                 struct pp_error *err)
{
    char mark = ',';

    while (mark == ',') {
        reading->entry = &chain->entries[chain->length];
        enum pp_status status = read_entry(reading, &mark, err);
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

enum pp_status pp_chain_parse_at(const char *text, struct pp_chain **chain,
                                 struct pp_chain_place *place, struct pp_error *err)
{
    enum pp_status status = PP_E_NO_MEMORY;
    struct pp_chain *made = NULL;
    char *words = malloc(strlen(text) + 1);
    struct reading reading = {.words = {.text = text, .to = words}};
    size_t count = most_filters(text), entries_size = 0;

    *chain = NULL;
    if (words && pp_size_multiply(count, sizeof made->entries[0], &entries_size))
        made = calloc(1, sizeof *made + entries_size);
    if (!made)
        pp_error_set(err, status, "filter chain: no memory");
    else if (!text[strspn(text, " \t\r\n\v\f")])
        status = pp_error_set(err, PP_E_USAGE, "filter chain: it is empty");
    else
        status = read_chain(made, &reading, err);
    *place = reading.place;
    if (status == PP_OK) {
        made->text = words;
        *chain = made;
        return PP_OK;
    }
    free(words);
    free(made);
    return status;
}

enum pp_status pp_chain_parse(const char *text, struct pp_chain **chain, struct pp_error *err)
{
    struct pp_chain_place place;

    return pp_chain_parse_at(text, chain, &place, err);
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
