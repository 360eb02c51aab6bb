# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""The entropy coder of entropy.md: four states of 32 bits, frequencies of 2^15, 16 bits at a time."""

from .basics import Refused

TOTAL, LOWEST, STATES = 1 << 15, 1 << 16, 4


def starts_of(frequencies):
    starts, start = [], 0
    for frequency in frequencies:
        starts.append(start)
        start += frequency
    assert start == TOTAL
    return starts


def encode(symbols, frequencies):
    starts = starts_of(frequencies)
    states, words = [LOWEST] * STATES, []
    for i in reversed(range(len(symbols))):
        frequency, x = frequencies[symbols[i]], states[i % STATES]
        if x >= frequency << 17:
            words.append(x & 0xFFFF)
            x >>= 16
        states[i % STATES] = x // frequency * TOTAL + starts[symbols[i]] + x % frequency
    data = b"".join(x.to_bytes(4, "little") for x in states)
    return data + b"".join(word.to_bytes(2, "little") for word in reversed(words))


def decode(data, count, frequencies):
    starts = starts_of(frequencies)
    slots = [symbol for symbol, frequency in enumerate(frequencies) for _ in range(frequency)]
    if len(data) < 4 * STATES:
        raise Refused("no room for the states")
    states = [int.from_bytes(data[4 * k : 4 * k + 4], "little") for k in range(STATES)]
    if any(x < LOWEST for x in states):
        raise Refused("a state too low")
    place, symbols = 4 * STATES, []
    for i in range(count):
        x = states[i % STATES]
        symbol = slots[x % TOTAL]
        symbols.append(symbol)
        x = x // TOTAL * frequencies[symbol] + x % TOTAL - starts[symbol]
        if x < LOWEST:
            if place + 2 > len(data):
                raise Refused("no words left")
            x = x << 16 | int.from_bytes(data[place : place + 2], "little")
            place += 2
        states[i % STATES] = x
    if place != len(data) or any(x != LOWEST for x in states):
        raise Refused("bytes left over, or a state that is not where it started")
    return symbols
