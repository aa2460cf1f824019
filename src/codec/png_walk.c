#include "codec/png_walk.h"

#include <endian.h>
#include <string.h>

/* The numbers below are those of RFC 1951, 3.2. */
#define CODE_BITS_MAX 15u
#define LITERALS      288u
#define DISTANCES     32u
#define LENGTHS       19u
#define END_SYMBOL    256u
/* Bits looked up at once. A table costs twice the time with each more, a block has thousands of
 * symbols, and one is 6 or 7 bits long in filtered photographs. */
#define TABLE_BITS 11u
#define TABLE_SIZE (1u << TABLE_BITS)

enum kind { LITERAL, MATCH, END, LONG, WRONG };

/* A symbol, or a step over several literals and what follows them. */
struct step {
    uint8_t bits; /* to step over, with the extra bits of a match */
    uint8_t code; /* bits of the code alone, of a single symbol */
    uint8_t kind; /* enum kind: what comes last; LONG: a code longer than the table begins there */
};

/* A Huffman code in the canonical order. */
struct code {
    uint16_t count[CODE_BITS_MAX + 1]; /* codes by length */
    uint16_t symbol[LITERALS];         /* in the order of their codes */
    struct step table[TABLE_SIZE];
};

/* Where the walk is. Behind the last byte there are zeroes, which `next` counts. */
struct walk {
    const uint8_t *data;
    size_t size, next;
    uint64_t bits;
    unsigned count; /* of bits in `bits`; the rest may hold some that will come again */
    struct code literals, distances;
};

/* Have at least 56 bits. */
static inline void refill(struct walk *walk)
{
    if (walk->size >= 8 && walk->next <= walk->size - 8) {
        uint64_t word;
        memcpy(&word, walk->data + walk->next, sizeof(word));
        walk->bits |= le64toh(word) << walk->count;
        walk->next += (63 - walk->count) / 8;
        walk->count |= 56;
        return;
    }
    walk->bits &= (UINT64_C(1) << walk->count) - 1;
    while (walk->count < 56) {
        uint64_t byte = walk->next < walk->size ? walk->data[walk->next] : 0;
        walk->bits |= byte << walk->count;
        walk->next++;
        walk->count += 8;
    }
}

static inline void skip(struct walk *walk, unsigned bits)
{
    walk->bits >>= bits;
    walk->count -= bits;
}

/* `bits` are at most 16. */
static unsigned take(struct walk *walk, unsigned bits)
{
    refill(walk);
    unsigned value = (unsigned)(walk->bits & ((1u << bits) - 1));
    skip(walk, bits);
    return value;
}

static uint64_t position(const struct walk *walk)
{
    return (uint64_t)walk->next * 8 - walk->count;
}

static bool is_beyond(const struct walk *walk)
{
    return position(walk) > (uint64_t)walk->size * 8;
}

/* ---- codes ---------------------------------------------------------------------------------- */

static unsigned length_extra(unsigned symbol)
{
    return symbol < 265 || symbol == 285 ? 0 : (symbol - 261) / 4;
}

static struct step literal_step(unsigned symbol, unsigned bits)
{
    struct step step = {.bits = (uint8_t)bits, .code = (uint8_t)bits, .kind = LITERAL};

    if (symbol == END_SYMBOL)
        step.kind = END;
    if (symbol <= END_SYMBOL)
        return step;
    if (symbol > 285)
        return (struct step){.kind = WRONG};
    step.bits = (uint8_t)(bits + length_extra(symbol));
    step.kind = MATCH;
    return step;
}

static struct step distance_step(unsigned symbol, unsigned bits)
{
    struct step step = {.bits = (uint8_t)bits, .code = (uint8_t)bits, .kind = LITERAL};

    if (symbol > 29)
        return (struct step){.kind = WRONG};
    step.bits = (uint8_t)(bits + (symbol < 4 ? 0 : symbol / 2 - 1));
    return step;
}

static struct step length_step(unsigned symbol, unsigned bits)
{
    (void)symbol;
    return (struct step){.bits = (uint8_t)bits, .code = (uint8_t)bits, .kind = LITERAL};
}

static unsigned reversed(unsigned code, unsigned bits)
{
    unsigned result = 0;

    for (unsigned i = 0; i < bits; i++)
        result |= (code >> i & 1) << (bits - 1 - i);
    return result;
}

/* The codes no longer than the table, each at every place that begins with it. */
static void fill_table(struct code *code, struct step (*of)(unsigned symbol, unsigned bits))
{
    unsigned next = 0, index = 0;

    for (unsigned i = 0; i < TABLE_SIZE; i++)
        code->table[i] = (struct step){.kind = LONG};
    for (unsigned bits = 1; bits <= TABLE_BITS; bits++) {
        for (unsigned i = 0; i < code->count[bits]; i++, next++, index++) {
            struct step step = of(code->symbol[index], bits);
            for (unsigned at = reversed(next, bits); at < TABLE_SIZE; at += 1u << bits)
                code->table[at] = step;
        }
        next <<= 1;
    }
}

/* The code from its lengths by symbol. False when more codes are asked than there are. */
static bool build(struct code *code, const uint8_t *lengths, unsigned symbols,
                  struct step (*of)(unsigned symbol, unsigned bits))
{
    uint16_t offset[CODE_BITS_MAX + 2] = {0};
    int left = 1;

    memset(code->count, 0, sizeof(code->count));
    for (unsigned i = 0; i < symbols; i++)
        code->count[lengths[i]]++;
    code->count[0] = 0;
    for (unsigned bits = 1; bits <= CODE_BITS_MAX; bits++) {
        left = 2 * left - code->count[bits];
        if (left < 0)
            return false;
        offset[bits + 1] = (uint16_t)(offset[bits] + code->count[bits]);
    }
    for (unsigned i = 0; i < symbols; i++) {
        if (lengths[i] > 0)
            code->symbol[offset[lengths[i]]++] = (uint16_t)i;
    }
    fill_table(code, of);
    return true;
}

/* Make each step of the table one over as many literals as the bits show, and the symbol behind.
 * From the largest index down: what a place is made from lies below it, and must still be single;
 * it is at most half as large. */
static void join_literals(struct code *code)
{
    for (unsigned i = TABLE_SIZE - 1; i > 0; i--) {
        struct step sum = code->table[i];
        while (sum.kind == LITERAL) {
            struct step more = code->table[i >> sum.bits];
            if (more.kind == WRONG || more.kind == LONG || more.code + sum.bits > TABLE_BITS)
                break;
            sum.bits = (uint8_t)(sum.bits + more.bits);
            sum.kind = more.kind;
        }
        code->table[i] = sum;
    }
}

/* A symbol of any length, bit by bit; -1 when there is none. */
static int slow_symbol(struct walk *walk, const struct code *code, unsigned *bits)
{
    int value = 0, first = 0, index = 0;

    refill(walk);
    for (unsigned n = 1; n <= CODE_BITS_MAX; n++) {
        value |= (int)(walk->bits >> (n - 1) & 1);
        int count = code->count[n];
        if (value - count < first) {
            *bits = n;
            return code->symbol[index + (value - first)];
        }
        index += count;
        first = (first + count) << 1;
        value <<= 1;
    }
    return -1;
}

/* The step over one symbol; all its bits are at hand. */
static struct step one_step(struct walk *walk, const struct code *code,
                            struct step (*of)(unsigned symbol, unsigned bits))
{
    refill(walk);
    struct step step = code->table[walk->bits % TABLE_SIZE];
    if (step.kind != LONG)
        return step;
    unsigned bits = 0;
    int symbol = slow_symbol(walk, code, &bits);
    return symbol < 0 ? (struct step){.kind = WRONG} : of((unsigned)symbol, bits);
}

/* ---- blocks --------------------------------------------------------------------------------- */

static bool walk_symbols(struct walk *walk)
{
    const struct step *table = walk->literals.table;

    while (walk->next <= walk->size + 8) {
        refill(walk);
        struct step step = table[walk->bits % TABLE_SIZE];
        for (unsigned i = 0; step.kind == LITERAL && i < 3; i++) {
            skip(walk, step.bits);
            step = table[walk->bits % TABLE_SIZE];
        }
        if (step.kind == LITERAL)
            continue;
        if (step.kind == LONG)
            step = one_step(walk, &walk->literals, literal_step);
        if (step.kind == WRONG)
            return false;
        skip(walk, step.bits);
        if (step.kind == END)
            return true;
        if (step.kind == LITERAL)
            continue;
        step = one_step(walk, &walk->distances, distance_step);
        if (step.kind == WRONG)
            return false;
        skip(walk, step.bits);
    }
    return false;
}

/* The lengths of the codes of a dynamic block (3.2.7), those of the literals first. */
static bool read_lengths(struct walk *walk, uint8_t *lengths, unsigned wanted)
{
    static const uint8_t extra[] = {2, 3, 7}, least[] = {3, 3, 11};
    unsigned have = 0;

    while (have < wanted) {
        unsigned bits = 0;
        int symbol = slow_symbol(walk, &walk->distances, &bits);
        if (symbol < 0)
            return false;
        skip(walk, bits);
        if (symbol < 16) {
            lengths[have++] = (uint8_t)symbol;
            continue;
        }
        unsigned kind = (unsigned)symbol - 16, times = least[kind] + take(walk, extra[kind]);
        if (times > wanted - have || (kind == 0 && have == 0))
            return false;
        memset(lengths + have, kind == 0 ? lengths[have - 1] : 0, times);
        have += times;
    }
    return !is_beyond(walk);
}

static bool walk_dynamic(struct walk *walk)
{
    static const uint8_t order[LENGTHS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                           11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[LITERALS + DISTANCES] = {0}, short_lengths[LENGTHS] = {0};
    unsigned literals = 257 + take(walk, 5), distances = 1 + take(walk, 5);
    unsigned count = 4 + take(walk, 4);

    if (literals > LITERALS)
        return false;
    for (unsigned i = 0; i < count; i++)
        short_lengths[order[i]] = (uint8_t)take(walk, 3);
    if (!build(&walk->distances, short_lengths, LENGTHS, length_step) ||
        !read_lengths(walk, lengths, literals + distances) ||
        !build(&walk->literals, lengths, literals, literal_step) ||
        !build(&walk->distances, lengths + literals, distances, distance_step))
        return false;
    join_literals(&walk->literals);
    return walk_symbols(walk);
}

static bool walk_fixed(struct walk *walk)
{
    uint8_t lengths[LITERALS], distances[DISTANCES];

    memset(lengths, 8, sizeof(lengths));
    memset(lengths + 144, 9, 112);
    memset(lengths + 256, 7, 24);
    memset(distances, 5, sizeof(distances));
    if (!build(&walk->literals, lengths, LITERALS, literal_step) ||
        !build(&walk->distances, distances, DISTANCES, distance_step))
        return false;
    join_literals(&walk->literals);
    return walk_symbols(walk);
}

static bool walk_stored(struct walk *walk)
{
    uint64_t byte = (position(walk) + 7) / 8;

    if (byte + 4 > walk->size)
        return false;
    const uint8_t *head = walk->data + byte;
    unsigned size = head[0] | (unsigned)head[1] << 8, other = head[2] | (unsigned)head[3] << 8;
    if ((size ^ other) != 0xFFFF || size > walk->size - byte - 4)
        return false;
    walk->next = (size_t)byte + 4 + size;
    walk->bits = 0;
    walk->count = 0;
    return true;
}

static bool walk_block(struct walk *walk, bool *is_last)
{
    *is_last = take(walk, 1) == 1;
    switch (take(walk, 2)) {
    case 0:
        return walk_stored(walk);
    case 1:
        return walk_fixed(walk);
    case 2:
        return walk_dynamic(walk);
    default:
        return false;
    }
}

bool pp_png_find_last_block(const uint8_t *data, size_t size, struct pp_png_last_block *last)
{
    struct walk walk = {.data = data, .size = size};
    bool is_last = false;

    while (!is_last) {
        last->begin = position(&walk);
        if (!walk_block(&walk, &is_last) || is_beyond(&walk))
            return false;
    }
    last->end = position(&walk);
    return true;
}
