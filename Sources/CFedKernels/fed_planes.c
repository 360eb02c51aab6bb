// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#include "fed_planes.h"
#include "fed_clones.h"

#include <string.h>

#pragma STDC FP_CONTRACT OFF

FED_CLONES
static void split4(uint8_t *restrict planes, const uint8_t *restrict bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint8_t *value = &bytes[4 * i];
        planes[i] = value[0];
        planes[count + i] = value[1];
        planes[2 * count + i] = value[2];
        planes[3 * count + i] = value[3];
    }
}

FED_CLONES
static void split2(uint8_t *restrict planes, const uint8_t *restrict bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        planes[i] = bytes[2 * i];
        planes[count + i] = bytes[2 * i + 1];
    }
}

FED_CLONES
static void join4(uint8_t *restrict bytes, const uint8_t *restrict planes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bytes[4 * i] = planes[i];
        bytes[4 * i + 1] = planes[count + i];
        bytes[4 * i + 2] = planes[2 * count + i];
        bytes[4 * i + 3] = planes[3 * count + i];
    }
}

FED_CLONES
static void join2(uint8_t *restrict bytes, const uint8_t *restrict planes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        bytes[2 * i] = planes[i];
        bytes[2 * i + 1] = planes[count + i];
    }
}

void fed_planes_split(uint8_t *restrict planes, const uint8_t *restrict bytes, size_t count, unsigned width) {
    if (width == 4) split4(planes, bytes, count);
    else split2(planes, bytes, count);
}

void fed_planes_join(uint8_t *restrict bytes, const uint8_t *restrict planes, size_t count, unsigned width) {
    if (width == 4) join4(bytes, planes, count);
    else join2(bytes, planes, count);
}
