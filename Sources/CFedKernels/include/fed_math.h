// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_MATH_H
#define FED_MATH_H

// The C library picks its methods by CPU, so that the last bits of its results depend on the machine. These do not.

/// ln(x) for finite normal x > 0, relative error about 1e-15.
double fed_log(double x);

/// e^x, relative error about 1e-15; 0 below -708, for x at most 708.
double fed_exp(double x);

/// cos(pi x) for x in [0, 1], absolute error about 1e-16; exact at 0, 1/2 and 1.
double fed_cos_pi(double x);

/// The vector instructions that the kernels use on this processor, as `AVX-512`.
const char *fed_instruction_set(void);

#endif
