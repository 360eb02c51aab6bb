# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""uniform: levels of 8, 4 or 2 bits (QSGD)."""

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

NAME, NUMBER, VERSION = "uniform", 6, 2
BLOCK = 256


def largest_level(options):
    return 2 ** (options.get("bits", 8) - 1) - 1


def blocks(level_count, bits):
    """(levels, bytes) of each block of the packed stream."""
    for start in range(0, level_count, BLOCK):
        size = min(BLOCK, level_count - start)
        yield size, (size * bits + 7) // 8


def pack(levels, bits):
    packed, start, share = bytearray(), 0, 8 // bits
    for size, width in blocks(len(levels), bits):
        block = levels[start : start + size] + [0] * (share * width - size)
        for j in range(width):
            packed.append(sum((block[k * width + j] % 2**bits) << (k * bits) for k in range(share)))
        start += size
    return bytes(packed)


def unpack(packed, level_count, bits):
    levels, start, share = [], 0, 8 // bits
    for size, width in blocks(level_count, bits):
        patterns = [byte >> (k * bits) & (2**bits - 1) for k in range(share) for byte in packed[start : start + width]]
        block = [pattern - 2**bits if pattern >= 2 ** (bits - 1) else pattern for pattern in patterns]
        if any(level == -(2 ** (bits - 1)) for level in block[:size]):
            raise Refused("level")
        if any(block[size:]):
            raise Refused("padding")
        levels += block[:size]
        start += width
    return levels


def tensor_scale(values):
    scale = max(abs(value) for value in values)
    if scale > 2.0**127:
        raise Refused("range")
    return 0.0 if scale < 2.0**-100 else scale


def rounded(value, scale, largest, word):
    if scale == 0:
        return 0
    place = float32(float32(abs(value) / scale) * largest)
    below = math.floor(place)
    level = below + (place - below > (word >> 8 | 1) * 2.0**-24)
    return -level if value < 0 else level


def encode(values, layout, options, key):
    require_finite(values)
    coded, exact = sections(layout, options)
    scales = [tensor_scale(values[start:end]) for start, end in coded]
    payload = header(NUMBER, VERSION) + pack_float32s(scales)
    for start, end in exact:
        payload += pack_float32s(values[start:end])
    words, levels, largest = rounding_words(key, "uniform"), [], largest_level(options)
    for (start, end), scale in zip(coded, scales):
        levels += [rounded(value, scale, largest, next(words)) for value in values[start:end]]
    return payload + pack(levels, options.get("bits", 8))


def decode(payload, layout, options):
    coded, exact = sections(layout, options)
    bits = options.get("bits", 8)
    exact_offset = 4 + 4 * len(coded)
    levels_offset = exact_offset + 4 * total(exact)
    check_header(payload, NUMBER, VERSION)
    check_length(payload, levels_offset + (total(coded) * bits + 7) // 8)
    scales = float32s(payload[4:exact_offset])
    if not all(0 <= scale <= 2.0**127 and math.copysign(1, scale) > 0 for scale in scales):
        raise Refused("scale")
    values = [0.0] * count(layout)
    plain = float32s(payload[exact_offset:levels_offset])
    require_finite(plain)
    for start, end in exact:
        values[start:end] = plain[: end - start]
        plain = plain[end - start :]
    levels = unpack(payload[levels_offset:], total(coded), bits)
    for (start, end), scale in zip(coded, scales):
        step = float32(scale / largest_level(options))
        values[start:end] = [float32(level * step) for level in levels[: end - start]]
        levels = levels[end - start :]
    return values


def refused(payload, layout, options):
    coded, exact = sections(layout, options)
    bits = options.get("bits", 8)
    yield "an infinite scale", replaced(payload, 4, struct.pack("<f", math.inf))
    yield "a scale that is NaN", replaced(payload, 4, struct.pack("<f", math.nan))
    yield "a negative scale", replaced(payload, 4, struct.pack("<f", -1.0))
    yield "a scale of minus zero", replaced(payload, 4, struct.pack("<f", -0.0))
    yield "a scale above 2^127", replaced(payload, 4, b"\x01\x00\x00\x7f")
    lowest = replaced(payload, 4 + 4 * len(coded) + 4 * total(exact), bytes([1 << (bits - 1)]))
    yield "the lowest pattern, which stands for no level", lowest
    if exact:
        yield "a statistic that is NaN", replaced(payload, 4 + 4 * len(coded), struct.pack("<f", math.nan))
    if total(coded) * bits % 8:
        yield "padding that is not zero", replaced(payload, len(payload) - 1, bytes([payload[-1] | 1 << (8 - bits)]))


def vectors(write):
    write("example", 7, EXAMPLE_LAYOUT, EXAMPLE_VALUES)
    for bits in (4, 2):
        write("example-%d" % bits, 7, EXAMPLE_LAYOUT, EXAMPLE_VALUES, {"bits": bits})
    layout, values = blocks_sample(random.Random(20171204))
    write("blocks", 0xFEDC0DE5EED, layout, values)
    write("blocks-4", 0xFEDC0DE5EED, layout, values, {"bits": 4})
    write("blocks-2", 0xFEDC0DE5EED, layout, values, {"bits": 2, "dense": ["bias"], "denseBelow": 4})
    write("largest-4", MASK64, one_tensor(3), [-(2.0**127), 2.0**127, 2.0**126], {"bits": 4})
