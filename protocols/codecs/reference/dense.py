# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""dense-float32, dense-float16, dense-bfloat16."""

import math
import random
import struct

from . import planes, zstd_frames
from .basics import (
    EXAMPLE_LAYOUT,
    EXAMPLE_VALUES,
    Refused,
    check_header,
    check_length,
    count,
    header,
    one_tensor,
    parameter,
    replaced,
    require_finite,
)

PLANES_FLAG = 1


class Dense:
    """One number format: how many bytes a value takes and which magnitudes would round to infinity."""

    def __init__(self, name, number, width, bound, pack, unpack, not_numbers, samples):
        self.NAME, self.NUMBER = name, number
        self.width, self.bound, self.pack, self.unpack = width, bound, pack, unpack
        self.not_numbers, self.samples = not_numbers, samples

    def encode(self, values, layout, options, key):
        require_finite(values)
        if any(abs(value) >= self.bound for value in values):
            raise Refused("range")
        return header(self.NUMBER) + self.pack(values)

    def decode(self, payload, layout, options):
        if options.get("entropy") == "auto" and payload[:4] == header(self.NUMBER, flags=PLANES_FLAG):
            values = self.unpack(planes.read(payload[4:], count(layout), self.width))
        else:
            check_header(payload, self.NUMBER)
            check_length(payload, 4 + self.width * count(layout))
            values = self.unpack(payload[4:])
        require_finite(values)
        return values

    def refused(self, payload, layout, options):
        nan, infinity = self.not_numbers
        if payload[3] & PLANES_FLAG == 0:
            yield "NaN", replaced(payload, 4, nan)
            yield "infinity", replaced(payload, len(payload) - self.width, infinity)
            yield "planes that the options do not allow", replaced(payload, 3, b"\x01")
            return
        # The first block's first plane is a frame, see `vectors`.
        length = struct.unpack_from("<I", payload, 4)[0]
        rest_of_lengths = payload[8 : 4 + 4 * self.width]
        start = 4 + 4 * self.width
        plane, rest = payload[start : start + length], payload[start + length :]
        size = len(zstd_frames.content(plane))

        def with_plane(data):
            return payload[:4] + struct.pack("<I", len(data)) + rest_of_lengths + data + rest

        yield "a plane without bytes", with_plane(b"")
        yield "a plane that is longer than the block", with_plane(bytes(size + 1))
        yield "a length near 2^32", replaced(payload, 4, b"\xff\xff\xff\xff")
        yield "no frame", with_plane(bytes(len(plane)))
        yield "a frame without its last byte", with_plane(plane[:-1])
        yield "a byte after the frame", with_plane(plane + b"\x00")
        yield "two frames", with_plane(zstd_frames.frame([(0, size - 1)]) + zstd_frames.frame([(0, 1)]))
        yield "a frame and an empty one", with_plane(zstd_frames.frame([(0, size)]) + zstd_frames.frame([b""]))
        yield "less content", with_plane(zstd_frames.frame([(0, size - 1)]))
        yield "more content", with_plane(zstd_frames.frame([(0, size + 1)]))
        yield "less content than the frame says", with_plane(zstd_frames.frame([(0, size - 1)], size))
        yield "more content than the frame says", with_plane(zstd_frames.frame([(0, size + 1)], size))
        yield "a frame that says 2^32 - 1 bytes", with_plane(zstd_frames.frame([(0, size)], 2**32 - 1))
        yield "a frame that does not say its size", with_plane(
            zstd_frames.MAGIC + b"\x00\x58" + zstd_frames.block(zstd_frames.REPEATED, size, True) + b"\x00"
        )
        yield "a frame with a dictionary", with_plane(plane[:4] + bytes([plane[4] | 1]) + b"\x07" + plane[5:])

    def vectors(self, write):
        write("example", 7, EXAMPLE_LAYOUT, EXAMPLE_VALUES)
        name, values = self.samples
        write(name, 0, one_tensor(len(values)), values)
        # Few different values, so that some planes repeat a byte.
        numbers = random.Random(self.NUMBER)
        values = [numbers.choice([0.5, -0.5, 0.75, 0.0]) for _ in range(60)] + [0.0] * 640
        layout = [parameter("a", [6, 100]), parameter("b", [100], "bias")]
        payload = header(self.NUMBER, flags=PLANES_FLAG) + planes.write(self.pack(values), self.width, self.frame)
        write("planes", 0, layout, values, {"entropy": "auto"}, payload)

    @staticmethod
    def frame(plane):
        head = plane.rstrip(b"\x00")
        frame = zstd_frames.frame([head, (0, len(plane) - len(head))] if head else [(0, len(plane))])
        return frame if len(frame) < len(plane) else plane


def struct_format(letter):
    pack = lambda values: struct.pack("<%d%s" % (len(values), letter), *values)
    unpack = lambda data: list(struct.unpack("<%d%s" % (len(data) // struct.calcsize(letter), letter), data))
    return pack, unpack


def pack_bfloat16(values):
    """The upper half of each float32, rounded to nearest, ties to even."""
    data = b""
    for value in values:
        bits = struct.unpack("<I", struct.pack("<f", value))[0]
        half, rest = bits >> 16, bits & 0xFFFF
        up = rest > 0x8000 or (rest == 0x8000 and half % 2 == 1)
        data += struct.pack("<H", half + up)
    return data


def unpack_bfloat16(data):
    return [struct.unpack("<f", b"\0\0" + data[start : start + 2])[0] for start in range(0, len(data), 2)]


EXTREMES = [-0.0, 1e-45, -1.1754942e-38, 3.4028235e38, -3.4028235e38, 1 / 3]
HALVES = [-0.0, 65504.0, -65519.996, 2048.5, 2049.0, 2049.5, 2051.0, 0.1, -1 / 3]
HALVES += [2.0**-14, 2.0**-14 - 2.0**-26, 2.0**-24, 2.0**-25, 1.5 * 2.0**-24, -2.5 * 2.0**-24, 1e-30]
BRAINS = [-0.0, 1.0, 1 + 2.0**-8, 1 + 3 * 2.0**-8, -1 - 2.0**-8 - 2.0**-23, 1 + 3 * 2.0**-8 - 2.0**-23, 2 - 2.0**-23]
BRAINS += [2.0**128 - 2.0**120, -(2.0**128) + 2.0**119 + 2.0**104, 2.0**-149, 2.0**-134, 1.5 * 2.0**-133, 1e-40, -1 / 3]

FLOAT32 = Dense(
    "dense-float32", 1, 4, math.inf, *struct_format("f"),
    (struct.pack("<f", math.nan), struct.pack("<f", -math.inf)), ("extremes", EXTREMES),
)  # fmt: skip
FLOAT16 = Dense(
    "dense-float16", 2, 2, 65520, *struct_format("e"), (b"\x01\x7e", b"\x00\xfc"), ("rounding", HALVES),
)  # fmt: skip
BFLOAT16 = Dense(
    "dense-bfloat16", 5, 2, 2.0**128 - 2.0**119, pack_bfloat16, unpack_bfloat16, (b"\xc1\x7f", b"\x80\xff"), ("rounding", BRAINS),
)  # fmt: skip
