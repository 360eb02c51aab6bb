# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Encodes and decodes the codecs' test vectors from the documents in this folder, with the standard library only.

    python3 check_vectors.py            checks every file of ../vectors
    python3 check_vectors.py --write    makes the files anew

Written from the documents, not from the Swift sources: two implementations that agree on every bit.
"""

import json
import math
import pathlib
import random
import struct
import sys

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"
MASK64 = (1 << 64) - 1
MASK32 = (1 << 32) - 1
MARK, VERSION = 0xFC, 1
NUMBERS = {"dense-float32": 1, "dense-float16": 2, "ternary": 3}
STATISTICS = ("cleanStatistics", "adversarialStatistics")


class Refused(Exception):
    """The bytes are not a payload, or the values cannot be encoded."""


def float32(value):
    """The nearest float32, as a Python float."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def float32s(data):
    return list(struct.unpack("<%df" % (len(data) // 4), data))


def require_finite(values):
    if not all(math.isfinite(value) for value in values):
        raise Refused("NaN or infinity")


# The project's seeded generator: SplitMix64 seeds xoshiro256++.


def split_mix(state):
    state = (state + 0x9E3779B97F4A7C15) & MASK64
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
    return state, z ^ (z >> 31)


def stream_key(key, purpose, number=0):
    digest = 0xCBF29CE484222325
    for byte in purpose.encode():
        digest = ((digest ^ byte) * 0x100000001B3) & MASK64
    _, mixed = split_mix(key ^ digest)
    return split_mix(mixed ^ number)[1]


def rotate(value, bits, width):
    return ((value << bits) | (value >> (width - bits))) & ((1 << width) - 1)


def xoshiro256pp(key):
    state, s = key, []
    for _ in range(4):
        state, word = split_mix(state)
        s.append(word)
    while True:
        yield (rotate((s[0] + s[3]) & MASK64, 23, 64) + s[0]) & MASK64
        t = (s[1] << 17) & MASK64
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 45, 64)


def xoshiro128pp(s):
    while True:
        yield (rotate((s[0] + s[3]) & MASK32, 7, 32) + s[0]) & MASK32
        t = (s[1] << 9) & MASK32
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotate(s[3], 11, 32)


def trit_draws(key):
    """The random words of the trit stream: word i comes from lane i mod 16."""
    seeds = xoshiro256pp(stream_key(key, "ternary"))
    lanes = []
    for _ in range(16):
        low, high = next(seeds), next(seeds)
        state = [low & MASK32, low >> 32, high & MASK32, high >> 32]
        lanes.append(xoshiro128pp(state if any(state) else [1, 0, 0, 0]))
    while True:
        for lane in lanes:
            yield next(lane)


# Layouts and headers.


def tensors(layout):
    """(role, start, end) of each tensor."""
    start = 0
    for parameter in layout:
        end = start + math.prod(parameter["shape"])
        yield parameter["role"], start, end
        start = end


def count(layout):
    return sum(math.prod(parameter["shape"]) for parameter in layout)


def header(codec):
    return bytes([MARK, NUMBERS[codec], VERSION, 0])


def check_header(payload, codec, expected):
    if payload[:4] != header(codec):
        raise Refused("header")
    if len(payload) != expected:
        raise Refused("length")


# dense-float32.


def encode_dense_float32(values, layout, key):
    require_finite(values)
    return header("dense-float32") + struct.pack("<%df" % len(values), *values)


def decode_dense_float32(payload, layout):
    check_header(payload, "dense-float32", 4 + 4 * count(layout))
    values = float32s(payload[4:])
    require_finite(values)
    return values


# dense-float16.


def encode_dense_float16(values, layout, key):
    require_finite(values)
    if any(abs(value) >= 65520 for value in values):
        raise Refused("range")
    return header("dense-float16") + struct.pack("<%de" % len(values), *values)


def decode_dense_float16(payload, layout):
    check_header(payload, "dense-float16", 4 + 2 * count(layout))
    values = list(struct.unpack("<%de" % count(layout), payload[4:]))
    require_finite(values)
    return values


# ternary.


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


def ternary_parts(layout):
    parts = list(tensors(layout))
    return (
        [(start, end) for role, start, end in parts if role not in STATISTICS],
        [(start, end) for role, start, end in parts if role in STATISTICS],
    )


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


def encode_ternary(values, layout, key):
    require_finite(values)
    ternary, exact = ternary_parts(layout)
    scales = [ternary_scale(values[start:end]) for start, end in ternary]
    payload = header("ternary") + struct.pack("<%df" % len(scales), *scales)
    for start, end in exact:
        payload += struct.pack("<%df" % (end - start), *values[start:end])
    draws, digits = trit_draws(key), []
    for (start, end), scale in zip(ternary, scales):
        for value in values[start:end]:
            threshold = float32((next(draws) >> 8 | 1) * (scale * 2.0**-24))
            above = scale > 0 and abs(value) > threshold
            digits.append(1 if not above else 2 if value > 0 else 0)
    return payload + pack(digits)


def decode_ternary(payload, layout):
    ternary, exact = ternary_parts(layout)
    trit_count = sum(end - start for start, end in ternary)
    exact_count = sum(end - start for start, end in exact)
    exact_offset = 4 + 4 * len(ternary)
    trits_offset = exact_offset + 4 * exact_count
    check_header(payload, "ternary", trits_offset + (trit_count + 4) // 5)
    scales = float32s(payload[4:exact_offset])
    if not all(math.isfinite(scale) and math.copysign(1, scale) > 0 for scale in scales):
        raise Refused("scale")
    values = [0.0] * count(layout)
    plain = float32s(payload[exact_offset:trits_offset])
    require_finite(plain)
    for start, end in exact:
        values[start:end] = plain[: end - start]
        plain = plain[end - start :]
    digits = unpack(payload[trits_offset:], trit_count)
    for (start, end), scale in zip(ternary, scales):
        values[start:end] = [(digit - 1) * scale for digit in digits[: end - start]]
        digits = digits[end - start :]
    return values


CODECS = {
    "dense-float32": (encode_dense_float32, decode_dense_float32),
    "dense-float16": (encode_dense_float16, decode_dense_float16),
    "ternary": (encode_ternary, decode_ternary),
}


def check(path):
    vector = json.loads(path.read_text())
    encode, decode = CODECS[vector["codec"]]
    layout = vector["layout"]
    payload = bytes.fromhex(vector["payload"])
    values = float32s(bytes.fromhex(vector["values"]))
    assert encode(values, layout, int(vector["key"], 16)) == payload, "encoded bytes differ"
    decoded = decode(payload, layout)
    assert struct.pack("<%df" % len(decoded), *decoded).hex() == vector["decoded"], "decoded values differ"
    for refused in vector["refused"]:
        try:
            decode(bytes.fromhex(refused["payload"]), layout)
        except Refused:
            continue
        raise AssertionError("accepted: " + refused["why"])


# Making the vectors.


def refused_payloads(codec, payload, layout):
    def replaced(offset, data):
        return payload[:offset] + data + payload[offset + len(data) :]

    cases = [
        ("no bytes", b""),
        ("cut after the header", payload[:4]),
        ("one byte short", payload[:-1]),
        ("one byte more", payload + b"\x00"),
        ("another mark", replaced(0, b"\x00")),
        ("another codec's number", replaced(1, bytes([NUMBERS[codec] % 3 + 1]))),
        ("version 2", replaced(2, b"\x02")),
        ("an unknown flag", replaced(3, b"\x01")),
    ]
    if codec == "dense-float32":
        cases += [("NaN", replaced(4, struct.pack("<f", math.nan)))]
        cases += [("infinity", replaced(len(payload) - 4, struct.pack("<f", -math.inf)))]
    if codec == "dense-float16":
        cases += [("NaN", replaced(4, b"\x01\x7e")), ("infinity", replaced(len(payload) - 2, b"\x00\xfc"))]
    if codec == "ternary":
        ternary, exact = ternary_parts(layout)
        cases += [
            ("an infinite scale", replaced(4, struct.pack("<f", math.inf))),
            ("a scale that is NaN", replaced(4, struct.pack("<f", math.nan))),
            ("a negative scale", replaced(4, struct.pack("<f", -1.0))),
            ("a scale of minus zero", replaced(4, struct.pack("<f", -0.0))),
            ("the byte 243 among trits", replaced(len(payload) - 1, b"\xf3")),
        ]
        if exact:
            cases.append(("a statistic that is NaN", replaced(4 + 4 * len(ternary), struct.pack("<f", math.nan))))
        if sum(end - start for start, end in ternary) % 320 % 5:
            last = payload[-1]
            digit = last // 81
            cases.append(("padding that is not zero trits", replaced(len(payload) - 1, bytes([last - 81 * digit]))))
    return [{"why": why, "payload": data.hex()} for why, data in cases]


def write(name, codec, key, layout, values):
    encode, decode = CODECS[codec]
    data = struct.pack("<%df" % len(values), *values)
    payload = encode(float32s(data), layout, key)
    decoded = decode(payload, layout)
    vector = {
        "codec": codec,
        "key": "%016x" % key,
        "layout": layout,
        "values": data.hex(),
        "payload": payload.hex(),
        "decoded": struct.pack("<%df" % len(decoded), *decoded).hex(),
        "refused": refused_payloads(codec, payload, layout),
    }
    (VECTORS / (codec + "-" + name + ".json")).write_text(json.dumps(vector, indent=1) + "\n")


def parameter(name, shape, role="weight"):
    return {"name": name, "shape": shape, "role": role}


def write_all():
    small = [
        parameter("fc.weight", [2, 3]),
        parameter("fc.bias", [2], "bias"),
        parameter("bn.mean", [2], "cleanStatistics"),
    ]
    example = [0.5, -1.0, 0.25, 0.0, 2.0, -0.75, 0.125, -0.125, 1.5, -3.0]
    for codec in CODECS:
        write("example", codec, 7, small, example)
    one_tensor = lambda size: [parameter("x", [size])]
    extremes = [-0.0, 1e-45, -1.1754942e-38, 3.4028235e38, -3.4028235e38, 1 / 3]
    write("extremes", "dense-float32", 0, one_tensor(len(extremes)), extremes)
    halves = [-0.0, 65504.0, -65519.996, 2048.5, 2049.0, 2049.5, 2051.0, 0.1, -1 / 3]
    halves += [2.0**-14, 2.0**-14 - 2.0**-26, 2.0**-24, 2.0**-25, 1.5 * 2.0**-24, -2.5 * 2.0**-24, 1e-30]
    write("rounding", "dense-float16", 0, one_tensor(len(halves)), halves)
    numbers = random.Random(20170522)
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
    write("blocks", "ternary", 0xFEDC0DE5EED, layout, values)
    write("full-blocks", "ternary", 1, one_tensor(640), [numbers.gauss(0, 1) for _ in range(640)])
    write("one", "ternary", MASK64, one_tensor(1), [-0.3])


def main():
    if sys.argv[1:] == ["--write"]:
        write_all()
    paths = sorted(VECTORS.glob("*.json"))
    checked = 0
    for path in paths:
        if json.loads(path.read_text()).get("codec") not in CODECS:
            continue
        try:
            check(path)
        except (AssertionError, Refused) as error:
            sys.exit("%s: %s" % (path.name, error))
        checked += 1
    if checked == 0:
        sys.exit("no vectors found in %s" % VECTORS)
    print("%d vectors agree" % checked)


if __name__ == "__main__":
    main()
