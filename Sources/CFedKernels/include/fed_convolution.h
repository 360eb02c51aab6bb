// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_CONVOLUTION_H
#define FED_CONVOLUTION_H

#include <stddef.h>
#include <stdint.h>

// Maps are blocks of sixteen examples side by side, [channel][row][column][example]: whatever the kernel, the stride and
// the size of the image, every vector is full and lies where it is needed.

/// The examples of a block.
#define FED_BLOCK 16

/// Floats that may be read past the end of a buffer.
#define FED_SLACK 16

/// What slides over what: one image's input and output and the window.
typedef struct {
    size_t channels;
    size_t height;
    size_t width;
    size_t kernel_height;
    size_t kernel_width;
    size_t stride;
    size_t padding;
    size_t output_height;
    size_t output_width;
} fed_window;

/// block[i][example] = rows[example][i], and 0 for examples from `examples` (at most FED_BLOCK) on.
void fed_block_pack(float *block, const float *rows, size_t examples, size_t count);

/// rows[example][i] = block[i][example] for the first `examples`.
void fed_block_unpack(float *rows, const float *block, size_t examples, size_t count);

/// Copies a block into the middle of a `padded` one, whose border of `padding` the caller has set to 0.
void fed_block_pad(float *padded, const float *block, const fed_window *window);

/// outward[c][y][x][o] = kernel[o][c][y][x], and where not NULL inward[y][x][o][c] likewise.
void fed_kernel_reorder(
    float *outward, float *inward, const float *kernel, size_t outputs, const fed_window *window);

/// output[o] = sum over c of padded[c] * kernel[o][c] + bias[o] (nothing where NULL).
void fed_convolve(
    float *output, const float *padded, const float *outward, const float *bias, size_t outputs,
    const fed_window *window);

/// The gradient of the input (not padded) from that of the output.
void fed_convolve_input_gradient(
    float *inputGradient, const float *outputGradient, const float *inward, size_t outputs,
    const fed_window *window);

/// kernelGradient[o][c][y][x] += the sum over pixels and examples of outputGradient[o] * padded[c].
void fed_convolve_kernel_gradient(
    float *kernelGradient, const float *outputGradient, const float *padded, size_t outputs,
    const fed_window *window);

/// sums[c] += the sum over pixels and examples of block[c]; `pixels` * FED_BLOCK floats a channel.
void fed_block_sum_channels(float *sums, const float *block, size_t channels, size_t pixels);

/// output[plane][y][x] = the largest input under the window; no padding; a NaN is kept.
void fed_max_pool_forward(float *output, const float *input, size_t planes, const fed_window *window);

/// Overwrites `inputGradient` with each output's gradient at the first of its largest inputs, added up where windows
/// overlap.
void fed_max_pool_backward(
    float *inputGradient, const float *outputGradient, const float *output, const float *input, size_t planes,
    const fed_window *window);

/// output[plane][y][x] = the mean of the inputs under the window; no padding.
void fed_average_pool_forward(float *output, const float *input, size_t planes, const fed_window *window);

/// Overwrites `inputGradient` with each output's gradient shared out evenly, added up where windows overlap.
void fed_average_pool_backward(
    float *inputGradient, const float *outputGradient, size_t planes, const fed_window *window);

/// output[o][y][x] = input[o][y * stride][x * stride] for the window's channels, 0 for those from there to `outputs`.
///
/// The shortcut without parameters of He et al., CVPR 2016, option A.
void fed_subsample_forward(float *output, const float *input, size_t outputs, const fed_window *window);

/// The transpose of `fed_subsample_forward`: overwrites `inputGradient`.
void fed_subsample_backward(float *inputGradient, const float *outputGradient, const fed_window *window);

#endif
