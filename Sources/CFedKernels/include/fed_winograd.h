// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_WINOGRAD_H
#define FED_WINOGRAD_H

#include <stddef.h>

// Convolutions of stride 1 with square kernels of 3 or 5 by minimal filtering (Lavin and Gray, CVPR 2016) on tiles of 6x6
// inputs, with the points 0, 1, -1, 2, -2 and infinity: 4x4 outputs a tile for 3x3 kernels, 2x2 for 5x5, at 36
// multiplications instead of 144 or 100. Maps are blocks of sixteen examples, [channel][row][column][example].

/// The points of a tile.
#define FED_WINOGRAD_POINTS 36

/// One block's convolution: output[o] = sum over c of input[c] * kernel[o][c], with the same size or another by `padding`.
typedef struct {
    size_t inputs;
    size_t outputs;
    size_t height;
    size_t width;
    size_t kernel;
    size_t padding;
    size_t output_height;
    size_t output_width;
    /// Rows of tiles that are computed together: they decide how much working space is needed, and speed.
    size_t tile_rows;
} fed_winograd;

/// The floats that `inputSpace` needs, for the transformed inputs of `tile_rows` rows of tiles; `outputSpace` likewise with
/// `channels` outputs.
size_t fed_winograd_space(const fed_winograd *shape, size_t channels);

/// Transforms kernel[o][c][k][k] into transformed[point][o][c].
void fed_winograd_kernel(float *transformed, const float *kernel, const fed_winograd *shape);

/// output = input * kernel (transformed) + bias (nothing where NULL).
void fed_winograd_forward(
    float *output, const float *input, const float *kernel, const float *bias, float *inputSpace, float *outputSpace,
    const fed_winograd *shape);

/// The gradients: of the input where `inputGradient` is not NULL, of the transformed kernel, *added* to
/// kernelGradient[point][o][c], where that is not NULL.
///
/// `swapped` is space for the input once more, or NULL: with it, sums over examples are faster; it needs the number of
/// inputs to be a multiple of 16.
void fed_winograd_backward(
    float *inputGradient, float *kernelGradient, const float *outputGradient, const float *input,
    const float *kernel, float *inputSpace, float *outputSpace, float *swapped, const fed_winograd *shape);

/// gradient[o][c][k][k] = the gradient of the kernel from that of the transformed kernel, behind which FED_SLACK floats may
/// be read.
void fed_winograd_kernel_gradient(float *gradient, const float *transformed, const fed_winograd *shape);

#endif
