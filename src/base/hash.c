#include "base/hash.h"

/* FNV-1a, 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv), then the finaliser of SplitMix64 (Steele,
 * Lea, Flood 2014), since FNV's upper bits are weak for short names. */
uint64_t pp_hash_name(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (const char *c = name; *c; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
    hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
    return hash ^ (hash >> 31);
}
