// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_bfloat16.h"
#include "fed_clones.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

FED_CLONES
void fed_bfloat16_encode(uint16_t *restrict halves, const float *restrict values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        // Half of the last place that stays, less one where that place is even; carries go into the exponent.
        halves[i] = (uint16_t)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
    }
}

FED_CLONES
void fed_bfloat16_decode(float *restrict values, const uint16_t *restrict halves, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = (uint32_t)halves[i] << 16;
        memcpy(&values[i], &bits, sizeof bits);
    }
}
