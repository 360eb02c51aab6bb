// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_HALF_H
#define FED_HALF_H

#include <stddef.h>
#include <stdint.h>

/// halves[i] = values[i] as an IEEE 754 binary16 pattern, rounded to nearest, ties to even.
///
/// Needs |values[i]| < 65520: larger magnitudes do not round to a finite half.
void fed_half_encode(uint16_t *halves, const float *values, size_t count);

/// values[i] = the binary16 pattern halves[i], exactly; needs finite halves.
void fed_half_decode(float *values, const uint16_t *halves, size_t count);

/// The largest pattern without its sign, which is 0x7c00 or more where any half is NaN or infinite; 0 for none.
uint16_t fed_half_largest(const uint16_t *halves, size_t count);

#endif
