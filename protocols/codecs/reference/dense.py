# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""dense-float32, dense-float16: plain payloads."""

import math
import struct

from .basics import (
    EXAMPLE_LAYOUT,
    EXAMPLE_VALUES,
    Refused,
    check_header,
    check_length,
    count,
    header,
    one_tensor,
    replaced,
    require_finite,
)


class Dense:
    """One number format; `letter` is that of the module struct."""

    def __init__(self, name, number, letter, width, bound, not_numbers, samples):
        self.NAME, self.NUMBER = name, number
        self.letter, self.width, self.bound = letter, width, bound
        self.not_numbers, self.samples = not_numbers, samples

    def encode(self, values, layout, options, key):
        require_finite(values)
        if any(abs(value) >= self.bound for value in values):
            raise Refused("range")
        return header(self.NUMBER) + self.pack(values)

    def decode(self, payload, layout, options):
        check_header(payload, self.NUMBER)
        check_length(payload, 4 + self.width * count(layout))
        values = self.unpack(payload[4:])
        require_finite(values)
        return values

    def pack(self, values):
        return struct.pack("<%d%s" % (len(values), self.letter), *values)

    def unpack(self, data):
        return list(struct.unpack("<%d%s" % (len(data) // self.width, self.letter), data))

    def refused(self, payload, layout, options):
        nan, infinity = self.not_numbers
        yield "NaN", replaced(payload, 4, nan)
        yield "infinity", replaced(payload, len(payload) - self.width, infinity)

    def vectors(self, write):
        write("example", 7, EXAMPLE_LAYOUT, EXAMPLE_VALUES)
        name, values = self.samples
        write(name, 0, one_tensor(len(values)), values)


EXTREMES = [-0.0, 1e-45, -1.1754942e-38, 3.4028235e38, -3.4028235e38, 1 / 3]
HALVES = [-0.0, 65504.0, -65519.996, 2048.5, 2049.0, 2049.5, 2051.0, 0.1, -1 / 3]
HALVES += [2.0**-14, 2.0**-14 - 2.0**-26, 2.0**-24, 2.0**-25, 1.5 * 2.0**-24, -2.5 * 2.0**-24, 1e-30]

FLOAT32 = Dense(
    "dense-float32", 1, "f", 4, math.inf, (struct.pack("<f", math.nan), struct.pack("<f", -math.inf)), ("extremes", EXTREMES)
)
FLOAT16 = Dense("dense-float16", 2, "e", 2, 65520, (b"\x01\x7e", b"\x00\xfc"), ("rounding", HALVES))
