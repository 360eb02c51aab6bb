# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""ternary, version 3."""

import math
import random
import struct

from . import positions, rans
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

NAME, NUMBER, VERSION = "ternary", 3, 3
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


def is_sparse(number, trit_count):
    return 16 * (number + 8) <= trit_count


def suits_run(digits):
    minus, plus = digits.count(0), digits.count(2)
    return is_sparse(minus + plus, len(digits)) and (plus - minus) ** 2 <= 256 * (plus + minus)


def encode_run(blocks):
    """A run of blocks of digits."""
    gaps, signs, zeros = [], [], 0
    for digit in (digit for block in blocks for digit in block):
        if digit == 1:
            zeros += 1
        else:
            gaps.append(zeros)
            signs.append(int(digit == 0))
            zeros = 0
    head = b"\x02" + struct.pack("<BH", len(blocks), len(gaps))
    return head + (positions.encode(gaps) + positions.bits_to_bytes(signs) if gaps else b"")


def encode_blocks(digits, entropy):
    payload, run, number = b"", [], 0
    for start in range(0, len(digits), BLOCK):
        block = digits[start : start + BLOCK]
        sparse, own = entropy == "auto" and suits_run(block), len(block) - block.count(1)
        if run and (not sparse or len(run) == 255 or number + own > 65535):
            payload += encode_run(run)
            run, number = [], 0
        if sparse:
            run.append(block)
            number += own
        else:
            payload += encode_block(block, entropy)
    return payload + (encode_run(run) if run else b"")


def decode_run(data, remaining):
    block_count, number = struct.unpack("<BH", data.take(3))
    trit_count = min(remaining, block_count * BLOCK)
    if block_count == 0 or (block_count - 1) * BLOCK >= remaining or not is_sparse(number, trit_count):
        raise Refused("run")
    digits = [1] * trit_count
    if number:
        head = data.take(4)
        gaps, _ = positions.decode(head + data.take(int.from_bytes(head[1:], "little")), number, trit_count)
        signs, place = positions.BitReader(data.take((number + 7) // 8)), 0
        for gap in gaps:
            digits[place + gap] = 0 if signs.bit() else 2
            place += gap + 1
        signs.finish()
    return digits


def decode_block(data, remaining):
    """The digits of a block, or of a run of blocks."""
    trit_count = min(remaining, BLOCK)
    packed_count = (trit_count + 4) // 5
    kind = data.integer(1)
    if kind == 0:
        return unpack(data.take(packed_count), trit_count)
    if kind == 2:
        return decode_run(data, remaining)
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
    return payload + encode_blocks(digits, options.get("entropy", "auto"))


def decode(payload, layout, options):
    coded, exact = sections(layout, options)
    data = Bytes(payload)
    version = data.integer(4) >> 16 & 255
    check_header(payload[:4], NUMBER, version if version in (2, VERSION) else VERSION)
    scales = take_scales(data, len(coded))
    values = [0.0] * count(layout)
    data.exact_tensors(exact, values)
    digits = []
    while len(digits) < total(coded):
        digits += decode_block(data, total(coded) - len(digits))
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
    yield "a block of another kind", replaced(payload, first, b"\x03")
    if exact:
        yield "an exact value that is NaN", replaced(payload, 4 + 4 * len(coded), struct.pack("<f", math.nan))
    if payload[first] == 2:
        yield "a run of no block", replaced(payload, first + 1, b"\x00")
        yield "a run beyond the end", replaced(payload, first + 1, bytes([(total(coded) + BLOCK - 1) // BLOCK + 1]))
        yield "more trits than a run has", replaced(payload, first + 2, b"\xff\xff")
        if payload[first + 2 : first + 4] != b"\x00\x00":
            yield "a kind of positions that there is not", replaced(payload, first + 4, bytes([payload[first + 4] | 0xC0]))
            yield "positions of no bytes", replaced(payload, first + 5, b"\x00\x00\x00")
            if int.from_bytes(payload[first + 2 : first + 4], "little") % 8:
                yield "padding after the signs", replaced(payload, len(payload) - 1, bytes([payload[-1] | 0x80]))
        return
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
    others = [
        ("a state that differs", replaced(payload, first + 7, bytes([payload[first + 7] ^ 1]))),
        ("a last byte that differs", replaced(payload, len(payload) - 1, bytes([payload[-1] ^ 0x80]))),
    ]
    for why, other in others:
        # Now and then that is the code of other trits.
        if not is_accepted(other, layout, options):
            yield why, other


def is_accepted(payload, layout, options):
    try:
        decode(payload, layout, options)
    except Refused:
        return False
    return True


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
    # One entry in five is enough for the entropy coder, which takes a sign that is commoner into account.
    write("coded", 9, one_tensor(1200), [[0.5, 0, 0, 0.5, 0, -0.5, 0, 0, 0, 0][i * 7 % 10] for i in range(1200)], {"clip": 0})
    # Without clipping three levels are exact, so that what is decoded repeats as well.
    sparse = [0.0] * 1000
    for place in range(0, 1000, 90):
        sparse[place] = numbers.choice([-0.5, 0.5])
    write("two-blocks", 2, [parameter("x", [BLOCK - 100]), parameter("y", [180])], sparse, {"clip": 0})
    # Two blocks in one run, with a seam of tensors in it; and a block as sparse whose signs are worth an entropy code.
    run = [numbers.choice([-0.5, 0.5]) if numbers.random() < 0.03 else 0.0 for _ in range(640)]
    write("run", 10, [parameter("x", [100_000]), parameter("y", [2 * BLOCK - 100_000])], run, {"clip": 0})
    write("one-sided", 11, one_tensor(BLOCK), [abs(value) for value in run], {"clip": 0})
