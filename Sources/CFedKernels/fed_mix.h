// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_MIX_H
#define FED_MIX_H

#include "fed_lanes.h"

// The output of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) number `index` for the seed `key`: as many independent
// numbers as one likes, in any order.
FED_INLINE uint64_t fed_mix(uint64_t key, uint64_t index) {
    uint64_t z = key + (index + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

// Uniform in (-1, 1): an odd multiple of 2^-24.
FED_INLINE float fed_mix_symmetric(uint64_t key, uint64_t index) {
    const int32_t odd = 2 * (int32_t)(fed_mix(key, index) >> 40) + 1 - (1 << 24);
    return (float)odd * 0x1p-24f;
}

#endif
