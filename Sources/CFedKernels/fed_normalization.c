// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_normalization.h"
#include "fed_clones.h"
#include "fed_lanes.h"

#pragma STDC FP_CONTRACT OFF

// Planes of many pixels are added along their pixels, plain vectors (one pixel) along the batch, channel beside
// channel; `shift` is subtracted first.

typedef struct {
    double first;
    double second;
} pair;

// The sums of x - shift and of its square over one plane.
FED_INLINE pair plane_moments(const float *plane, size_t pixels, float shift) {
    const fed_vector center = fed_splat(shift);
    fed_vector sum[2] = {{0}, {0}}, squares[2] = {{0}, {0}};
    size_t p = 0;
    for (; p + 2 * FED_WIDTH <= pixels; p += 2 * FED_WIDTH) {
        const fed_vector a = fed_load(plane + p) - center, b = fed_load(plane + p + FED_WIDTH) - center;
        sum[0] += a;
        sum[1] += b;
        squares[0] += a * a;
        squares[1] += b * b;
    }
    for (; p < pixels; p += FED_WIDTH) {
        const fed_mask mask = fed_mask_below(pixels - p < FED_WIDTH ? pixels - p : FED_WIDTH);
        const fed_vector a = fed_keep(fed_load(plane + p) - center, mask);
        sum[0] += a;
        squares[0] += a * a;
    }
    return (pair){fed_vector_sum(sum[0] + sum[1]), fed_vector_sum(squares[0] + squares[1])};
}

FED_INLINE void plane_statistics(
    float *mean, float *variance, const float *maps, size_t images, size_t channels, size_t pixels) {
    const double count = (double)(images * pixels);
    for (size_t c = 0; c < channels; c++) {
        // Moments about a value near the mean, so that their difference loses no digits.
        const float *first = maps + c * pixels;
        const double pivot = plane_moments(first, pixels, first[0]).first / (double)pixels + (double)first[0];
        double sum = 0, squares = 0;
        for (size_t n = 0; n < images; n++) {
            const pair moments = plane_moments(maps + (n * channels + c) * pixels, pixels, (float)pivot);
            sum += moments.first;
            squares += moments.second;
        }
        const double distance = sum / count;
        const double spread = squares / count - distance * distance;
        mean[c] = (float)((double)(float)pivot + distance);
        variance[c] = spread > 0 || spread != spread ? (float)spread : 0;
    }
}

FED_INLINE void row_statistics(float *mean, float *variance, const float *rows, size_t images, size_t channels) {
    const double count = (double)images;
    for (size_t c = 0; c < channels; c += FED_WIDTH) {
        const size_t width = channels - c < FED_WIDTH ? channels - c : FED_WIDTH;
        fed_lanes sums = {0}, squares = {0};
        for (size_t n = 0; n < images; n++) {
            const fed_vector row = fed_load(rows + n * channels + c);
            for (size_t l = 0; l < FED_WIDTH; l++) sums.at[l] += (double)row[l];
        }
        for (size_t l = 0; l < FED_WIDTH; l++) sums.at[l] /= count;
        for (size_t n = 0; n < images; n++) {
            const fed_vector row = fed_load(rows + n * channels + c);
            for (size_t l = 0; l < FED_WIDTH; l++) {
                const double difference = (double)row[l] - sums.at[l];
                squares.at[l] += difference * difference;
            }
        }
        for (size_t l = 0; l < width; l++) {
            mean[c + l] = (float)sums.at[l];
            variance[c + l] = (float)(squares.at[l] / count);
        }
    }
}

FED_CLONES
void fed_channel_statistics(
    float *restrict mean, float *restrict variance, const float *restrict maps, size_t images, size_t channels,
    size_t pixels) {
    if (pixels == 1) {
        row_statistics(mean, variance, maps, images, channels);
    } else {
        plane_statistics(mean, variance, maps, images, channels, pixels);
    }
}

FED_CLONES
void fed_normalize(
    float *restrict output, const float *restrict input, const float *restrict center, const float *restrict multiplier,
    const float *restrict offset, size_t images, size_t channels, size_t pixels, int rectify) {
    for (size_t n = 0; n < images; n++) {
        if (pixels == 1) {
            for (size_t c = 0; c < channels; c++) output[c] = (input[c] - center[c]) * multiplier[c] + offset[c];
            if (rectify) {
                for (size_t c = 0; c < channels; c++) output[c] = output[c] < 0 ? 0 : output[c];
            }
            output += channels;
            input += channels;
            continue;
        }
        for (size_t c = 0; c < channels; c++) {
            const float middle = center[c], scale = multiplier[c], shift = offset[c];
            if (rectify) {
                for (size_t p = 0; p < pixels; p++) {
                    const float value = (input[p] - middle) * scale + shift;
                    output[p] = value < 0 ? 0 : value;
                }
            } else {
                for (size_t p = 0; p < pixels; p++) output[p] = (input[p] - middle) * scale + shift;
            }
            output += pixels;
            input += pixels;
        }
    }
}

// The gradient where the rectifier let it through.
FED_INLINE fed_vector passed(const float *gradient, const float *output) {
    const fed_vector g = fed_load(gradient);
    return output ? fed_keep(g, fed_load(output) > 0) : g;
}

FED_INLINE pair plane_sums(
    const float *gradient, const float *output, const float *input, float center, size_t pixels) {
    const fed_vector mean = fed_splat(center);
    fed_vector products = {0}, sums = {0};
    for (size_t p = 0; p < pixels; p += FED_WIDTH) {
        fed_vector g = passed(gradient + p, output ? output + p : NULL);
        fed_vector x = fed_load(input + p) - mean;
        if (pixels - p < FED_WIDTH) {
            const fed_mask mask = fed_mask_below(pixels - p);
            g = fed_keep(g, mask);
            x = fed_keep(x, mask);
        }
        products += g * x;
        sums += g;
    }
    return (pair){fed_vector_sum(products), fed_vector_sum(sums)};
}

FED_INLINE void row_sums(
    float *products, float *sums, const float *gradient, const float *output, const float *input, const float *mean,
    const float *factor, size_t images, size_t channels) {
    for (size_t c = 0; c < channels; c += FED_WIDTH) {
        const size_t width = channels - c < FED_WIDTH ? channels - c : FED_WIDTH;
        fed_lanes first = {0}, second = {0};
        fed_vector center = {0};
        for (size_t l = 0; l < width; l++) center[l] = mean[c + l];
        for (size_t n = 0; n < images; n++) {
            const size_t at = n * channels + c;
            const fed_vector g = passed(gradient + at, output ? output + at : NULL);
            const fed_vector x = fed_load(input + at);
            for (size_t l = 0; l < FED_WIDTH; l++) {
                first.at[l] += (double)g[l] * ((double)x[l] - (double)center[l]);
                second.at[l] += (double)g[l];
            }
        }
        for (size_t l = 0; l < width; l++) {
            products[c + l] = (float)(first.at[l] * (double)factor[c + l]);
            sums[c + l] = (float)second.at[l];
        }
    }
}

FED_CLONES
void fed_normalize_sums(
    float *restrict products, float *restrict sums, const float *restrict gradient, const float *restrict output,
    const float *restrict input, const float *restrict mean, const float *restrict factor, size_t images,
    size_t channels, size_t pixels) {
    if (pixels == 1) {
        row_sums(products, sums, gradient, output, input, mean, factor, images, channels);
        return;
    }
    for (size_t c = 0; c < channels; c++) {
        double first = 0, second = 0;
        for (size_t n = 0; n < images; n++) {
            const size_t at = (n * channels + c) * pixels;
            const pair part = plane_sums(gradient + at, output ? output + at : NULL, input + at, mean[c], pixels);
            first += part.first;
            second += part.second;
        }
        products[c] = (float)(first * (double)factor[c]);
        sums[c] = (float)second;
    }
}

FED_INLINE void plane_gradient(
    float *restrict inputGradient, const float *restrict gradient, const float *restrict output,
    const float *restrict input, float center, float constant, float slope, float multiplier, size_t pixels) {
    if (output) {
        for (size_t p = 0; p < pixels; p++) {
            const float g = output[p] > 0 ? gradient[p] : 0;
            inputGradient[p] = (g - constant - (input[p] - center) * slope) * multiplier;
        }
    } else {
        for (size_t p = 0; p < pixels; p++) {
            inputGradient[p] = (gradient[p] - constant - (input[p] - center) * slope) * multiplier;
        }
    }
}

FED_CLONES
void fed_normalize_gradient(
    float *restrict inputGradient, const float *restrict gradient, const float *restrict output,
    const float *restrict input, const float *restrict mean, const float *restrict constant,
    const float *restrict slope, const float *restrict multiplier, size_t images, size_t channels, size_t pixels) {
    for (size_t n = 0; n < images; n++) {
        if (pixels == 1) {
            for (size_t c = 0; c < channels; c++) {
                const float g = !output || output[c] > 0 ? gradient[c] : 0;
                inputGradient[c] =
                    slope ? (g - constant[c] - (input[c] - mean[c]) * slope[c]) * multiplier[c] : g * multiplier[c];
            }
        } else {
            for (size_t c = 0; c < channels; c++) {
                const size_t at = c * pixels;
                const float *rectified = output ? output + at : NULL;
                if (slope) {
                    plane_gradient(
                        inputGradient + at, gradient + at, rectified, input + at, mean[c], constant[c], slope[c],
                        multiplier[c], pixels);
                } else {
                    const float factor = multiplier[c];
                    for (size_t p = 0; p < pixels; p++) {
                        inputGradient[at + p] = !rectified || rectified[p] > 0 ? gradient[at + p] * factor : 0;
                    }
                }
            }
        }
        const size_t count = channels * pixels;
        inputGradient += count;
        gradient += count;
        input += count;
        if (output) output += count;
    }
}
