# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""ternary, version 2."""

import math
import random
import struct

from . import rans
from .basics import (
    EXAMPLE_LAYOUT,
    EXAMPLE_VALUES,
    Bytes,
    Refused,
    blocks_sample,
    check_header,
    count,
    float32,
    float32s,
    header,
    one_tensor,
    pack_exact_tensors,
    pack_float32s,
    parameter,
    replaced,
    require_finite,
    sections,
    total,
)
from .random_words import MASK64, rounding_words

NAME, NUMBER, VERSION = "ternary", 3, 2
BLOCK = 81920
UNIT = 4096


def lane_sum(terms):
    lanes = [0.0] * 16
    for index, term in enumerate(terms):
        lanes[index % 16] += term
    for half in (8, 4, 2, 1):
        for lane in range(half):
            lanes[lane] += lanes[lane + half]
    return lanes[0]


def tensor_scale(values, clip=2.5):
    mean_square = lane_sum([value * value for value in values]) / len(values)
    mean = lane_sum(values) / len(values)
    deviation = math.sqrt(max(0.0, mean_square - mean * mean))
    largest = max(abs(value) for value in values)
    bound = max(clip * deviation, math.sqrt(mean_square)) if clip > 0 else largest
    scale = largest if bound >= largest else float32(bound)
    return 0.0 if scale < 2.0**-100 else scale


def digits_of(values, coded, limits, scales, key):
    """The digits of the stream."""
    words, digits = rounding_words(key, "ternary"), []
    for (start, end), limit, scale in zip(coded, limits, scales):
        for value in values[start:end]:
            threshold = float32((next(words) >> 8 | 1) * (scale * 2.0**-24))
            sent = scale > 0 and min(abs(value), limit) > threshold
            digits.append(1 if not sent else 2 if value > 0 else 0)
    return digits


def take_scales(data, number):
    scales = float32s(data.take(4 * number))
    if not all(math.isfinite(scale) and math.copysign(1, scale) > 0 for scale in scales):
        raise Refused("scale")
    return scales


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


def model(digits):
    """How often the digits 0 and 2 are expected among these, padding included."""
    counts = [digits.count(0), 0, digits.count(2)]
    size = (len(digits) + 4) // 5 * 5
    counts[1] = size - counts[0] - counts[2]
    units = [0 if number == 0 else max(1, (UNIT * number + size // 2) // size) for number in counts]
    commonest = 1 if counts[1] >= max(counts) else 0 if counts[0] >= counts[2] else 2
    units[commonest] = 0
    units[commonest] = UNIT - sum(units)
    return units[0], units[2]


def byte_frequencies(minus, plus):
    if minus + plus > UNIT:
        raise Refused("frequencies")
    units = [minus, UNIT - minus - plus, plus]
    products = [math.prod(units[byte // 3**k % 3] for k in range(5)) for byte in range(243)]
    frequencies = [max(product >> 45, 1 if product else 0) for product in products]
    commonest = 1 if units[1] > units[0] else 0
    if units[2] > units[commonest]:
        commonest = 2
    frequencies[121 * commonest] += (1 << 15) - sum(frequencies)
    return frequencies


def encode_block(digits, entropy):
    packed = pack(digits)
    if entropy == "auto":
        minus, plus = model(digits)
        coded = rans.encode(packed, byte_frequencies(minus, plus))
        if 6 + len(coded) < len(packed):
            return b"\x01" + struct.pack("<HHH", minus, plus, len(coded)) + coded
    return b"\x00" + packed


def decode_block(data, trit_count):
    packed_count = (trit_count + 4) // 5
    kind = data.integer(1)
    if kind == 0:
        return unpack(data.take(packed_count), trit_count)
    if kind != 1:
        raise Refused("kind")
    minus, plus, length = struct.unpack("<HHH", data.take(6))
    if 6 + length >= packed_count:
        raise Refused("not smaller")
    return unpack(bytes(rans.decode(data.take(length), packed_count, byte_frequencies(minus, plus))), trit_count)


def encode(values, layout, options, key, shared=None):
    require_finite(values)
    coded, exact = sections(layout, options)
    limits = [tensor_scale(values[start:end], options.get("clip", 2.5)) for start, end in coded]
    scales = limits if shared is None else shared
    payload = header(NUMBER, VERSION) + pack_float32s(scales) + pack_exact_tensors(exact, values)
    digits = digits_of(values, coded, limits, scales, key)
    for start in range(0, len(digits), BLOCK):
        payload += encode_block(digits[start : start + BLOCK], options.get("entropy", "auto"))
    return payload


def decode(payload, layout, options):
    coded, exact = sections(layout, options)
    data = Bytes(payload)
    check_header(data.take(4), NUMBER, VERSION)
    scales = take_scales(data, len(coded))
    values = [0.0] * count(layout)
    data.exact_tensors(exact, values)
    digits, remaining = [], total(coded)
    while remaining > 0:
        digits += decode_block(data, min(remaining, BLOCK))
        remaining -= BLOCK
    data.end()
    for (start, end), scale in zip(coded, scales):
        values[start:end] = [(digit - 1) * scale for digit in digits[: end - start]]
        digits = digits[end - start :]
    return values


def refused(payload, layout, options):
    coded, exact = sections(layout, options)
    first = 4 + 4 * len(coded) + 4 * total(exact)
    yield "an infinite scale", replaced(payload, 4, struct.pack("<f", math.inf))
    yield "a scale that is NaN", replaced(payload, 4, struct.pack("<f", math.nan))
    yield "a negative scale", replaced(payload, 4, struct.pack("<f", -1.0))
    yield "a scale of minus zero", replaced(payload, 4, struct.pack("<f", -0.0))
    yield "a block of another kind", replaced(payload, first, b"\x02")
    if exact:
        yield "an exact value that is NaN", replaced(payload, 4 + 4 * len(coded), struct.pack("<f", math.nan))
    if payload[first] == 0:
        yield "the byte 243 among trits", replaced(payload, len(payload) - 1, b"\xf3")
        if total(coded) % 320 % 5:
            last = bytes([payload[-1] - 81 * (payload[-1] // 81)])
            yield "padding that is not zero trits", replaced(payload, len(payload) - 1, last)
        return
    minus, plus, length = struct.unpack("<HHH", payload[first + 1 : first + 7])
    yield "frequencies beyond the whole", replaced(payload, first + 1, struct.pack("<H", UNIT + 1 - plus))
    yield "other frequencies", replaced(payload, first + 1, struct.pack("<HH", minus + 1, plus))
    yield "no room for states", replaced(payload, first + 5, struct.pack("<H", 15))
    yield "two bytes fewer in a block", replaced(payload, first + 5, struct.pack("<H", length - 2))
    yield "two bytes more in a block", replaced(payload, first + 5, struct.pack("<H", length + 2))
    yield "a state too low", replaced(payload, first + 7, struct.pack("<I", 65535))
    yield "a state that differs", replaced(payload, first + 7, bytes([payload[first + 7] ^ 1]))
    yield "a last byte that differs", replaced(payload, len(payload) - 1, bytes([payload[-1] ^ 0x80]))


def vectors(write):
    write("example", 7, EXAMPLE_LAYOUT, EXAMPLE_VALUES)
    numbers = random.Random(20170522)
    layout, values = blocks_sample(numbers)
    write("blocks", 0xFEDC0DE5EED, layout, values)
    write("packed", 0xFEDC0DE5EED, layout, values, {"entropy": "none"})
    write("no-clip", 5, layout, values, {"clip": 0})
    write("dense", 6, layout, values, {"dense": ["last-layer", "norm"], "denseBelow": 8, "clip": 3})
    # The scales of the last two tensors are other workers'; of the last but one, no entry counts as more than its own.
    scales = [tensor_scale(values[start:end]) for start, end in sections(layout, {})[0]]
    scales[-2:] = [1.5 * scales[-2], 0.25]
    write("shared-scales", 8, layout, values, {}, sums={"scales": pack_float32s(scales).hex()})
    write("full-blocks", 1, one_tensor(640), [numbers.gauss(0, 1) for _ in range(640)])
    write("one", MASK64, one_tensor(1), [-0.3])
    write("zeros", 3, one_tensor(1000), [0.0] * 1000)
    write("mostly-plus", 4, one_tensor(700), [1.0 if i % 9 else -1.0 for i in range(700)])
    # Without clipping three levels are exact, so that what is decoded repeats as well.
    sparse = [0.0] * 1000
    for place in range(0, 1000, 90):
        sparse[place] = numbers.choice([-0.5, 0.5])
    write("two-blocks", 2, [parameter("x", [BLOCK - 100]), parameter("y", [180])], sparse, {"clip": 0})
