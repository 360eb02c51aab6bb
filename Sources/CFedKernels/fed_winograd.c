// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_winograd.h"
#include "fed_clones.h"
#include "fed_tiles.h"

#pragma STDC FP_CONTRACT OFF

enum { SIDE = 6, POINTS = FED_WINOGRAD_POINTS };

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

// The rows of the matrices of the transformations, for one line of a tile.

FED_INLINE void input_line(fed_vector *t, const fed_vector *d) {
    const fed_vector even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1];
    const fed_vector near = d[4] - d[2], far = 2 * (d[3] - d[1]);
    t[0] = 4 * d[0] - 5 * d[2] + d[4];
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = near + far;
    t[4] = near - far;
    t[5] = 4 * d[1] - 5 * d[3] + d[5];
}

FED_INLINE void input_line_transposed(fed_vector *d, const fed_vector *t) {
    const fed_vector sum = t[1] + t[2], difference = t[1] - t[2];
    const fed_vector wide = t[3] + t[4], slope = 2 * (t[3] - t[4]);
    d[0] = 4 * t[0];
    d[1] = 4 * (t[5] - difference) - slope;
    d[2] = -5 * t[0] - 4 * sum - wide;
    d[3] = difference + slope - 5 * t[5];
    d[4] = t[0] + sum + wide;
    d[5] = t[5];
}

FED_INLINE void output_line(fed_vector *y, const fed_vector *m, size_t step) {
    const fed_vector sum = m[1] + m[2], difference = m[1] - m[2];
    const fed_vector wide = m[3] + m[4], slope = m[3] - m[4];
    y[0] = m[0] + sum + wide;
    if (step == 2) {
        y[1] = difference + 2 * slope + m[5];
    } else {
        y[1] = difference + 2 * slope;
        y[2] = sum + 4 * wide;
        y[3] = difference + 8 * slope + m[5];
    }
}

FED_INLINE void output_line_transposed(fed_vector *m, const fed_vector *y, size_t step) {
    if (step == 2) {
        m[0] = y[0];
        m[1] = y[0] + y[1];
        m[2] = y[0] - y[1];
        m[3] = y[0] + 2 * y[1];
        m[4] = y[0] - 2 * y[1];
        m[5] = y[1];
    } else {
        const fed_vector even = y[0] + y[2], odd = y[1] + y[3];
        const fed_vector wide = y[0] + 4 * y[2], slope = 2 * y[1] + 8 * y[3];
        m[0] = y[0];
        m[1] = even + odd;
        m[2] = even - odd;
        m[3] = wide + slope;
        m[4] = wide - slope;
        m[5] = y[3];
    }
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

// The matrices of the kernel's transformation, 6 x 3 and 6 x 5.
static const float three[SIDE][5] = {
    {1.0f / 4, 0, 0},
    {-1.0f / 6, -1.0f / 6, -1.0f / 6},
    {-1.0f / 6, 1.0f / 6, -1.0f / 6},
    {1.0f / 24, 1.0f / 12, 1.0f / 6},
    {1.0f / 24, -1.0f / 12, 1.0f / 6},
    {0, 0, 1},
};
static const float five[SIDE][5] = {
    {1.0f / 4, 0, 0, 0, 0},
    {-1.0f / 6, -1.0f / 6, -1.0f / 6, -1.0f / 6, -1.0f / 6},
    {-1.0f / 6, 1.0f / 6, -1.0f / 6, 1.0f / 6, -1.0f / 6},
    {1.0f / 24, 1.0f / 12, 1.0f / 6, 1.0f / 3, 2.0f / 3},
    {1.0f / 24, -1.0f / 12, 1.0f / 6, -1.0f / 3, 2.0f / 3},
    {0, 0, 0, 0, 1},
};

// Sixteen kernels at a time: the vectors of tap (y, x) hold one weight of each.

FED_INLINE void transform_kernels(
    float *transformed, const float *kernel, size_t count, const float matrix[SIDE][5], size_t size) {
    const size_t taps = size * size;
    for (size_t at = 0; at < count; at += FED_WIDTH) {
        const size_t width = count - at < FED_WIDTH ? count - at : FED_WIDTH;
        float weights[5 * 5][FED_WIDTH] = {{0}};
        for (size_t l = 0; l < width; l++) {
            for (size_t tap = 0; tap < taps; tap++) weights[tap][l] = kernel[(at + l) * taps + tap];
        }
        fed_vector half[SIDE][5];
        for (size_t i = 0; i < SIDE; i++) {
            for (size_t x = 0; x < size; x++) {
                fed_vector sum = {0};
                for (size_t y = 0; y < size; y++) sum += matrix[i][y] * fed_load(weights[y * size + x]);
                half[i][x] = sum;
            }
        }
        for (size_t point = 0; point < POINTS; point++) {
            fed_vector sum = {0};
            for (size_t x = 0; x < size; x++) sum += half[point / SIDE][x] * matrix[point % SIDE][x];
            memcpy(transformed + point * count + at, &sum, width * sizeof *transformed);
        }
    }
}

FED_INLINE void transform_kernel_gradients(
    float *gradient, const float *transformed, size_t count, const float matrix[SIDE][5], size_t size) {
    const size_t taps = size * size;
    for (size_t at = 0; at < count; at += FED_WIDTH) {
        const size_t width = count - at < FED_WIDTH ? count - at : FED_WIDTH;
        fed_vector half[5][SIDE];
        for (size_t j = 0; j < SIDE; j++) {
            fed_vector column[SIDE];
            for (size_t i = 0; i < SIDE; i++) column[i] = fed_load(transformed + (i * SIDE + j) * count + at);
            for (size_t y = 0; y < size; y++) {
                fed_vector sum = {0};
                for (size_t i = 0; i < SIDE; i++) sum += matrix[i][y] * column[i];
                half[y][j] = sum;
            }
        }
        float weights[5 * 5][FED_WIDTH];
        for (size_t y = 0; y < size; y++) {
            for (size_t x = 0; x < size; x++) {
                fed_vector sum = {0};
                for (size_t j = 0; j < SIDE; j++) sum += half[y][j] * matrix[j][x];
                fed_store(weights[y * size + x], sum);
            }
        }
        for (size_t l = 0; l < width; l++) {
            for (size_t tap = 0; tap < taps; tap++) gradient[(at + l) * taps + tap] = weights[tap][l];
        }
    }
}

FED_INLINE void winograd_kernel(float *transformed, const float *kernel, const fed_winograd *shape) {
    const size_t count = shape->outputs * shape->inputs;
    if (shape->kernel == 3) {
        transform_kernels(transformed, kernel, count, three, 3);
    } else {
        transform_kernels(transformed, kernel, count, five, 5);
    }
}

FED_CLONES
void fed_winograd_kernel(float *restrict transformed, const float *restrict kernel, const fed_winograd *shape) {
    winograd_kernel(transformed, kernel, shape);
}

FED_INLINE void winograd_kernel_gradient(float *gradient, const float *transformed, const fed_winograd *shape) {
    const size_t count = shape->outputs * shape->inputs;
    if (shape->kernel == 3) {
        transform_kernel_gradients(gradient, transformed, count, three, 3);
    } else {
        transform_kernel_gradients(gradient, transformed, count, five, 5);
    }
}

FED_CLONES
void fed_winograd_kernel_gradient(
    float *restrict gradient, const float *restrict transformed, const fed_winograd *shape) {
    winograd_kernel_gradient(gradient, transformed, shape);
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
