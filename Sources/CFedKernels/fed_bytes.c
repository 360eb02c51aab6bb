// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_bytes.h"
#include "fed_clones.h"

#pragma STDC FP_CONTRACT OFF

// 1/255 = 0x0.010101...: a byte times its first three digits has 24 bits and is exact, and what the other digits add
// is rounded once, by the sum. So the result is that of a division, several times as fast.
FED_CLONES
void fed_unit_bytes_decode(float *restrict values, const uint8_t *restrict bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const float byte = (float)bytes[i];
        values[i] = byte * 0x1.0101p-8f + byte * 0x1.010102p-32f;
    }
}
