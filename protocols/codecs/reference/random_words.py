# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""The project's seeded generator (SplitMix64 seeds xoshiro256++) and the random words of stochastic rounding."""

MASK64 = (1 << 64) - 1
MASK32 = (1 << 32) - 1


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


def rounding_words(key, purpose):
    """The random words of a stream of rounded entries: word i comes from lane i mod 16."""
    seeds = xoshiro256pp(stream_key(key, purpose))
    lanes = []
    for _ in range(16):
        low, high = next(seeds), next(seeds)
        state = [low & MASK32, low >> 32, high & MASK32, high >> 32]
        lanes.append(xoshiro128pp(state if any(state) else [1, 0, 0, 0]))
    while True:
        for lane in lanes:
            yield next(lane)
