# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Blocks of ascending positions, written from positions.md."""

from . import rans
from .basics import Refused

CAPACITY, LARGEST_B, SLOTS = 65536, 24, 1 << 15


def bits_to_bytes(bits):
    """Bits, the first one lowest in the first byte; zeros fill the last byte."""
    bits = bits + [0] * (-len(bits) % 8)
    return bytes(sum(bit << place for place, bit in enumerate(bits[i : i + 8])) for i in range(0, len(bits), 8))


def low_bits(number, width):
    return [number >> place & 1 for place in range(width)]


class BitReader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def bit(self):
        if self.at == 8 * len(self.data):
            raise Refused("no bits left")
        self.at += 1
        return self.data[(self.at - 1) // 8] >> (self.at - 1) % 8 & 1

    def number(self, width):
        return sum(self.bit() << place for place in range(width))

    def finish(self):
        if 8 * len(self.data) - self.at >= 8 or any(self.bit() for _ in range(8 * len(self.data) - self.at)):
            raise Refused("padding")


def rice_count(gaps, b):
    """The bytes of the Rice code."""
    return (sum((gap >> b) + 1 + b for gap in gaps) + 7) // 8


def best_b(gaps):
    return min(range(LARGEST_B + 1), key=lambda b: sum((gap >> b) + 1 + b for gap in gaps))


def rice(gaps, b):
    bits = []
    for gap in gaps:
        bits += [1] * (gap >> b) + [0] + low_bits(gap, b)
    return bits_to_bytes(bits)


def frequencies_of(quotients):
    counts = [quotients.count(symbol) for symbol in range(max(quotients) + 1)]
    shares = [count and max(1, (2 * SLOTS * count + len(quotients)) // (2 * len(quotients))) for count in counts]
    excess = sum(shares) - SLOTS
    if excess < 0:
        shares[shares.index(max(shares))] -= excess
    for _ in range(excess):
        shares[shares.index(max(shares))] -= 1
    return shares


def coded(gaps, b):
    quotients = [min(gap >> b, 255) for gap in gaps]
    frequencies = frequencies_of(quotients)
    table = bytearray([len(frequencies) - 1])
    for frequency in frequencies[:-1]:
        table += bytes([128 | frequency >> 8, frequency & 255] if frequency >= 128 else [frequency])
    symbols = rans.encode(quotients, frequencies)
    rest = []
    for gap, quotient in zip(gaps, quotients):
        rest += low_bits(gap, 32 if quotient == 255 else b)
    return bytes(table) + len(symbols).to_bytes(3, "little") + symbols + bits_to_bytes(rest)


def encode(gaps, entropy="auto"):
    """One block, head and body."""
    b = best_b(gaps)
    kind, body = 0, rice(gaps, b)
    if entropy == "auto":
        other = coded(gaps, max(0, b - 2))
        if len(other) < len(body):
            kind, b, body = 1, max(0, b - 2), other
    return bytes([kind << 5 | b]) + len(body).to_bytes(3, "little") + body


def longest(count, limit):
    """The bound on a body's bytes."""
    b = 0
    while b < LARGEST_B and limit >> (b + 1) >= count:
        b += 1
    return (count * (b + 1) + (limit >> b) + 7) // 8


def decode(data, count, limit):
    """The gaps of the block that `data` begins with, whose positions lie below `limit`, and the bytes after it."""
    if len(data) < 4:
        raise Refused("no head")
    kind, b, length = data[0] >> 5, data[0] & 31, int.from_bytes(data[1:4], "little")
    if kind > 1 or b > LARGEST_B or not min((count + 7) // 8, 20) <= length <= longest(count, limit):
        raise Refused("head")
    if len(data) < 4 + length:
        raise Refused("no body")
    body, rest = data[4 : 4 + length], data[4 + length :]
    gaps = decode_rice(body, count, b) if kind == 0 else decode_coded(body, count, b)
    if sum(gaps) + count > limit:
        raise Refused("positions beyond the model")
    return gaps, rest


def decode_rice(body, count, b):
    reader, gaps = BitReader(body), []
    for _ in range(count):
        quotient = 0
        while reader.bit():
            quotient += 1
        gaps.append(quotient << b | reader.number(b))
    reader.finish()
    return gaps


def decode_coded(body, count, b):
    frequencies, at = [], 1
    for _ in range(body[0]):
        frequency, at = body[at : at + 1], at + 1
        if frequency and frequency[0] >= 128:
            frequency, at = bytes([frequency[0] & 127]) + body[at : at + 1], at + 1
            if len(frequency) < 2 or int.from_bytes(frequency, "big") < 128:
                raise Refused("frequency")
        if not frequency:
            raise Refused("no frequency")
        frequencies.append(int.from_bytes(frequency, "big"))
    frequencies.append(SLOTS - sum(frequencies))
    if frequencies[-1] <= 0:
        raise Refused("frequencies")
    length = int.from_bytes(body[at : at + 3], "little")
    if at + 3 + length > len(body):
        raise Refused("length")
    quotients = rans.decode(body[at + 3 : at + 3 + length], count, frequencies)
    reader, gaps = BitReader(body[at + 3 + length :]), []
    for quotient in quotients:
        gap = reader.number(32) if quotient == 255 else quotient << b | reader.number(b)
        if quotient == 255 and gap >> b < 255:
            raise Refused("escape")
        gaps.append(gap)
    reader.finish()
    return gaps
