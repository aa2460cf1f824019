#include "codec/png_code.h"

#include <string.h>

#define CODE_BITS_MAX 15u
/* A symbol and its frequency in one number, which sorts by the latter. */
#define SYMBOL_BITS 9u
#define SYMBOL_MASK ((1u << SYMBOL_BITS) - 1)

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

/*
 * Huffman's tree in place, from 2 or more weights in rising order (A. Moffat and J. Katajainen,
 * "In-Place Calculation of Minimum-Redundancy Codes", 1995): weights become the numbers of parents.
 */
static void join_weights(uint32_t *nodes, unsigned count)
{
    unsigned root = 0, leaf = 0;

    for (unsigned next = 0; next + 1 < count; next++) {
        uint32_t sum = 0;
        for (unsigned child = 0; child < 2; child++) {
            if (leaf >= count || (root < next && nodes[root] < nodes[leaf])) {
                sum += nodes[root];
                nodes[root++] = next;
            } else {
                sum += nodes[leaf++];
            }
        }
        nodes[next] = sum;
    }
}

/* From the parents of the count - 1 inner nodes, how many leaves there are at each depth; those
 * that are deeper count as at the limit. */
static void count_leaves(uint32_t *nodes, unsigned count, unsigned limit, unsigned *counts)
{
    unsigned inner = count - 1, room = 1, left = count;

    nodes[inner - 1] = 0;
    for (unsigned i = inner - 1; i-- > 0;)
        nodes[i] = nodes[nodes[i]] + 1;
    for (unsigned depth = 0; left > 0; depth++) {
        unsigned here = 0;
        for (; inner > 0 && nodes[inner - 1] == depth; inner--)
            here++;
        unsigned leaves = room - here;
        counts[depth < limit ? depth : limit] += leaves;
        left -= leaves;
        room = 2 * here;
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
static unsigned collect(const uint32_t *frequencies, unsigned count, uint32_t *numbers)
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
    return used;
}

void pp_png_code_make(struct pp_png_code *code, const uint32_t *frequencies, unsigned count,
                      unsigned limit)
{
    uint32_t numbers[PP_PNG_CODE_SYMBOLS], nodes[PP_PNG_CODE_SYMBOLS];
    unsigned counts[CODE_BITS_MAX + 1] = {0}, next = 0;
    unsigned used = collect(frequencies, count, numbers);

    sort(numbers, used);
    for (unsigned i = 0; i < used; i++)
        nodes[i] = numbers[i] >> SYMBOL_BITS;
    join_weights(nodes, used);
    count_leaves(nodes, used, limit, counts);
    make_fit(counts, limit);
    memset(code->lengths, 0, count);
    for (unsigned length = limit; length > 0; length--) {
        for (unsigned i = 0; i < counts[length]; i++)
            code->lengths[numbers[next++] & SYMBOL_MASK] = (uint8_t)length;
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
