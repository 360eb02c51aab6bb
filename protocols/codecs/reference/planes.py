# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Blocks of byte planes: dense payloads that were compressed."""

import struct

from . import zstd_frames
from .basics import Refused

BLOCK = 32768


def split(data, width):
    return [data[index::width] for index in range(width)]


def write(data, width, plane_bytes):
    """The blocks of values; `plane_bytes(plane)` is a shorter frame, or the plane."""
    payload = b""
    for start in range(0, len(data), BLOCK * width):
        parts = [plane_bytes(plane) for plane in split(data[start : start + BLOCK * width], width)]
        payload += struct.pack("<%dI" % width, *map(len, parts)) + b"".join(parts)
    return payload


def read(payload, count, width):
    data, offset = b"", 0
    for start in range(0, count, BLOCK):
        size = min(BLOCK, count - start)
        if len(payload) < offset + 4 * width:
            raise Refused("cut before the lengths")
        lengths = struct.unpack_from("<%dI" % width, payload, offset)
        offset += 4 * width
        planes = []
        for length in lengths:
            if not 1 <= length <= size or len(payload) < offset + length:
                raise Refused("a plane's length")
            plane = payload[offset : offset + length]
            offset += length
            if length < size:
                plane = zstd_frames.content(plane)
            if len(plane) != size:
                raise Refused("a plane's size")
            planes.append(plane)
        data += bytes(byte for value in zip(*planes) for byte in value)
    if offset != len(payload):
        raise Refused("length")
    return data
