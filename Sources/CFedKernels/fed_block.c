// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_clones.h"
#include "fed_convolution.h"
#include "fed_tiles.h"

#pragma STDC FP_CONTRACT OFF

FED_CLONES
void fed_block_pack(float *restrict block, const float *restrict rows, size_t examples, size_t count) {
    if (examples < FED_BLOCK) memset(block, 0, count * FED_BLOCK * sizeof *block);
    for (size_t i = 0; i < count; i += FED_BLOCK) {
        const size_t width = count - i < FED_BLOCK ? count - i : FED_BLOCK;
        for (size_t e = 0; e < examples; e++) {
            for (size_t j = 0; j < width; j++) block[(i + j) * FED_BLOCK + e] = rows[e * count + i + j];
        }
    }
}

FED_CLONES
void fed_block_unpack(float *restrict rows, const float *restrict block, size_t examples, size_t count) {
    for (size_t i = 0; i < count; i += FED_BLOCK) {
        const size_t width = count - i < FED_BLOCK ? count - i : FED_BLOCK;
        for (size_t e = 0; e < examples; e++) {
            for (size_t j = 0; j < width; j++) rows[e * count + i + j] = block[(i + j) * FED_BLOCK + e];
        }
    }
}

void fed_block_pad(float *restrict padded, const float *restrict block, const fed_window *window) {
    const size_t line = window->width * FED_BLOCK;
    const size_t paddedWidth = window->width + 2 * window->padding;
    const size_t paddedHeight = window->height + 2 * window->padding;
    for (size_t c = 0; c < window->channels; c++) {
        float *to = padded + ((c * paddedHeight + window->padding) * paddedWidth + window->padding) * FED_BLOCK;
        for (size_t y = 0; y < window->height; y++) {
            memcpy(to, block, line * sizeof *to);
            to += paddedWidth * FED_BLOCK;
            block += line;
        }
    }
}

FED_INLINE void block_sum_channels(float *restrict sums, const float *restrict block, size_t channels, size_t pixels) {
    for (size_t c = 0; c < channels; c++) {
        fed_vector total[4] = {{0}, {0}, {0}, {0}};
        size_t p = 0;
        for (; p + 4 <= pixels; p += 4) {
            for (size_t k = 0; k < 4; k++) total[k] += fed_load(block + (p + k) * FED_BLOCK);
        }
        for (; p < pixels; p++) total[0] += fed_load(block + p * FED_BLOCK);
        sums[c] += fed_lane_total((total[0] + total[1]) + (total[2] + total[3]));
        block += pixels * FED_BLOCK;
    }
}

FED_CLONES
void fed_block_sum_channels(float *restrict sums, const float *restrict block, size_t channels, size_t pixels) {
    block_sum_channels(sums, block, channels, pixels);
}
