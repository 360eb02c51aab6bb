// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

#pragma once
#include <zlib.h>

/// `inflateInit2` is a macro, which Swift cannot call. `windowBits` 47 accepts gzip and zlib headers.
static inline int fed_inflate_init(z_stream *stream, int windowBits) {
    return inflateInit2(stream, windowBits);
}
