# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""ternary-sum, version 2."""

import math
import random
import struct

from . import rans
from .basics import (
    EXAMPLE_LAYOUT,
    EXAMPLE_VALUES,
    Bytes,
    Refused,
    check_header,
    count,
    float32,
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
from .ternary import digits_of, take_scales, tensor_scale

NAME, NUMBER, VERSION = "ternary-sum", 4, 2
BLOCK = 65536


def width(radix, digits):
    """The bytes of the largest number of so many digits."""
    return ((radix**digits - 1).bit_length() + 7) // 8


def group(radix):
    """(digits, bytes) of the group of at most 8 bytes with the fewest bits a digit."""
    best = (0, 1)
    for size in range(1, 9):
        digits = 0
        while radix ** (digits + 1) <= 256**size:
            digits += 1
        if digits * best[1] > best[0] * size:
            best = (digits, size)
    return best


def packed_count(number, radix):
    digits, size = group(radix)
    return number // digits * size + width(radix, number % digits)


def pack(sums, updates):
    radix = 2 * updates + 1
    digits, size = group(radix)
    packed = b""
    for start in range(0, len(sums), digits):
        part = sums[start : start + digits]
        number = sum((k + updates) * radix**i for i, k in enumerate(part))
        packed += number.to_bytes(size if len(part) == digits else width(radix, len(part)), "little")
    return packed


def unpack(data, number, updates):
    radix = 2 * updates + 1
    digits, size = group(radix)
    sums = []
    for start in range(0, number, digits):
        part = min(digits, number - start)
        packed = data.integer(size if part == digits else width(radix, part))
        if packed >= radix**part:
            raise Refused("group")
        sums += [packed // radix**i % radix - updates for i in range(part)]
    return sums


def encode_coded(sums):
    least, spread = min(sums), max(sums) - min(sums)
    shift = max(0, spread.bit_length() - 8)
    alphabet = (spread >> shift) + 1
    symbols = [(k - least) >> shift for k in sums]
    counts = [symbols.count(symbol) for symbol in range(alphabet)]
    frequencies = [max((number << 15) // len(sums), 1 if number else 0) for number in counts]
    frequencies[counts.index(max(counts))] += (1 << 15) - sum(frequencies)
    table = b""
    if alphabet > 1:
        for frequency in frequencies:
            low = bytes([frequency]) if frequency < 128 else bytes([frequency & 127 | 128, frequency >> 7])
            table += low
    planes = b""
    for bit in range(shift):
        plane = sum(((k - least) >> bit & 1) << i for i, k in enumerate(sums))
        planes += plane.to_bytes((len(sums) + 7) // 8, "little")
    return struct.pack("<hBB", least, shift, alphabet - 1) + table + rans.encode(symbols, frequencies) + planes


def decode_coded(body, number):
    data = Bytes(body)
    least, shift, alphabet = struct.unpack("<hBB", data.take(4))
    if shift > 8:
        raise Refused("shift")
    frequencies = [1 << 15] if alphabet == 0 else []
    while len(frequencies) < alphabet + 1:
        low = data.integer(1)
        high = data.integer(1) if low > 127 else 0
        if low > 127 and high == 0:
            raise Refused("two bytes for a small frequency")
        frequencies.append(low & 127 | high << 7)
    if sum(frequencies) != 1 << 15:
        raise Refused("frequencies")
    plane_size = (number + 7) // 8
    symbols = rans.decode(data.take(len(body) - data.place - shift * plane_size), number, frequencies)
    sums = [least + (symbol << shift) for symbol in symbols]
    for bit in range(shift):
        plane = data.integer(plane_size)
        sums = [k + ((plane >> i & 1) << bit) for i, k in enumerate(sums)]
    return sums


def encode_block(sums, updates, entropy):
    packed = pack(sums, updates)
    if entropy == "auto":
        coded = encode_coded(sums)
        if 4 + len(coded) < len(packed):
            return b"\x01" + struct.pack("<I", len(coded)) + coded
    return b"\x00" + packed


def decode_block(data, number, updates):
    kind = data.integer(1)
    if kind == 0:
        return unpack(data, number, updates)
    if kind != 1:
        raise Refused("kind")
    length = data.integer(4)
    if 4 + length >= packed_count(number, 2 * updates + 1):
        raise Refused("not smaller")
    sums = decode_coded(data.take(length), number)
    if max(abs(k) for k in sums) > updates:
        raise Refused("a sum beyond the number of updates")
    return sums


def encode(values, layout, options, key):
    """One update: its trits are the sums."""
    require_finite(values)
    coded, _ = sections(layout, options)
    scales = [tensor_scale(values[start:end], options.get("clip", 2.5)) for start, end in coded]
    digits = digits_of(values, coded, scales, scales, key)
    return encode_stream([digit - 1 for digit in digits], 1, scales, values, layout, options)


def encode_sums(values, layout, options, updates, scales, sums):
    """The sums of `updates` updates, in layout order; of `values`, the exact tensors travel."""
    coded, _ = sections(layout, options)
    stream = [k for start, end in coded for k in sums[start:end]]
    return encode_stream(stream, updates, scales, values, layout, options)


def encode_stream(stream, updates, scales, values, layout, options):
    coded, exact = sections(layout, options)
    payload = header(NUMBER, VERSION) + struct.pack("<H", updates) + pack_float32s(scales)
    payload += pack_exact_tensors(exact, values)
    for start in range(0, len(stream), BLOCK):
        payload += encode_block(stream[start : start + BLOCK], updates, options.get("entropy", "auto"))
    return payload


def decode(payload, layout, options):
    coded, exact = sections(layout, options)
    data = Bytes(payload)
    check_header(data.take(4), NUMBER, VERSION)
    updates = data.integer(2)
    if not 1 <= updates <= 32767:
        raise Refused("updates")
    scales = take_scales(data, len(coded))
    if any(scale > 2.0**127 for scale in scales):
        raise Refused("scale")
    values = [0.0] * count(layout)
    data.exact_tensors(exact, values)
    stream, remaining = [], total(coded)
    while remaining > 0:
        stream += decode_block(data, min(remaining, BLOCK), updates)
        remaining -= BLOCK
    data.end()
    for (start, end), scale in zip(coded, scales):
        step = float32(scale / updates)
        values[start:end] = [float32(k * step) for k in stream[: end - start]]
        stream = stream[end - start :]
    return values


def refused(payload, layout, options):
    coded, exact = sections(layout, options)
    first = 6 + 4 * len(coded) + 4 * total(exact)
    yield "no updates", replaced(payload, 4, b"\x00\x00")
    yield "too many updates", replaced(payload, 4, b"\x00\x80")
    yield "an infinite scale", replaced(payload, 6, struct.pack("<f", math.inf))
    yield "a negative scale", replaced(payload, 6, struct.pack("<f", -1.0))
    yield "a scale above 2^127", replaced(payload, 6, struct.pack("<f", 2.0**127 * 1.5))
    yield "a block of another kind", replaced(payload, first, b"\x02")
    if payload[first] == 0:
        updates = int.from_bytes(payload[4:6], "little")
        if updates < 32767:
            yield "a group too large", replaced(payload, first + 1, b"\xff" * (len(payload) - first - 1))
        return
    body = first + 5
    length = int.from_bytes(payload[first + 1 : body], "little")
    yield "a length too large", replaced(payload, first + 1, struct.pack("<I", 1 << 31))
    yield "two bytes fewer in a block", replaced(payload, first + 1, struct.pack("<I", length - 2))
    yield "no room for states", replaced(payload, first + 1, struct.pack("<I", 19))
    yield "sums beyond the number of updates", replaced(payload, body, struct.pack("<h", -32768))
    yield "a shift of nine", replaced(payload, body + 2, b"\x09")
    yield "another number of symbols", replaced(payload, body + 3, bytes([payload[body + 3] ^ 1]))
    if payload[body + 3] > 0:
        yield "another frequency", replaced(payload, body + 4, bytes([payload[body + 4] ^ 1]))


def vectors(write):
    write("example", 7, EXAMPLE_LAYOUT, EXAMPLE_VALUES)
    numbers = random.Random(1705)
    write("one-update", 11, one_tensor(400), [numbers.gauss(0, 1) for _ in range(400)])
    layout = [
        parameter("fc.weight", [15, 40]),
        parameter("bn.mean", [3], "cleanStatistics"),
        parameter("fc.bias", [30], "bias"),
        parameter("out.weight", [7]),
    ]
    spread = lambda number: lambda: max(-number, min(number, round(numbers.gauss(0, math.sqrt(0.32 * number)))))
    uniform = lambda number: lambda: numbers.randint(-number, number)
    for name, updates, options, draw in [
        ("eight", 8, {}, spread(8)),
        ("eight-packed", 8, {"entropy": "none"}, uniform(8)),
        ("two", 2, {"dense": ["bias"], "denseBelow": 8}, spread(2)),
        ("levels", 127, {}, spread(127)),
        ("values", 128, {}, spread(128)),
        ("planes", 3000, {}, lambda: numbers.choice([-650, -649, 0, 1, 2, 648])),
        ("most", 32767, {}, uniform(32767)),
        ("all-equal", 5, {}, lambda: 4),
    ]:
        coded, _ = sections(layout, options)
        sums = {
            "updates": updates,
            "scales": pack_float32s([abs(numbers.gauss(0, 0.01)) for _ in coded]).hex(),
            "sums": struct.pack("<%di" % count(layout), *[draw() for _ in range(count(layout))]).hex(),
        }
        write(name, 0, layout, [numbers.gauss(0, 0.1) for _ in range(count(layout))], options, sums=sums)
