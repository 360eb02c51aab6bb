// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_convolution.h"
#include "fed_clones.h"
#include "fed_lanes.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

void fed_pad(float *restrict padded, const float *restrict image, const fed_window *window) {
    const size_t width = window->width;
    const size_t paddedWidth = width + 2 * window->padding;
    const size_t paddedHeight = window->height + 2 * window->padding;
    for (size_t c = 0; c < window->channels; c++) {
        float *to = padded + (c * paddedHeight + window->padding) * paddedWidth + window->padding;
        for (size_t y = 0; y < window->height; y++) {
            memcpy(to, image, width * sizeof *to);
            to += paddedWidth;
            image += width;
        }
    }
}

FED_CLONES
void fed_image_to_columns(float *restrict columns, const float *restrict padded, const fed_window *window) {
    const size_t paddedWidth = window->width + 2 * window->padding;
    const size_t paddedHeight = window->height + 2 * window->padding;
    const size_t stride = window->stride;
    const size_t height = window->output_height;
    const size_t width = window->output_width;
    for (size_t c = 0; c < window->channels; c++) {
        for (size_t ky = 0; ky < window->kernel_height; ky++) {
            for (size_t kx = 0; kx < window->kernel_width; kx++) {
                const float *from = padded + (c * paddedHeight + ky) * paddedWidth + kx;
                for (size_t y = 0; y < height; y++) {
                    if (stride == 1) {
                        // Whole blocks: what goes past the row is overwritten by the rows that follow.
                        for (size_t x = 0; x < width; x += FED_SLACK) {
                            memcpy(columns + x, from + x, FED_SLACK * sizeof *columns);
                        }
                    } else {
                        for (size_t x = 0; x < width; x++) columns[x] = from[x * stride];
                    }
                    columns += width;
                    from += stride * paddedWidth;
                }
            }
        }
    }
}

// Adds `count` entries block by block; entries past the end of a partial block are added as 0.
FED_INLINE void add_blocks(float *restrict to, const float *restrict from, size_t count, const uint32_t *mask) {
    size_t x = 0;
    for (; x + FED_SLACK <= count; x += FED_SLACK) {
        for (size_t l = 0; l < FED_SLACK; l++) to[x + l] += from[x + l];
    }
    if (x < count) {
        float block[FED_SLACK];
        for (size_t l = 0; l < FED_SLACK; l++) {
            uint32_t bits;
            memcpy(&bits, &from[x + l], sizeof bits);
            bits &= mask[l];
            memcpy(&block[l], &bits, sizeof bits);
        }
        for (size_t l = 0; l < FED_SLACK; l++) to[x + l] += block[l];
    }
}

FED_CLONES
void fed_columns_to_image(
    float *restrict image, float *restrict padded, const float *restrict columns, const fed_window *window) {
    const size_t paddedWidth = window->width + 2 * window->padding;
    const size_t paddedHeight = window->height + 2 * window->padding;
    const size_t stride = window->stride;
    const size_t height = window->output_height;
    const size_t width = window->output_width;
    uint32_t mask[FED_SLACK];
    for (size_t l = 0; l < FED_SLACK; l++) mask[l] = l < width % FED_SLACK ? 0xffffffffu : 0;
    memset(padded, 0, (window->channels * paddedHeight * paddedWidth + FED_SLACK) * sizeof *padded);
    for (size_t c = 0; c < window->channels; c++) {
        for (size_t ky = 0; ky < window->kernel_height; ky++) {
            for (size_t kx = 0; kx < window->kernel_width; kx++) {
                float *to = padded + (c * paddedHeight + ky) * paddedWidth + kx;
                for (size_t y = 0; y < height; y++) {
                    if (stride == 1) {
                        add_blocks(to, columns, width, mask);
                    } else {
                        for (size_t x = 0; x < width; x++) to[x * stride] += columns[x];
                    }
                    columns += width;
                    to += stride * paddedWidth;
                }
            }
        }
        for (size_t y = 0; y < window->height; y++) {
            const float *from = padded + (c * paddedHeight + y + window->padding) * paddedWidth + window->padding;
            memcpy(image, from, window->width * sizeof *image);
            image += window->width;
        }
    }
}
