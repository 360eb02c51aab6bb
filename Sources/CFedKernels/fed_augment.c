// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_augment.h"

#include <string.h>

void fed_shift_image(
    float *restrict target, const float *restrict source, size_t channels, size_t height, size_t width, ptrdiff_t down,
    ptrdiff_t right, bool mirrored) {
    const ptrdiff_t columns = (ptrdiff_t)width;
    // Columns of the target's row that are inside of the source.
    ptrdiff_t begin = right < 0 ? -right : 0;
    ptrdiff_t end = right > 0 ? columns - right : columns;
    if (begin > columns) begin = columns;
    if (end < begin) end = begin;
    for (size_t c = 0; c < channels; c++) {
        for (size_t y = 0; y < height; y++) {
            float *row = target + (c * height + y) * width;
            memset(row, 0, width * sizeof *row);
            const ptrdiff_t from = (ptrdiff_t)y + down;
            if (from < 0 || from >= (ptrdiff_t)height) continue;
            const float *line = source + (c * height + (size_t)from) * width;
            if (mirrored) {
                for (ptrdiff_t x = begin; x < end; x++) row[columns - 1 - x] = line[x + right];
            } else if (end > begin) {
                memcpy(row + begin, line + begin + right, (size_t)(end - begin) * sizeof *row);
            }
        }
    }
}
