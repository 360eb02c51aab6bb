// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

// Millions of entries a CPU-second that the kernels of robust aggregators get through, for blocks of 64 MiB.
#include "fed_rows.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(void) {
    const size_t counts[] = {5, 10, 16, 20, 50, 200};
    printf("| updates | distances of all pairs | sorted columns (median, trimmed mean) | mean | mean near the median |\n");
    printf("|---|---|---|---|---|\n");
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        size_t rows = counts[c], width = ((64u << 20) / sizeof(float) / rows) / FED_ROWS_STRETCH * FED_ROWS_STRETCH;
        float *values = malloc(rows * width * sizeof(float)), *scratch = malloc(16 * rows * sizeof(float));
        float *out = malloc(width * sizeof(float));
        double *squares = calloc(rows * rows, sizeof(double));
        if (!values || !scratch || !out || !squares) return 1;
        uint64_t state = 1;
        for (size_t i = 0; i < rows * width; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            values[i] = (float)(int32_t)(state >> 32) * 0x1p-31f;
        }
        for (size_t i = 0; i < width; i++) out[i] = 0;
        double start = now();
        fed_add_square_distances(squares, values, rows, width);
        double distances = now() - start;
        start = now();
        fed_sort_columns(values, rows, width, scratch);
        double sorting = now() - start;
        start = now();
        fed_mean_columns(out, values, rows, width);
        double mean = now() - start;
        start = now();
        fed_mean_near_median(out, values, rows, width, rows / 2 + 1);
        double near = now() - start;
        double millions = (double)width * 1e-6;
        printf("| %zu | %.1f | %.1f | %.1f | %.1f |\n", rows, millions / distances, millions / sorting, millions / mean,
               millions / near);
        free(values), free(scratch), free(out), free(squares);
    }
    return 0;
}
