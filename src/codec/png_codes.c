#include "codec/png_codes.h"

#include <string.h>

/* RFC 1951, 3.2.7: lengths of codes are themselves coded, in this order. */
#define LENGTH_LIMIT     7u
#define REPEAT_LAST      16u
#define REPEAT_ZERO      17u
#define REPEAT_ZERO_LONG 18u
#define LITERALS_LEAST   257u
#define LENGTHS_LEAST    4u
#define FIXED_LITERALS   288u
/* RFC 1951, 3.2.6: from these on literals and lengths take 9, 7 and 8 bits; distances. */
#define FIXED_9           144u
#define FIXED_7           256u
#define FIXED_8           280u
#define FIXED_DISTANCE    5u
#define LENGTHS_IN_A_HEAD (PP_PNG_LITERALS + PP_PNG_DISTANCES)

static const uint8_t length_order[PP_PNG_LENGTH_SYMBOLS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                            11, 4,  12, 3, 13, 2, 14, 1, 15};

/* Lengths of codes, told by symbols of a code of their own. */
struct telling {
    struct pp_png_code code;
    uint32_t frequencies[PP_PNG_LENGTH_SYMBOLS];
    uint16_t symbols[LENGTHS_IN_A_HEAD]; /* with their argument << 8 */
    unsigned count, lengths;             /* of the symbols; of the code's lengths that are told */
};

/* A run of `count` equal lengths. */
static void tell(struct telling *telling, uint8_t length, unsigned count)
{
    while (count > 0) {
        unsigned symbol = length, argument = 0, part = 1;
        if (length == 0 && count >= 3) {
            part = count < 138 ? count : 138;
            symbol = part < 11 ? REPEAT_ZERO : REPEAT_ZERO_LONG;
            argument = part - (part < 11 ? 3 : 11);
        }
        telling->symbols[telling->count++] = (uint16_t)(symbol | argument << 8);
        telling->frequencies[symbol]++;
        count -= part;
        if (length == 0 || count < 3)
            continue;
        for (; count >= 3; count -= part) {
            part = count < 6 ? count : 6;
            telling->symbols[telling->count++] = (uint16_t)(REPEAT_LAST | (part - 3) << 8);
            telling->frequencies[REPEAT_LAST]++;
        }
    }
}

static void tell_all(struct telling *telling, const uint8_t *lengths, unsigned count)
{
    unsigned run = 1;

    for (unsigned i = 0; i < count; i += run) {
        for (run = 1; i + run < count && lengths[i + run] == lengths[i];)
            run++;
        tell(telling, lengths[i], run);
    }
    pp_png_code_make(&telling->code, telling->frequencies, PP_PNG_LENGTH_SYMBOLS, LENGTH_LIMIT);
    telling->lengths = PP_PNG_LENGTH_SYMBOLS;
    while (telling->lengths > LENGTHS_LEAST &&
           telling->code.lengths[length_order[telling->lengths - 1]] == 0)
        telling->lengths--;
}

static unsigned used_symbols(const struct pp_png_code *code, unsigned count, unsigned least)
{
    while (count > least && code->lengths[count - 1] == 0)
        count--;
    return count;
}

static unsigned told_extra(unsigned symbol)
{
    return symbol < REPEAT_LAST ? 0 : symbol == REPEAT_LAST ? 2 : symbol == REPEAT_ZERO ? 3 : 7;
}

static void add_field(struct pp_png_codes *codes, unsigned bits, unsigned width)
{
    codes->head[codes->fields++] = (struct pp_png_field){(uint16_t)bits, (uint16_t)width};
}

static void make_head(struct pp_png_codes *codes, unsigned literals, unsigned distances,
                      const struct telling *telling)
{
    const struct pp_png_code *code = &telling->code;

    add_field(codes, literals - LITERALS_LEAST, 5);
    add_field(codes, distances - 1, 5);
    add_field(codes, telling->lengths - LENGTHS_LEAST, 4);
    for (unsigned i = 0; i < telling->lengths; i++)
        add_field(codes, code->lengths[length_order[i]], 3);
    for (unsigned i = 0; i < telling->count; i++) {
        unsigned symbol = telling->symbols[i] & 0xFF, argument = telling->symbols[i] >> 8;
        unsigned length = code->lengths[symbol];
        add_field(codes, code->bits[symbol] | argument << length, length + told_extra(symbol));
    }
}

void pp_png_codes_make(struct pp_png_codes *codes, const struct pp_png_tally *tally)
{
    struct telling telling = {.count = 0};
    uint8_t lengths[LENGTHS_IN_A_HEAD];

    pp_png_code_make(&codes->literals, tally->literals, PP_PNG_LITERALS, PP_PNG_CODE_LIMIT);
    pp_png_code_make(&codes->distances, tally->distances, PP_PNG_DISTANCES, PP_PNG_CODE_LIMIT);
    unsigned literals = used_symbols(&codes->literals, PP_PNG_LITERALS, LITERALS_LEAST);
    unsigned distances = used_symbols(&codes->distances, PP_PNG_DISTANCES, 1);
    memcpy(lengths, codes->literals.lengths, literals);
    memcpy(lengths + literals, codes->distances.lengths, distances);
    tell_all(&telling, lengths, literals + distances);
    codes->fields = 0;
    make_head(codes, literals, distances, &telling);
}

void pp_png_codes_make_fixed(struct pp_png_codes *codes)
{
    memset(codes->literals.lengths, 8, FIXED_LITERALS);
    memset(codes->literals.lengths + FIXED_9, 9, FIXED_7 - FIXED_9);
    memset(codes->literals.lengths + FIXED_7, 7, FIXED_8 - FIXED_7);
    memset(codes->distances.lengths, FIXED_DISTANCE, PP_PNG_DISTANCES);
    pp_png_code_assign(&codes->literals, FIXED_LITERALS);
    pp_png_code_assign(&codes->distances, PP_PNG_DISTANCES);
    codes->fields = 0;
}

/* Of bits behind the codes of lengths and distances. */
static uint64_t extra_cost(const struct pp_png_tally *tally)
{
    uint64_t cost = 0;

    for (unsigned i = PP_PNG_END_SYMBOL + 1; i < PP_PNG_LITERALS; i++)
        cost += (uint64_t)tally->literals[i] * pp_png_length_extra(i - PP_PNG_END_SYMBOL - 1);
    for (unsigned i = 0; i < PP_PNG_DISTANCES; i++)
        cost += (uint64_t)tally->distances[i] * pp_png_distance_extra(i);
    return cost;
}

uint64_t pp_png_codes_cost(const struct pp_png_codes *codes, const struct pp_png_tally *tally)
{
    uint64_t cost = extra_cost(tally);

    for (unsigned i = 0; i < codes->fields; i++)
        cost += codes->head[i].width;
    for (unsigned i = 0; i < PP_PNG_LITERALS; i++)
        cost += (uint64_t)tally->literals[i] * codes->literals.lengths[i];
    for (unsigned i = 0; i < PP_PNG_DISTANCES; i++)
        cost += (uint64_t)tally->distances[i] * codes->distances.lengths[i];
    return cost;
}

static uint64_t sum_of(const uint32_t *counts, unsigned from, unsigned to)
{
    uint64_t sum = 0;

    for (unsigned i = from; i < to; i++)
        sum += counts[i];
    return sum;
}

uint64_t pp_png_codes_fixed_cost(const struct pp_png_tally *tally)
{
    const uint32_t *literals = tally->literals;

    return extra_cost(tally) + 8 * sum_of(literals, 0, PP_PNG_LITERALS) +
           sum_of(literals, FIXED_9, FIXED_7) - sum_of(literals, FIXED_7, FIXED_8) +
           FIXED_DISTANCE * sum_of(tally->distances, 0, PP_PNG_DISTANCES);
}
