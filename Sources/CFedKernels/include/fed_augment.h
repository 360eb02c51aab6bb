// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_AUGMENT_H
#define FED_AUGMENT_H

#include <stdbool.h>
#include <stddef.h>

/// target[c][y][x] = source[c][y + down][x + right], 0 outside of the source; where `mirrored`, source is taken as
/// mirrored left to right after the shift: target[c][y][x] = source[c][y + down][width - 1 - x + right].
///
/// Both are of shape [channels][height][width] and do not overlap.
void fed_shift_image(
    float *target, const float *source, size_t channels, size_t height, size_t width, ptrdiff_t down, ptrdiff_t right,
    bool mirrored);

#endif
