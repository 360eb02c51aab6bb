// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_winograd.h"
#include "fed_clones.h"
#include "fed_tiles.h"
#include "fed_winograd_lines.h"

#pragma STDC FP_CONTRACT OFF

enum { POINTS = FED_WINOGRAD_POINTS };

// Outputs along one side of a tile.
FED_INLINE size_t tile_step(const fed_winograd *shape) { return SIDE + 1 - shape->kernel; }

FED_INLINE size_t tiles_across(const fed_winograd *shape) {
    return (shape->output_width + tile_step(shape) - 1) / tile_step(shape);
}

FED_INLINE size_t tiles_down(const fed_winograd *shape) {
    return (shape->output_height + tile_step(shape) - 1) / tile_step(shape);
}

// Vectors from one channel to the next in the space of a point. Odd: a power of two would put all channels into the same
// few lines of the cache.
FED_INLINE size_t channel_stride(const fed_winograd *shape) { return (shape->tile_rows * tiles_across(shape)) | 1; }

size_t fed_winograd_space(const fed_winograd *shape, size_t channels) {
    return POINTS * channels * channel_stride(shape) * FED_WIDTH;
}

// One tile's part of a map: `rows` x `columns` of its lines lie inside, from (top, left) of the tile on.
typedef struct {
    size_t top;
    size_t left;
    size_t rows;
    size_t columns;
    size_t y;
    size_t x;
} part;

// What of a tile of `side` lines at (y, x), counted with `padding` lines around the map, lies inside height x width.
FED_INLINE part inside(size_t y, size_t x, size_t side, size_t padding, size_t height, size_t width) {
    part p;
    p.top = y < padding ? padding - y : 0;
    p.left = x < padding ? padding - x : 0;
    p.y = y + p.top - padding;
    p.x = x + p.left - padding;
    const size_t down = height > p.y ? height - p.y : 0, across = width > p.x ? width - p.x : 0;
    p.rows = p.top >= side ? 0 : side - p.top < down ? side - p.top : down;
    p.columns = p.left >= side ? 0 : side - p.left < across ? side - p.left : across;
    return p;
}

// space[point] = the transformed tile of `map` at `at`; `pointStride` floats from one point to the next, `pixelStride` from
// one pixel to the next.
FED_INLINE void transform_input(
    float *space, size_t pointStride, const float *map, size_t width, size_t pixelStride, part at) {
    fed_vector lines[SIDE][SIDE], columns[SIDE][SIDE];
    for (size_t i = 0; i < SIDE; i++) {
        fed_vector d[SIDE] = {{0}, {0}, {0}, {0}, {0}, {0}};
        if (i >= at.top && i < at.top + at.rows) {
            const float *row = map + ((at.y + i - at.top) * width + at.x) * pixelStride;
            if (at.columns == SIDE) {
#pragma clang loop unroll(full)
                for (size_t j = 0; j < SIDE; j++) d[j] = fed_load(row + j * pixelStride);
            } else {
                for (size_t j = 0; j < at.columns; j++) d[at.left + j] = fed_load(row + j * pixelStride);
            }
        }
        input_line(lines[i], d);
    }
    for (size_t j = 0; j < SIDE; j++) {
        fed_vector d[SIDE], t[SIDE];
#pragma clang loop unroll(full)
        for (size_t i = 0; i < SIDE; i++) d[i] = lines[i][j];
        input_line(t, d);
#pragma clang loop unroll(full)
        for (size_t i = 0; i < SIDE; i++) columns[i][j] = t[i];
    }
    for (size_t i = 0; i < SIDE; i++) {
#pragma clang loop unroll(full)
        for (size_t j = 0; j < SIDE; j++) fed_store(space + (i * SIDE + j) * pointStride, columns[i][j]);
    }
}

FED_INLINE void transform_inputs(
    float *space, const float *input, const fed_winograd *shape, size_t firstRow, size_t lastRow) {
    const size_t step = tile_step(shape), across = tiles_across(shape);
    const size_t channelStride = channel_stride(shape) * FED_WIDTH, pointStride = shape->inputs * channelStride;
    for (size_t c = 0; c < shape->inputs; c++) {
        const float *map = input + c * shape->height * shape->width * FED_WIDTH;
        float *to = space + c * channelStride;
        for (size_t ty = firstRow; ty < lastRow; ty++) {
            for (size_t tx = 0; tx < across; tx++) {
                const part at = inside(ty * step, tx * step, SIDE, shape->padding, shape->height, shape->width);
                transform_input(to, pointStride, map, shape->width, FED_WIDTH, at);
                to += FED_WIDTH;
            }
        }
    }
}

// result[point][m][tile] = sum over k of weights[point](m, k) * vectors[point][k][tile], the weight of row m and term k
// lying at m * stride + k * step; one of both is 1, so that it is a constant where this is inlined.
FED_INLINE void multiply_points(
    float *result, const float *weights, const float *vectors, size_t rows, size_t inner, size_t step, size_t stride,
    size_t tiles, size_t channelStride) {
    for (size_t p = 0; p < POINTS; p++) {
        for (size_t t = 0; t < tiles; t++) {
            size_t taken = 0;
            for (size_t m = 0; m < rows; m += taken) {
                taken = fed_tile_rows(rows - m);
                float *to = result + m * channelStride + t * FED_WIDTH;
                FED_WITH_ROWS(taken, {
                    fed_vector sums[ROWS] = {{0}};
                    fed_tile_outer(
                        sums, ROWS, vectors + t * FED_WIDTH, channelStride, weights + m * stride, step, stride, inner);
                    for (size_t i = 0; i < ROWS; i++) fed_store(to + i * channelStride, sums[i]);
                })
            }
        }
        result += rows * channelStride;
        vectors += inner * channelStride;
        weights += rows * inner;
    }
}

FED_INLINE void transform_outputs(
    float *output, const float *space, const float *bias, const fed_winograd *shape, size_t step, size_t firstRow,
    size_t lastRow) {
    const size_t across = tiles_across(shape);
    const size_t channelStride = channel_stride(shape) * FED_WIDTH, pointStride = shape->outputs * channelStride;
    for (size_t o = 0; o < shape->outputs; o++) {
        const float *from = space + o * channelStride;
        float *map = output + o * shape->output_height * shape->output_width * FED_WIDTH;
        const fed_vector start = fed_splat(bias ? bias[o] : 0);
        for (size_t ty = firstRow; ty < lastRow; ty++) {
            for (size_t tx = 0; tx < across; tx++) {
                fed_vector lines[SIDE][4];
                for (size_t i = 0; i < SIDE; i++) {
                    fed_vector m[SIDE];
#pragma clang loop unroll(full)
                    for (size_t j = 0; j < SIDE; j++) m[j] = fed_load(from + (i * SIDE + j) * pointStride);
                    output_line(lines[i], m, step);
                }
                const part at = inside(ty * step, tx * step, step, 0, shape->output_height, shape->output_width);
                for (size_t j = 0; j < at.columns; j++) {
                    fed_vector m[SIDE], y[4];
#pragma clang loop unroll(full)
                    for (size_t i = 0; i < SIDE; i++) m[i] = lines[i][j];
                    output_line(y, m, step);
                    for (size_t i = 0; i < at.rows; i++) {
                        fed_store(
                            map + ((at.y + i) * shape->output_width + at.x + j) * FED_WIDTH, y[i] + start);
                    }
                }
                from += FED_WIDTH;
            }
        }
    }
}

FED_INLINE void transform_output_gradients(
    float *space, const float *gradient, const fed_winograd *shape, size_t step, size_t firstRow, size_t lastRow) {
    const size_t across = tiles_across(shape);
    const size_t channelStride = channel_stride(shape) * FED_WIDTH, pointStride = shape->outputs * channelStride;
    for (size_t o = 0; o < shape->outputs; o++) {
        float *to = space + o * channelStride;
        const float *map = gradient + o * shape->output_height * shape->output_width * FED_WIDTH;
        for (size_t ty = firstRow; ty < lastRow; ty++) {
            for (size_t tx = 0; tx < across; tx++) {
                const part at = inside(ty * step, tx * step, step, 0, shape->output_height, shape->output_width);
                fed_vector lines[4][SIDE];
                for (size_t i = 0; i < step; i++) {
                    fed_vector y[4] = {{0}, {0}, {0}, {0}};
                    if (i < at.rows) {
                        const float *row = map + ((at.y + i) * shape->output_width + at.x) * FED_WIDTH;
                        for (size_t j = 0; j < at.columns; j++) y[j] = fed_load(row + j * FED_WIDTH);
                    }
                    output_line_transposed(lines[i], y, step);
                }
                for (size_t j = 0; j < SIDE; j++) {
                    fed_vector y[4] = {{0}, {0}, {0}, {0}}, m[SIDE];
#pragma clang loop unroll(full)
                    for (size_t i = 0; i < step; i++) y[i] = lines[i][j];
                    output_line_transposed(m, y, step);
#pragma clang loop unroll(full)
                    for (size_t i = 0; i < SIDE; i++) fed_store(to + (i * SIDE + j) * pointStride, m[i]);
                }
                to += FED_WIDTH;
            }
        }
    }
}

// Adds the gradients of tiles, which overlap, to the gradient of the input.
FED_INLINE void add_input_gradients(
    float *gradient, const float *space, const fed_winograd *shape, size_t firstRow, size_t lastRow) {
    const size_t step = tile_step(shape), across = tiles_across(shape);
    const size_t channelStride = channel_stride(shape) * FED_WIDTH, pointStride = shape->inputs * channelStride;
    for (size_t c = 0; c < shape->inputs; c++) {
        const float *from = space + c * channelStride;
        float *map = gradient + c * shape->height * shape->width * FED_WIDTH;
        for (size_t ty = firstRow; ty < lastRow; ty++) {
            for (size_t tx = 0; tx < across; tx++) {
                fed_vector lines[SIDE][SIDE];
                for (size_t i = 0; i < SIDE; i++) {
                    fed_vector t[SIDE];
#pragma clang loop unroll(full)
                    for (size_t j = 0; j < SIDE; j++) t[j] = fed_load(from + (i * SIDE + j) * pointStride);
                    input_line_transposed(lines[i], t);
                }
                const part at = inside(ty * step, tx * step, SIDE, shape->padding, shape->height, shape->width);
                for (size_t j = 0; j < at.columns; j++) {
                    fed_vector t[SIDE], d[SIDE];
#pragma clang loop unroll(full)
                    for (size_t i = 0; i < SIDE; i++) t[i] = lines[i][at.left + j];
                    input_line_transposed(d, t);
                    for (size_t i = 0; i < at.rows; i++) {
                        float *to = map + ((at.y + i) * shape->width + at.x + j) * FED_WIDTH;
                        fed_store(to, fed_load(to) + d[at.top + i]);
                    }
                }
                from += FED_WIDTH;
            }
        }
    }
}

// Channels as vectors instead of examples, so that sums over examples need no adding up of lanes: swapped[pixel][example]
// [channel] from input[channel][pixel][example], and from it swappedSpace[point][tile][example][channel].

FED_INLINE void swap_channels(float *swapped, const float *input, const fed_winograd *shape) {
    const size_t pixels = shape->height * shape->width, channels = shape->inputs;
    for (size_t p = 0; p < pixels; p++) {
        for (size_t c = 0; c < channels; c += FED_WIDTH) {
            const float *from = input + (c * pixels + p) * FED_WIDTH;
            float *to = swapped + p * FED_WIDTH * channels + c;
            for (size_t e = 0; e < FED_WIDTH; e++) {
                for (size_t j = 0; j < FED_WIDTH; j++) to[e * channels + j] = from[j * pixels * FED_WIDTH + e];
            }
        }
    }
}

FED_INLINE void transform_swapped(
    float *space, const float *swapped, const fed_winograd *shape, size_t firstRow, size_t lastRow) {
    const size_t step = tile_step(shape), across = tiles_across(shape), channels = shape->inputs;
    const size_t pointStride = channels * channel_stride(shape) * FED_WIDTH;
    for (size_t ty = firstRow; ty < lastRow; ty++) {
        for (size_t tx = 0; tx < across; tx++) {
            const part at = inside(ty * step, tx * step, SIDE, shape->padding, shape->height, shape->width);
            for (size_t c = 0; c < FED_WIDTH * channels; c += FED_WIDTH) {
                transform_input(space + c, pointStride, swapped + c, shape->width, FED_WIDTH * channels, at);
            }
            space += FED_WIDTH * channels;
        }
    }
}

// kernelGradient[point][o][c] += sum over tiles and examples of outputs[point][o] * swappedSpace[point][..][..][c].
FED_INLINE void correlate_swapped(
    float *kernelGradient, const float *outputs, const float *space, const fed_winograd *shape, size_t tiles) {
    const size_t channelStride = channel_stride(shape) * FED_WIDTH, channels = shape->inputs;
    for (size_t p = 0; p < POINTS; p++) {
        for (size_t c = 0; c < channels; c += FED_WIDTH) {
            size_t taken = 0;
            for (size_t o = 0; o < shape->outputs; o += taken) {
                taken = fed_tile_rows(shape->outputs - o);
                float *to = kernelGradient + o * channels + c;
                FED_WITH_ROWS(taken, {
                    fed_vector sums[ROWS] = {{0}};
                    fed_tile_outer(
                        sums, ROWS, space + c, channels, outputs + o * channelStride, 1, channelStride,
                        tiles * FED_WIDTH);
                    for (size_t i = 0; i < ROWS; i++) fed_store(to + i * channels, fed_load(to + i * channels) + sums[i]);
                })
            }
        }
        kernelGradient += shape->outputs * channels;
        outputs += shape->outputs * channelStride;
        space += channels * channelStride;
    }
}

// kernelGradient[point][o][c] += sum over tiles and examples of outputs[point][o][tile] * inputs[point][c][tile].
FED_INLINE void correlate_points(
    float *kernelGradient, const float *outputs, const float *inputs, const fed_winograd *shape, size_t tiles) {
    const size_t channelStride = channel_stride(shape) * FED_WIDTH;
    for (size_t p = 0; p < POINTS; p++) {
        for (size_t c = 0; c < shape->inputs; c += 2) {
            const float *right = inputs + c * channelStride;
            const size_t pair = c + 1 < shape->inputs;
            size_t taken = 0;
            for (size_t o = 0; o < shape->outputs; o += taken) {
                taken = shape->outputs - o < 3 ? shape->outputs - o : 3;
                const float *left = outputs + o * channelStride;
                float *to = kernelGradient + o * shape->inputs + c;
                FED_WITH_ROWS(taken, {
                    fed_vector sums[ROWS * 2] = {{0}};
                    if (pair) {
                        fed_tile_inner(
                            sums, ROWS, 2, left, channelStride, right, channelStride, FED_WIDTH, tiles);
                        for (size_t i = 0; i < ROWS; i++) {
                            to[i * shape->inputs] += fed_lane_total(sums[2 * i]);
                            to[i * shape->inputs + 1] += fed_lane_total(sums[2 * i + 1]);
                        }
                    } else {
                        fed_tile_inner(
                            sums, ROWS, 1, left, channelStride, right, channelStride, FED_WIDTH, tiles);
                        for (size_t i = 0; i < ROWS; i++) to[i * shape->inputs] += fed_lane_total(sums[i]);
                    }
                })
            }
        }
        kernelGradient += shape->outputs * shape->inputs;
        outputs += shape->outputs * channelStride;
        inputs += shape->inputs * channelStride;
    }
}

FED_CLONES_FMA
void fed_winograd_forward(
    float *restrict output, const float *restrict input, const float *restrict kernel, const float *restrict bias,
    float *restrict inputSpace, float *restrict outputSpace, const fed_winograd *shape) {
    const size_t down = tiles_down(shape), across = tiles_across(shape);
    const size_t stride = channel_stride(shape) * FED_WIDTH;
    for (size_t first = 0; first < down; first += shape->tile_rows) {
        const size_t last = first + shape->tile_rows < down ? first + shape->tile_rows : down;
        transform_inputs(inputSpace, input, shape, first, last);
        multiply_points(
            outputSpace, kernel, inputSpace, shape->outputs, shape->inputs, 1, shape->inputs, (last - first) * across,
            stride);
        if (shape->kernel == 3) {
            transform_outputs(output, outputSpace, bias, shape, 4, first, last);
        } else {
            transform_outputs(output, outputSpace, bias, shape, 2, first, last);
        }
    }
}

FED_CLONES_FMA
void fed_winograd_backward(
    float *restrict inputGradient, float *restrict kernelGradient, const float *restrict outputGradient,
    const float *restrict input, const float *restrict kernel, float *restrict inputSpace, float *restrict outputSpace,
    float *restrict swapped, const fed_winograd *shape) {
    const size_t down = tiles_down(shape), across = tiles_across(shape);
    const size_t stride = channel_stride(shape) * FED_WIDTH;
    if (inputGradient) {
        memset(
            inputGradient, 0, shape->inputs * shape->height * shape->width * FED_WIDTH * sizeof *inputGradient);
    }
    if (kernelGradient && swapped) swap_channels(swapped, input, shape);
    for (size_t first = 0; first < down; first += shape->tile_rows) {
        const size_t last = first + shape->tile_rows < down ? first + shape->tile_rows : down;
        const size_t tiles = (last - first) * across;
        if (shape->kernel == 3) {
            transform_output_gradients(outputSpace, outputGradient, shape, 4, first, last);
        } else {
            transform_output_gradients(outputSpace, outputGradient, shape, 2, first, last);
        }
        if (kernelGradient && swapped) {
            transform_swapped(inputSpace, swapped, shape, first, last);
            correlate_swapped(kernelGradient, outputSpace, inputSpace, shape, tiles);
        } else if (kernelGradient) {
            transform_inputs(inputSpace, input, shape, first, last);
            correlate_points(kernelGradient, outputSpace, inputSpace, shape, tiles);
        }
        if (inputGradient) {
            multiply_points(
                inputSpace, kernel, outputSpace, shape->inputs, shape->outputs, shape->inputs, 1, tiles, stride);
            add_input_gradients(inputGradient, inputSpace, shape, first, last);
        }
    }
}
