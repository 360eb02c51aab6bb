# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""sbc, stc, top-k and random-k: some entries, and 0 for all others."""

import math
import random
import struct

from . import positions
from .basics import (
    EXAMPLE_LAYOUT,
    EXAMPLE_VALUES,
    Refused,
    blocks_sample,
    check_header,
    count,
    float32,
    float32s,
    header,
    one_tensor,
    pack_float32s,
    parameter,
    replaced,
    require_finite,
    sections,
    total,
)
from .random_words import MASK64, stream_key, xoshiro256pp

VERSION, OWN_UNIT = 2, 4096


def units(coded, options):
    """(kept, layout offsets) of each unit: the entries that are ranked together."""
    parts = [list(range(start, end)) for start, end in coded if end - start >= OWN_UNIT]
    small = [index for start, end in coded if end - start < OWN_UNIT for index in range(start, end)]
    density = options.get("density", 0.01)
    for part in parts + [small] * bool(small):
        yield min(len(part), max(1, math.floor(density * len(part) + 0.5))), part


def by_size(values, part, kept, size):
    """The `kept` entries of largest size, of equal ones the first, in layout order; and the sum of their sizes."""
    chosen = sorted(sorted(part, key=lambda index: (-size(values[index]), index))[:kept])
    weight = 0.0
    for index in chosen:
        weight += size(values[index])
    return chosen, weight


def below(words, bound):
    """A uniform number below `bound` (Lemire)."""
    product = next(words) * bound
    if product & MASK64 < bound:
        threshold = (1 << 64) % bound
        while product & MASK64 < threshold:
            product = next(words) * bound
    return product >> 64


def drawn(seed, unit, kept, size):
    """The places in a unit that the seed names."""
    words, marked = xoshiro256pp(stream_key(seed, "random-k", unit)), set()
    while len(marked) < min(kept, size - kept):
        marked.add(below(words, size))
    return sorted(marked) if kept <= size - kept else [place for place in range(size) if place not in marked]


class Sparse:
    """What the four codecs share; `values` is how the value of a kept entry travels."""

    def __init__(self, name, number, values):
        self.NAME, self.NUMBER, self.values = name, number, values

    scaled = False

    def value_format(self, options):
        return options.get("values", "float32") if self.values == "own" else self.values

    def pack(self, values, options):
        form = self.value_format(options)
        if form == "float16":
            if any(abs(value) >= 65520 for value in values):
                raise Refused("range")
            return struct.pack("<%de" % len(values), *values)
        if form == "signs":
            return positions.bits_to_bytes([int(value < 0) for value in values])
        return pack_float32s(values) if form == "float32" else b""

    def unpack(self, data, number, options):
        """`number` values or signs, and the bytes after them."""
        form = self.value_format(options)
        width = {"none": 0, "signs": (number + 7) // 8, "float16": 2 * number, "float32": 4 * number}[form]
        if len(data) < width:
            raise Refused("values")
        own, rest = data[:width], data[width:]
        if form == "float16":
            values = list(struct.unpack("<%de" % number, own))
        elif form == "float32":
            values = float32s(own)
        elif form == "signs":
            reader = positions.BitReader(own)
            values = [-1.0 if reader.bit() else 1.0 for _ in range(number)]
            reader.finish()
        else:
            values = [1.0] * number
        require_finite(values)
        return values, rest

    def encode(self, values, layout, options, key):
        require_finite(values)
        coded, exact = sections(layout, options)
        parts = list(units(coded, options))
        seed = next(xoshiro256pp(stream_key(key, "random-k"))) if self.NAME == "random-k" else None
        chosen, scales = [], []
        for unit, (kept, part) in enumerate(parts):
            indices, scale = self.choose(values, part, kept, seed, unit)
            chosen += indices
            scales.append(scale)
        chosen.sort()
        payload = header(self.NUMBER, VERSION)
        payload += seed.to_bytes(8, "little") if seed is not None else b""
        payload += pack_float32s(scales) if self.scaled else b""
        for start, end in exact:
            payload += pack_float32s(values[start:end])
        place_of, place = {}, 0
        for start, end in coded:
            for index in range(start, end):
                place_of[index], place = place, place + 1
        following = 0
        for start in range(0, len(chosen), positions.CAPACITY):
            block, gaps = chosen[start : start + positions.CAPACITY], []
            for index in block:
                gaps.append(place_of[index] - following)
                following = place_of[index] + 1
            if seed is None:
                payload += positions.encode(gaps, options.get("entropy", "auto"))
            payload += self.pack([values[index] for index in block], options)
        return payload

    def decode(self, payload, layout, options):
        coded, exact = sections(layout, options)
        parts = list(units(coded, options))
        check_header(payload[:4], self.NUMBER, VERSION)
        data, seed = payload[4:], None
        fixed = 8 * (self.NAME == "random-k") + 4 * len(parts) * self.scaled + 4 * total(exact)
        if len(data) < fixed:
            raise Refused("length")
        if self.NAME == "random-k":
            seed, data = int.from_bytes(data[:8], "little"), data[8:]
        scales = [1.0] * len(parts)
        if self.scaled:
            scales, data = float32s(data[: 4 * len(parts)]), data[4 * len(parts) :]
            if not all(math.isfinite(scale) and self.is_scale(scale) for scale in scales):
                raise Refused("scale")
        values = [0.0] * count(layout)
        for start, end in exact:
            values[start:end], data = float32s(data[: 4 * (end - start)]), data[4 * (end - start) :]
            require_finite(values[start:end])
        indices = [index for start, end in coded for index in range(start, end)]
        unit_of = {index: unit for unit, (_, part) in enumerate(parts) for index in part}
        left = [kept for kept, _ in parts]
        if seed is not None:
            places = {index: place for place, index in enumerate(indices)}
            chosen = [
                places[part[place]]
                for unit, (kept, part) in enumerate(parts)
                for place in drawn(seed, unit, kept, len(part))
            ]
            chosen.sort()
        following, done = 0, 0
        while done < sum(kept for kept, _ in parts):
            number = min(sum(kept for kept, _ in parts) - done, positions.CAPACITY)
            if seed is None:
                gaps, data = positions.decode(data, number, len(indices) - following)
                block = []
                for gap in gaps:
                    block.append(following + gap)
                    following += gap + 1
            else:
                block = chosen[done : done + number]
            own, data = self.unpack(data, number, options)
            for place, value in zip(block, own):
                unit = unit_of[indices[place]]
                left[unit] -= 1
                if left[unit] < 0:
                    raise Refused("too many of a unit")
                values[indices[place]] = float32(value * scales[unit])
            done += number
        if data:
            raise Refused("length")
        return values

    def refused(self, payload, layout, options):
        coded, exact = sections(layout, options)
        offset = 4 + 8 * (self.NAME == "random-k")
        if self.scaled:
            scales = [("an infinite scale", math.inf), ("a scale that is NaN", math.nan), ("minus zero", -0.0)]
            for why, scale in scales:
                yield why, replaced(payload, offset, struct.pack("<f", scale))
            offset += 4 * len(list(units(coded, options)))
        if self.NAME == "stc":
            yield "a negative scale", replaced(payload, 4, struct.pack("<f", -1.0))
        if exact:
            yield "a statistic that is NaN", replaced(payload, offset, struct.pack("<f", math.nan))
            offset += 4 * total(exact)
        if self.value_format(options) in ("float32", "float16"):
            nan = struct.pack("<f", math.nan) if self.value_format(options) == "float32" else b"\x00\x7c"
            yield "a value that is no number", payload[: -len(nan)] + nan
        if self.NAME != "random-k":
            yield "a kind of block that there is not", replaced(payload, offset, bytes([payload[offset] | 0xC0]))
            yield "a parameter above 24", replaced(payload, offset, bytes([payload[offset] & 0xE0 | 25]))
            yield "a block of no bytes", replaced(payload, offset + 1, b"\x00\x00\x00")
            yield "a block longer than any", replaced(payload, offset + 1, b"\xff\xff\xff")
            yield "gaps that lead nowhere", replaced(payload, offset + 4, b"\xff" * min(8, payload[offset + 1]))

    def vectors(self, write):
        numbers = random.Random(20180522 + self.NUMBER)
        write("example", 7, EXAMPLE_LAYOUT, EXAMPLE_VALUES, {"density": 0.25})
        layout, values = blocks_sample(numbers)
        write("blocks", 0xFEDC0DE5EED, layout, values)
        layout = [parameter("a", [66, 64]), parameter("b", [9], "bias"), parameter("c", [4096]), parameter("d", [10])]
        values = [numbers.gauss(0, 1) ** 3 for _ in range(count(layout))]
        rest = {"density": 0.4} if self.scaled else {"density": 0.1, "values": "float16"}
        write("units", MASK64, layout, values, rest)
        write("all", 1, one_tensor(70), [float(place % 5 - 2) for place in range(70)], {"density": 1.0})
        write("zeros", 2, one_tensor(900), [0.0] * 400 + [-0.0] * 500)
        if self.NAME == "sbc":
            far = [float(place in (0, 5, 6, 2000, 2001, 5999)) * (1 + place) for place in range(6000)]
            write("far", 3, one_tensor(6000), far, {"density": 0.001, "entropy": "none"})
            far = [float(place % 3 == 0 and place < 1200) for place in range(5999)] + [7.0]
            write("escape", 4, one_tensor(6000), far, {"density": 401 / 6000})


class Binary(Sparse):
    scaled = True

    def choose(self, values, part, kept, seed, unit):
        up, up_weight = by_size(values, part, kept, lambda value: value)
        down, down_weight = by_size(values, part, kept, lambda value: -value)
        if up_weight >= down_weight:
            return up, float32(up_weight / kept) + 0.0
        return down, float32(-down_weight / kept) + 0.0

    def is_scale(self, scale):
        return scale != 0 or math.copysign(1, scale) > 0


class Ternary(Sparse):
    scaled = True

    def choose(self, values, part, kept, seed, unit):
        chosen, weight = by_size(values, part, kept, abs)
        return chosen, float32(weight / kept)

    def is_scale(self, scale):
        return math.copysign(1, scale) > 0


class TopK(Sparse):
    def choose(self, values, part, kept, seed, unit):
        return by_size(values, part, kept, abs)


class RandomK(Sparse):
    def choose(self, values, part, kept, seed, unit):
        return [part[place] for place in drawn(seed, unit, kept, len(part))], 1.0


SBC = Binary("sbc", 7, "none")
STC = Ternary("stc", 8, "signs")
TOP_K = TopK("top-k", 9, "own")
RANDOM_K = RandomK("random-k", 10, "own")
