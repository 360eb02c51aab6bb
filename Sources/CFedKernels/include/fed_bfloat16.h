// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_BFLOAT16_H
#define FED_BFLOAT16_H

#include <stddef.h>
#include <stdint.h>

/// halves[i] = values[i] as a bfloat16 pattern, the upper half of a binary32, rounded to nearest, ties to even.
///
/// Needs magnitudes whose pattern is below 0x7f7f8000: larger ones do not round to a finite bfloat16.
void fed_bfloat16_encode(uint16_t *halves, const float *values, size_t count);

/// values[i] = the bfloat16 pattern halves[i], exactly.
void fed_bfloat16_decode(float *values, const uint16_t *halves, size_t count);

#endif
