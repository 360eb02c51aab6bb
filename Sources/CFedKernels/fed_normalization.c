// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_normalization.h"
#include "fed_clones.h"
#include "fed_lanes.h"

#pragma STDC FP_CONTRACT OFF

typedef struct {
    double first;
    double second;
} pair;

// Blocks of examples, and which lanes of a block hold any.
FED_INLINE size_t blocks_of(const fed_batch *batch) { return (batch->examples + FED_WIDTH - 1) / FED_WIDTH; }

FED_INLINE fed_mask lanes_of(const fed_batch *batch, size_t block) {
    const size_t left = batch->examples - block * FED_WIDTH;
    return fed_mask_below(left < FED_WIDTH ? left : FED_WIDTH);
}

// The sums of x - center and of its square over one plane.
FED_INLINE pair plane_moments(const float *plane, size_t pixels, float center, fed_mask lanes) {
    const fed_vector middle = fed_splat(center);
    fed_vector sums[4] = {{0}, {0}, {0}, {0}}, squares[4] = {{0}, {0}, {0}, {0}};
    size_t p = 0;
    for (; p + 4 <= pixels; p += 4) {
#pragma clang loop unroll(full)
        for (size_t k = 0; k < 4; k++) {
            const fed_vector x = fed_load(plane + (p + k) * FED_WIDTH) - middle;
            sums[k] += x;
            squares[k] += x * x;
        }
    }
    for (; p < pixels; p++) {
        const fed_vector x = fed_load(plane + p * FED_WIDTH) - middle;
        sums[0] += x;
        squares[0] += x * x;
    }
    const fed_vector sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
    const fed_vector square = (squares[0] + squares[1]) + (squares[2] + squares[3]);
    return (pair){fed_vector_sum(fed_keep(sum, lanes)), fed_vector_sum(fed_keep(square, lanes))};
}

FED_INLINE void plane_statistics(float *mean, float *variance, const float *maps, const fed_batch *batch) {
    const size_t blocks = blocks_of(batch), plane = batch->pixels * FED_WIDTH;
    const double count = (double)(batch->examples * batch->pixels);
    for (size_t c = 0; c < batch->channels; c++) {
        const float *first = maps + c * plane;
        // Moments about a value near the mean, so that their difference loses no digits.
        const fed_mask lanes = lanes_of(batch, 0);
        const double inFirst = (double)(batch->examples < FED_WIDTH ? batch->examples : FED_WIDTH);
        const pair guess = plane_moments(first, batch->pixels, first[0], lanes);
        const float pivot = (float)(guess.first / (inFirst * (double)batch->pixels) + (double)first[0]);
        double sum = 0, squares = 0;
        for (size_t b = 0; b < blocks; b++) {
            const float *at = maps + (b * batch->channels + c) * plane;
            const pair moments = plane_moments(at, batch->pixels, pivot, lanes_of(batch, b));
            sum += moments.first;
            squares += moments.second;
        }
        const double distance = sum / count;
        const double spread = squares / count - distance * distance;
        mean[c] = (float)((double)pivot + distance);
        variance[c] = spread > 0 || spread != spread ? (float)spread : 0;
    }
}

FED_INLINE void row_statistics(float *mean, float *variance, const float *rows, const fed_batch *batch) {
    const double count = (double)batch->examples;
    const size_t channels = batch->channels;
    for (size_t c = 0; c < channels; c += FED_WIDTH) {
        const size_t width = channels - c < FED_WIDTH ? channels - c : FED_WIDTH;
        fed_lanes sums = {0}, squares = {0};
        for (size_t n = 0; n < batch->examples; n++) {
            const fed_vector row = fed_load(rows + n * channels + c);
            for (size_t l = 0; l < FED_WIDTH; l++) sums.at[l] += (double)row[l];
        }
        for (size_t l = 0; l < FED_WIDTH; l++) sums.at[l] /= count;
        for (size_t n = 0; n < batch->examples; n++) {
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
    float *restrict mean, float *restrict variance, const float *restrict input, const fed_batch *batch) {
    if (batch->pixels == 0) {
        row_statistics(mean, variance, input, batch);
    } else {
        plane_statistics(mean, variance, input, batch);
    }
}

// Lanes without an example would grow from norm to norm where the examples hardly differ, up to infinity, and infinity
// times their zero gradients is NaN: they are set to 0.
FED_INLINE void clear_lanes(float *end, const fed_batch *batch) {
    const fed_mask lanes = lanes_of(batch, blocks_of(batch) - 1);
    const size_t count = batch->channels * batch->pixels * FED_WIDTH;
    for (float *at = end - count; at < end; at += FED_WIDTH) fed_store(at, fed_keep(fed_load(at), lanes));
}

FED_CLONES
void fed_normalize(
    float *restrict output, const float *restrict input, const float *restrict center, const float *restrict multiplier,
    const float *restrict offset, const fed_batch *batch, int rectify) {
    if (batch->pixels == 0) {
        for (size_t n = 0; n < batch->examples; n++) {
            for (size_t c = 0; c < batch->channels; c++) {
                const float value = (input[c] - center[c]) * multiplier[c] + offset[c];
                output[c] = rectify && value < 0 ? 0 : value;
            }
            output += batch->channels;
            input += batch->channels;
        }
        return;
    }
    const size_t plane = batch->pixels * FED_WIDTH;
    for (size_t b = 0; b < blocks_of(batch); b++) {
        for (size_t c = 0; c < batch->channels; c++) {
            const float middle = center[c], scale = multiplier[c], shift = offset[c];
            for (size_t p = 0; p < plane; p++) {
                const float value = (input[p] - middle) * scale + shift;
                output[p] = rectify && value < 0 ? 0 : value;
            }
            output += plane;
            input += plane;
        }
    }
    if (batch->examples % FED_WIDTH != 0) clear_lanes(output, batch);
}

// The gradient where the rectifier let it through.
FED_INLINE fed_vector passed(const float *gradient, const float *output) {
    const fed_vector g = fed_load(gradient);
    return output ? fed_keep(g, fed_load(output) > 0) : g;
}

FED_INLINE pair plane_sums(
    const float *gradient, const float *output, const float *input, float center, size_t pixels, fed_mask lanes) {
    const fed_vector middle = fed_splat(center);
    fed_vector products[2] = {{0}, {0}}, sums[2] = {{0}, {0}};
    for (size_t p = 0; p < pixels; p++) {
        const size_t at = p * FED_WIDTH;
        const fed_vector g = passed(gradient + at, output ? output + at : NULL);
        products[p % 2] += g * (fed_load(input + at) - middle);
        sums[p % 2] += g;
    }
    return (pair){
        fed_vector_sum(fed_keep(products[0] + products[1], lanes)), fed_vector_sum(fed_keep(sums[0] + sums[1], lanes))};
}

FED_INLINE void row_sums(
    float *products, float *sums, const float *gradient, const float *output, const float *input, const float *mean,
    const float *factor, const fed_batch *batch) {
    const size_t channels = batch->channels;
    for (size_t c = 0; c < channels; c += FED_WIDTH) {
        const size_t width = channels - c < FED_WIDTH ? channels - c : FED_WIDTH;
        fed_lanes first = {0}, second = {0};
        fed_vector middle = {0};
        for (size_t l = 0; l < width; l++) middle[l] = mean[c + l];
        for (size_t n = 0; n < batch->examples; n++) {
            const size_t at = n * channels + c;
            const fed_vector g = passed(gradient + at, output ? output + at : NULL);
            const fed_vector x = fed_load(input + at);
            for (size_t l = 0; l < FED_WIDTH; l++) {
                first.at[l] += (double)g[l] * ((double)x[l] - (double)middle[l]);
                second.at[l] += (double)g[l];
            }
        }
        for (size_t l = 0; l < width; l++) {
            products[c + l] = (float)(first.at[l] * (double)factor[c + l]);
            sums[c + l] = (float)second.at[l];
        }
    }
}

FED_INLINE void normalize_sums(
    float *restrict products, float *restrict sums, const float *restrict gradient, const float *restrict output,
    const float *restrict input, const float *restrict mean, const float *restrict factor, const fed_batch *batch) {
    if (batch->pixels == 0) {
        row_sums(products, sums, gradient, output, input, mean, factor, batch);
        return;
    }
    const size_t plane = batch->pixels * FED_WIDTH;
    for (size_t c = 0; c < batch->channels; c++) {
        double first = 0, second = 0;
        for (size_t b = 0; b < blocks_of(batch); b++) {
            const size_t at = (b * batch->channels + c) * plane;
            const pair part = plane_sums(
                gradient + at, output ? output + at : NULL, input + at, mean[c], batch->pixels, lanes_of(batch, b));
            first += part.first;
            second += part.second;
        }
        products[c] = (float)(first * (double)factor[c]);
        sums[c] = (float)second;
    }
}

FED_CLONES
void fed_normalize_sums(
    float *restrict products, float *restrict sums, const float *restrict gradient, const float *restrict output,
    const float *restrict input, const float *restrict mean, const float *restrict factor, const fed_batch *batch) {
    normalize_sums(products, sums, gradient, output, input, mean, factor, batch);
}

FED_INLINE void normalize_gradient(
    float *restrict inputGradient, const float *restrict gradient, const float *restrict output,
    const float *restrict input, const float *restrict mean, const float *restrict constant,
    const float *restrict slope, const float *restrict multiplier, const fed_batch *batch) {
    if (batch->pixels == 0) {
        for (size_t n = 0; n < batch->examples; n++) {
            for (size_t c = 0; c < batch->channels; c++) {
                const float g = !output || output[c] > 0 ? gradient[c] : 0;
                inputGradient[c] =
                    slope ? (g - constant[c] - (input[c] - mean[c]) * slope[c]) * multiplier[c] : g * multiplier[c];
            }
            inputGradient += batch->channels;
            gradient += batch->channels;
            input += batch->channels;
            if (output) output += batch->channels;
        }
        return;
    }
    const size_t plane = batch->pixels * FED_WIDTH;
    for (size_t b = 0; b < blocks_of(batch); b++) {
        const fed_mask lanes = lanes_of(batch, b);
        for (size_t c = 0; c < batch->channels; c++) {
            const fed_vector middle = fed_splat(mean[c]), factor = fed_splat(multiplier[c]);
            const fed_vector start = fed_splat(slope ? constant[c] : 0), incline = fed_splat(slope ? slope[c] : 0);
            for (size_t p = 0; p < plane; p += FED_WIDTH) {
                fed_vector g = passed(gradient + p, output ? output + p : NULL);
                if (slope) g = g - start - (fed_load(input + p) - middle) * incline;
                fed_store(inputGradient + p, fed_keep(g * factor, lanes));
            }
            inputGradient += plane;
            gradient += plane;
            input += plane;
            if (output) output += plane;
        }
    }
}

FED_CLONES
void fed_normalize_gradient(
    float *restrict inputGradient, const float *restrict gradient, const float *restrict output,
    const float *restrict input, const float *restrict mean, const float *restrict constant,
    const float *restrict slope, const float *restrict multiplier, const fed_batch *batch) {
    normalize_gradient(inputGradient, gradient, output, input, mean, constant, slope, multiplier, batch);
}
