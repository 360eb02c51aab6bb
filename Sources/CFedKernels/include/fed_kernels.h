// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

// The loops that must be vectorised whatever CPU runs them. Every function gives the same bits on every
// instruction set: `FED_CLONES` only chooses how fast.
#ifndef FED_KERNELS_H
#define FED_KERNELS_H

#include "fed_accumulate.h"
#include "fed_augment.h"
#include "fed_attack.h"
#include "fed_bfloat16.h"
#include "fed_bytes.h"
#include "fed_convolution.h"
#include "fed_gaps.h"
#include "fed_layers.h"
#include "fed_math.h"
#include "fed_normalization.h"
#include "fed_optimizer.h"
#include "fed_planes.h"
#include "fed_product.h"
#include "fed_rans.h"
#include "fed_rows.h"
#include "fed_select.h"
#include "fed_softmax.h"
#include "fed_fold.h"
#include "fed_half.h"
#include "fed_sums.h"
#include "fed_ternary.h"
#include "fed_uniform.h"
#include "fed_winograd.h"

#endif
