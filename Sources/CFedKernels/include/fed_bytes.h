// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_BYTES_H
#define FED_BYTES_H

#include <stddef.h>
#include <stdint.h>

/// values[i] = bytes[i] / 255, the nearest float.
void fed_unit_bytes_decode(float *values, const uint8_t *bytes, size_t count);

#endif
