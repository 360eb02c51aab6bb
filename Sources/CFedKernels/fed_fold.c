// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_fold.h"
#include "fed_clones.h"

#include <string.h>
#if defined(__linux__)
#include <sys/mman.h>
#include <unistd.h>
#endif

#pragma STDC FP_CONTRACT OFF

FED_CLONES
int fed_largest_level(const int8_t *levels, size_t count) {
    uint8_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t magnitude = (uint8_t)(levels[i] < 0 ? -levels[i] : levels[i]);
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest;
}

void fed_fold_clear(int64_t *sums, size_t count) {
    if (count == 0) return;
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    // Only a wish: what comes of it changes nothing but speed.
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), start = ((uintptr_t)sums + page - 1) / page * page;
    uintptr_t end = (uintptr_t)(sums + count) / page * page;
    if (start < end && end - start >= (uintptr_t)4 << 20) (void)madvise((void *)start, end - start, MADV_HUGEPAGE);
#endif
    memset(sums, 0, count * sizeof *sums);
}

void fed_fold_levels(
    int64_t *restrict sums, const int8_t *restrict levels, size_t count, const int64_t *restrict table) {
    for (size_t i = 0; i < count; i++) {
        sums[i] = (int64_t)((uint64_t)sums[i] + (uint64_t)table[(uint8_t)levels[i]]);
    }
}

FED_CLONES
void fed_fold_trits(int64_t *restrict sums, const int8_t *restrict trits, size_t count, int64_t step) {
    // A trit widened to 64 bits gives two masks; 64-bit products are slow on most vector units.
    for (size_t i = 0; i < count; i++) {
        int64_t trit = trits[i];
        uint64_t up = (uint64_t)step & (trit > 0 ? ~(uint64_t)0 : 0);
        uint64_t down = (uint64_t)step & (trit < 0 ? ~(uint64_t)0 : 0);
        sums[i] = (int64_t)((uint64_t)sums[i] + up - down);
    }
}

// The additions between asking for a sum and needing it.
enum { ahead = 32 };

void fed_fold_sparse(
    int64_t *restrict sums, const uint32_t *restrict positions, const float *restrict values, size_t count,
    double scale, int64_t weight) {
    // As in fed_accumulate: the rounded integer is left in the low bits of the mantissa.
    const double magic = 6755399441055744.0;
    int64_t magicBits;
    memcpy(&magicBits, &magic, sizeof magicBits);
    for (size_t i = 0; i < count; i++) {
        // Positions are far apart: ask for the sums some steps before they are needed.
        if (i + ahead < count) __builtin_prefetch(&sums[positions[i + ahead]], 1);
        double shifted = (double)values[i] * scale + magic;
        int64_t bits;
        memcpy(&bits, &shifted, sizeof bits);
        int64_t *sum = &sums[positions[i]];
        *sum = (int64_t)((uint64_t)*sum + (uint64_t)(bits - magicBits) * (uint64_t)weight);
    }
}
