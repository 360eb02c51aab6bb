# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""What all codecs share: numbers, layouts, headers."""

import math
import struct

MARK = 0xFC
STATISTICS = ("cleanStatistics", "adversarialStatistics")


class Refused(Exception):
    """The bytes are not a payload, or the values cannot be encoded."""


def float32(value):
    """The nearest float32, as a Python float."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def float32s(data):
    return list(struct.unpack("<%df" % (len(data) // 4), data))


def pack_float32s(values):
    return struct.pack("<%df" % len(values), *values)


def require_finite(values):
    if not all(math.isfinite(value) for value in values):
        raise Refused("NaN or infinity")


def tensors(layout):
    """(role, start, end) of each tensor."""
    start = 0
    for parameter in layout:
        end = start + math.prod(parameter["shape"])
        yield parameter["role"], start, end
        start = end


def count(layout):
    return sum(math.prod(parameter["shape"]) for parameter in layout)


def sections(layout, options):
    """The (start, end) of the tensors that go through the codec, and of those that travel as float32."""
    layer = lambda parameter: parameter["name"].rpartition(".")[0] or parameter["name"]
    rules = options.get("dense", [])
    weights = [parameter for parameter in layout if parameter["role"] == "weight"]
    layers = set()
    if "first-layer" in rules and weights:
        layers.add(layer(weights[0]))
    if "last-layer" in rules and weights:
        layers.add(layer(weights[-1]))
    coded, exact = [], []
    for parameter, (role, start, end) in zip(layout, tensors(layout)):
        is_exact = (
            role in STATISTICS
            or end - start < options.get("denseBelow", 0)
            or layer(parameter) in layers
            or (role == "bias" and "bias" in rules)
            or (role in ("normScale", "normShift") and "norm" in rules)
        )
        (exact if is_exact else coded).append((start, end))
    return coded, exact


def total(parts):
    return sum(end - start for start, end in parts)


def header(number, version=1, flags=0):
    return bytes([MARK, number, version, flags])


def check_header(payload, number, version=1, flags=0):
    if payload[:4] != header(number, version, flags):
        raise Refused("header")


def check_length(payload, expected):
    if len(payload) != expected:
        raise Refused("length")


class Bytes:
    """Bytes that are taken from the front."""

    def __init__(self, data):
        self.data, self.place = data, 0

    def take(self, number):
        if number > len(self.data) - self.place:
            raise Refused("cut short")
        self.place += number
        return self.data[self.place - number : self.place]

    def integer(self, number):
        return int.from_bytes(self.take(number), "little")

    def exact_tensors(self, parts, values):
        for start, end in parts:
            values[start:end] = float32s(self.take(4 * (end - start)))
            require_finite(values[start:end])

    def end(self):
        if self.place != len(self.data):
            raise Refused("more bytes")


def pack_exact_tensors(parts, values):
    return b"".join(pack_float32s(values[start:end]) for start, end in parts)


def replaced(payload, offset, data):
    return payload[:offset] + data + payload[offset + len(data) :]


def parameter(name, shape, role="weight"):
    return {"name": name, "shape": shape, "role": role}


# Vectors that most codecs make.

EXAMPLE_LAYOUT = [
    parameter("fc.weight", [2, 3]),
    parameter("fc.bias", [2], "bias"),
    parameter("bn.mean", [2], "cleanStatistics"),
]
EXAMPLE_VALUES = [0.5, -1.0, 0.25, 0.0, 2.0, -0.75, 0.125, -0.125, 1.5, -3.0]


def one_tensor(size):
    return [parameter("x", [size])]


def blocks_sample(numbers):
    """A layout with tensors of all sorts, and values for it from random.Random."""
    layout = [
        parameter("conv.weight", [7, 3, 5, 5]),
        parameter("conv.bias", [7], "bias"),
        parameter("bn.scale", [1], "normScale"),
        parameter("bn.variance", [7], "adversarialStatistics"),
        parameter("zero", [40]),
        parameter("fc.weight", [45, 48]),
        parameter("tiny", [3]),
    ]
    values = [numbers.gauss(0, 0.02) for _ in range(count(layout))]
    for (_, start, end), change in zip(tensors(layout), [None, None, None, abs, lambda _: 0.0, None, lambda v: v * 1e-31]):
        if change:
            values[start:end] = [change(value) for value in values[start:end]]
    return layout, values
