# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""ternary: TernGrad with scales of each worker."""

import math
import random
import struct

from .basics import (
    EXAMPLE_LAYOUT,
    EXAMPLE_VALUES,
    Refused,
    blocks_sample,
    check_header,
    check_length,
    count,
    float32,
    float32s,
    header,
    one_tensor,
    pack_float32s,
    replaced,
    require_finite,
    sections,
    total,
)
from .random_words import MASK64, rounding_words

NAME, NUMBER = "ternary", 3


def lane_sum(terms):
    lanes = [0.0] * 16
    for index, term in enumerate(terms):
        lanes[index % 16] += term
    for half in (8, 4, 2, 1):
        for lane in range(half):
            lanes[lane] += lanes[lane + half]
    return lanes[0]


def ternary_scale(values):
    mean = lane_sum(values) / len(values)
    mean_square = lane_sum([value * value for value in values]) / len(values)
    deviation = math.sqrt(max(0.0, mean_square - mean * mean))
    bound = max(2.5 * deviation, math.sqrt(mean_square))
    largest = max(abs(value) for value in values)
    scale = largest if bound >= largest else float32(bound)
    return 0.0 if scale < 2.0**-100 else scale


def blocks(trit_count):
    """(trits, bytes) of each block of the packed stream."""
    for start in range(0, trit_count, 320):
        size = min(320, trit_count - start)
        yield size, (size + 4) // 5


def pack(digits):
    packed, start = bytearray(), 0
    for size, width in blocks(len(digits)):
        block = digits[start : start + size] + [1] * (5 * width - size)
        for j in range(width):
            packed.append(sum(3**k * block[k * width + j] for k in range(5)))
        start += size
    return bytes(packed)


def unpack(packed, trit_count):
    digits, start = [], 0
    for size, width in blocks(trit_count):
        block = packed[start : start + width]
        if any(byte > 242 for byte in block):
            raise Refused("trits")
        unpacked = [byte // 3**k % 3 for k in range(5) for byte in block]
        if any(digit != 1 for digit in unpacked[size:]):
            raise Refused("padding")
        digits += unpacked[:size]
        start += width
    return digits


def encode(values, layout, options, key):
    require_finite(values)
    ternary, exact = sections(layout, options)
    scales = [ternary_scale(values[start:end]) for start, end in ternary]
    payload = header(NUMBER) + pack_float32s(scales)
    for start, end in exact:
        payload += pack_float32s(values[start:end])
    words, digits = rounding_words(key, "ternary"), []
    for (start, end), scale in zip(ternary, scales):
        for value in values[start:end]:
            threshold = float32((next(words) >> 8 | 1) * (scale * 2.0**-24))
            above = scale > 0 and abs(value) > threshold
            digits.append(1 if not above else 2 if value > 0 else 0)
    return payload + pack(digits)


def decode(payload, layout, options):
    ternary, exact = sections(layout, options)
    exact_offset = 4 + 4 * len(ternary)
    trits_offset = exact_offset + 4 * total(exact)
    check_header(payload, NUMBER)
    check_length(payload, trits_offset + (total(ternary) + 4) // 5)
    scales = float32s(payload[4:exact_offset])
    if not all(math.isfinite(scale) and math.copysign(1, scale) > 0 for scale in scales):
        raise Refused("scale")
    values = [0.0] * count(layout)
    plain = float32s(payload[exact_offset:trits_offset])
    require_finite(plain)
    for start, end in exact:
        values[start:end] = plain[: end - start]
        plain = plain[end - start :]
    digits = unpack(payload[trits_offset:], total(ternary))
    for (start, end), scale in zip(ternary, scales):
        values[start:end] = [(digit - 1) * scale for digit in digits[: end - start]]
        digits = digits[end - start :]
    return values


def refused(payload, layout, options):
    ternary, exact = sections(layout, options)
    yield "an infinite scale", replaced(payload, 4, struct.pack("<f", math.inf))
    yield "a scale that is NaN", replaced(payload, 4, struct.pack("<f", math.nan))
    yield "a negative scale", replaced(payload, 4, struct.pack("<f", -1.0))
    yield "a scale of minus zero", replaced(payload, 4, struct.pack("<f", -0.0))
    yield "the byte 243 among trits", replaced(payload, len(payload) - 1, b"\xf3")
    if exact:
        yield "a statistic that is NaN", replaced(payload, 4 + 4 * len(ternary), struct.pack("<f", math.nan))
    if total(ternary) % 320 % 5:
        last = payload[-1]
        yield "padding that is not zero trits", replaced(payload, len(payload) - 1, bytes([last - 81 * (last // 81)]))


def vectors(write):
    write("example", 7, EXAMPLE_LAYOUT, EXAMPLE_VALUES)
    numbers = random.Random(20170522)
    layout, values = blocks_sample(numbers)
    write("blocks", 0xFEDC0DE5EED, layout, values)
    write("full-blocks", 1, one_tensor(640), [numbers.gauss(0, 1) for _ in range(640)])
    write("one", MASK64, one_tensor(1), [-0.3])
