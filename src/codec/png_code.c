#include "codec/png_code.h"

#include <string.h>

#define CODE_BITS_MAX 15u
/* A symbol and its frequency in one number, which sorts by the latter. */
#define SYMBOL_BITS 9u
#define SYMBOL_MASK ((1u << SYMBOL_BITS) - 1)
/* Symbols that occur less often are sorted by counting. */
#define RARE 64u

/* Shell's method, by the first of Ciura's gaps. */
static void sort(uint32_t *numbers, unsigned count)
{
    static const unsigned gaps[] = {132, 57, 23, 10, 4, 1};

    for (unsigned k = 0; k < sizeof(gaps) / sizeof(gaps[0]); k++) {
        unsigned gap = gaps[k];
        for (unsigned i = gap; i < count; i++) {
            uint32_t number = numbers[i];
            unsigned to = i;
            for (; to >= gap && numbers[to - gap] > number; to -= gap)
                numbers[to] = numbers[to - gap];
            numbers[to] = number;
        }
    }
}

/* No weight is as large: there is no node, or none yet. */
#define NO_NODE UINT32_MAX

/*
 * Huffman's tree from 2 or more weights in rising order, behind which is NO_NODE: of the leaves and
 * the inner nodes, which come about in rising order as well, the two lightest become the next inner
 * node (A. Moffat and J. Katajainen, "In-Place Calculation of Minimum-Redundancy Codes", 1995).
 * Which is lighter cannot be foreseen, so nothing branches by it.
 */
static void join_weights(const uint32_t *leaves, unsigned count, uint16_t *parents)
{
    uint32_t inner[PP_PNG_CODE_SYMBOLS];
    unsigned root = 0, leaf = 0;

    inner[0] = NO_NODE;
    for (unsigned next = 0; next + 1 < count; next++) {
        uint32_t sum = 0;
        for (unsigned child = 0; child < 2; child++) {
            unsigned is_inner = inner[root] < leaves[leaf];
            sum += is_inner ? inner[root] : leaves[leaf];
            parents[root] = (uint16_t)next; /* to be written over as long as it is not taken */
            root += is_inner;
            leaf += 1 - is_inner;
        }
        inner[next] = sum;
        inner[next + 1] = NO_NODE;
    }
}

/* From the parents of the count - 1 inner nodes, how many leaves there are at each depth; those
 * that are deeper count as at the limit. */
static void count_leaves(const uint16_t *parents, unsigned count, unsigned limit, unsigned *counts)
{
    uint16_t depths[PP_PNG_CODE_SYMBOLS], inner[PP_PNG_CODE_SYMBOLS] = {1};
    unsigned room = 1, left = count;

    depths[count - 2] = 0;
    for (unsigned i = count - 2; i-- > 0;) {
        depths[i] = (uint16_t)(depths[parents[i]] + 1);
        inner[depths[i]]++;
    }
    for (unsigned depth = 0; left > 0; depth++) {
        unsigned leaves = room - inner[depth];
        counts[depth < limit ? depth : limit] += leaves;
        left -= leaves;
        room = 2u * inner[depth];
    }
}

/* Leaves moved up to the limit take more room than there is: a shorter code is split into two that
 * are one bit longer, of which one is for a leaf at the limit, until all fit (Kraft). */
static void make_fit(unsigned *counts, unsigned limit)
{
    uint32_t taken = 0;

    for (unsigned length = 1; length <= limit; length++)
        taken += (uint32_t)counts[length] << (limit - length);
    for (; taken > 1u << limit; taken--) {
        unsigned length = limit - 1;
        while (counts[length] == 0)
            length--;
        counts[length]--;
        counts[length + 1] += 2;
        counts[limit]--;
    }
}

/* The symbols that occur, and others until there are two. */
static unsigned collect_few(const uint32_t *frequencies, unsigned count, uint32_t *numbers)
{
    unsigned used = 0;

    for (unsigned i = 0; i < count; i++) {
        if (frequencies[i] > 0)
            numbers[used++] = frequencies[i] << SYMBOL_BITS | i;
    }
    for (unsigned i = 0; used < 2; i++) {
        if (frequencies[i] == 0)
            numbers[used++] = 1u << SYMBOL_BITS | i;
    }
    sort(numbers, used);
    return used;
}

/* All symbols, by rising frequency, then by rising symbol; returns how many do not occur. Most are
 * rare: they get to their place by counting, only those from RARE on are compared. */
static unsigned collect(const uint32_t *frequencies, unsigned count, uint32_t *numbers)
{
    uint16_t places[RARE + 2] = {0};

    for (unsigned i = 0; i < count; i++)
        places[1 + (frequencies[i] < RARE ? frequencies[i] : RARE)]++;
    for (unsigned i = 1; i <= RARE; i++)
        places[i + 1] = (uint16_t)(places[i + 1] + places[i]);
    unsigned unused = places[1], rare = places[RARE];
    for (unsigned i = 0; i < count; i++) {
        uint32_t frequency = frequencies[i];
        numbers[places[frequency < RARE ? frequency : RARE]++] = frequency << SYMBOL_BITS | i;
    }
    sort(numbers + rare, count - rare);
    return unused;
}

void pp_png_code_make(struct pp_png_code *code, const uint32_t *frequencies, unsigned count,
                      unsigned limit)
{
    uint32_t sorted[PP_PNG_CODE_SYMBOLS], leaves[PP_PNG_CODE_SYMBOLS + 1];
    uint16_t parents[PP_PNG_CODE_SYMBOLS];
    unsigned counts[CODE_BITS_MAX + 1] = {0}, unused = collect(frequencies, count, sorted);
    unsigned used = count - unused;
    const uint32_t *next = sorted + unused;

    if (used < 2) {
        used = collect_few(frequencies, count, sorted);
        next = sorted;
    }
    for (unsigned i = 0; i < used; i++)
        leaves[i] = next[i] >> SYMBOL_BITS;
    leaves[used] = NO_NODE;
    join_weights(leaves, used, parents);
    count_leaves(parents, used, limit, counts);
    make_fit(counts, limit);
    memset(code->lengths, 0, count);
    for (unsigned length = limit; length > 0; length--) {
        for (unsigned i = 0; i < counts[length]; i++)
            code->lengths[*next++ & SYMBOL_MASK] = (uint8_t)length;
    }
    pp_png_code_assign(code, count);
}

static unsigned reversed(unsigned bits, unsigned length)
{
    bits = (bits & 0x5555) << 1 | (bits >> 1 & 0x5555);
    bits = (bits & 0x3333) << 2 | (bits >> 2 & 0x3333);
    bits = (bits & 0x0F0F) << 4 | (bits >> 4 & 0x0F0F);
    bits = (bits & 0x00FF) << 8 | bits >> 8;
    return bits >> (16 - length);
}

/* RFC 1951, 3.2.2: by rising length, and by rising symbol among those of one length. */
void pp_png_code_assign(struct pp_png_code *code, unsigned count)
{
    unsigned counts[CODE_BITS_MAX + 1] = {0}, next[CODE_BITS_MAX + 1] = {0};

    for (unsigned i = 0; i < count; i++)
        counts[code->lengths[i]]++;
    counts[0] = 0;
    for (unsigned length = 1; length <= CODE_BITS_MAX; length++)
        next[length] = (next[length - 1] + counts[length - 1]) << 1;
    for (unsigned i = 0; i < count; i++) {
        unsigned length = code->lengths[i];
        if (length > 0)
            code->bits[i] = (uint16_t)reversed(next[length]++, length);
    }
}
