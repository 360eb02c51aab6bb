// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_openblas.h"

#include <dlfcn.h>
#include <stdlib.h>

// From cblas.h, whose functions cannot be called by name where the library is not linked.
enum { ROW_MAJOR = 101, NOT_TRANSPOSED = 111, TRANSPOSED = 112 };

typedef void sgemm_function(
    int order, int transposeLeft, int transposeRight, int rows, int columns, int inner, float alpha, const float *left,
    int leftLine, const float *right, int rightLine, float beta, float *result, int resultLine);

static sgemm_function *sgemm;
static const char *(*core)(void);
static const char *(*configuration)(void);

static void prefer_wide_kernels(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_is("amd") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        setenv("OPENBLAS_CORETYPE", "SKYLAKEX", 0);
    }
#endif
}

const char *fed_openblas_load(void) {
    if (sgemm) return NULL;
    prefer_wide_kernels();
#if defined(__APPLE__)
    void *library = dlopen("libopenblas.dylib", RTLD_NOW | RTLD_LOCAL);
#else
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
#endif
    if (!library) return dlerror();
    void (*threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
    core = (const char *(*)(void))dlsym(library, "openblas_get_corename");
    configuration = (const char *(*)(void))dlsym(library, "openblas_get_config");
    sgemm_function *product = (sgemm_function *)dlsym(library, "cblas_sgemm");
    if (!threads || !core || !configuration || !product) return "it lacks functions that every OpenBLAS has";
    threads(1);
    sgemm = product;
    return NULL;
}

const char *fed_openblas_core(void) { return core(); }

const char *fed_openblas_configuration(void) { return configuration(); }

void fed_openblas_sgemm(
    int transposeLeft, int transposeRight, int rows, int columns, int inner, const float *left, int leftLine,
    const float *right, int rightLine, float beta, float *result, int resultLine) {
    sgemm(
        ROW_MAJOR, transposeLeft ? TRANSPOSED : NOT_TRANSPOSED, transposeRight ? TRANSPOSED : NOT_TRANSPOSED, rows,
        columns, inner, 1, left, leftLine, right, rightLine, beta, result, resultLine);
}
