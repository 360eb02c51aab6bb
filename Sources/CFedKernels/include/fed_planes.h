// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#ifndef FED_PLANES_H
#define FED_PLANES_H

#include <stddef.h>
#include <stdint.h>

/// planes[p * count + i] = bytes[i * width + p] for every p below `width`, 2 or 4: what varies alike stands together.
void fed_planes_split(uint8_t *planes, const uint8_t *bytes, size_t count, unsigned width);

/// bytes[i * width + p] = planes[p * count + i]: the inverse of `fed_planes_split`.
void fed_planes_join(uint8_t *bytes, const uint8_t *planes, size_t count, unsigned width);

#endif
