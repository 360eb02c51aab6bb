// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_CONVOLUTION_H
#define FED_CONVOLUTION_H

#include <stddef.h>
#include <stdint.h>

// Feature maps are [channel][row][column]. The functions marked "slack" read or write up to FED_SLACK floats past the
// end of the buffers they name, and leave what they write there unspecified.
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

/// Copies an image into the middle of a `padded` one, whose border of `padding` the caller has set to 0.
void fed_pad(float *padded, const float *image, const fed_window *window);

/// Writes columns[channel][ky][kx][y][x] = padded[channel][y * stride + ky][x * stride + kx].
///
/// Slack: both.
void fed_image_to_columns(float *columns, const float *padded, const fed_window *window);

/// The transpose of `fed_image_to_columns` followed by that of `fed_pad`: adds all columns where they came from.
///
/// `padded` is working space; `image` is overwritten. Slack: `padded`, `columns`.
void fed_columns_to_image(float *image, float *padded, const float *columns, const fed_window *window);

/// output[plane][y][x] = the largest input under the window, `origin` = its place there, ky * kernel_width + kx.
///
/// `planes` images times channels; no padding; the first of equals wins and a NaN is kept. At most 256 places.
void fed_max_pool_forward(
    float *output, uint8_t *origin, const float *input, size_t planes, const fed_window *window);

/// Overwrites `inputGradient` with each output's gradient at its origin, added up where windows overlap.
void fed_max_pool_backward(
    float *inputGradient, const float *outputGradient, const uint8_t *origin, size_t planes, const fed_window *window);

/// output[plane][y][x] = the mean of the inputs under the window; no padding.
void fed_average_pool_forward(float *output, const float *input, size_t planes, const fed_window *window);

/// Overwrites `inputGradient` with each output's gradient shared out evenly, added up where windows overlap.
void fed_average_pool_backward(
    float *inputGradient, const float *outputGradient, size_t planes, const fed_window *window);

/// output[o][y][x] = input[o][y * stride][x * stride] for the window's channels, 0 for those from there to `outputs`.
///
/// One image of window->height x window->width; the shortcut without parameters of He et al., CVPR 2016, option A.
void fed_subsample_forward(float *output, const float *input, size_t outputs, const fed_window *window);

/// The transpose of `fed_subsample_forward`: overwrites `inputGradient`.
void fed_subsample_backward(float *inputGradient, const float *outputGradient, const fed_window *window);

#endif
