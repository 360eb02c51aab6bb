# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""zstd frames (RFC 8878) whose blocks are raw or one byte repeated: what a standard library can write and read."""

import struct

from .basics import Refused

MAGIC = struct.pack("<I", 0xFD2FB528)
RAW, REPEATED = 0, 1


def block(kind, size, last):
    return struct.pack("<I", size << 3 | kind << 1 | last)[:3]


def frame(parts, content_size=None):
    """A frame of (byte, how often) and bytes parts; its header tells the size of its content, or what is given."""
    sizes = [part[1] if isinstance(part, tuple) else len(part) for part in parts]
    size = sum(sizes) if content_size is None else content_size
    # A single segment with a content size of four bytes, no checksum, no dictionary.
    data = MAGIC + bytes([2 << 6 | 1 << 5]) + struct.pack("<I", size)
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if isinstance(part, tuple):
            data += block(REPEATED, part[1], last) + bytes([part[0]])
        else:
            data += block(RAW, len(part), last) + part
    return data


def content(data):
    """The content of such a frame, which must be all of `data`."""
    if data[:4] != MAGIC or len(data) < 9 or data[4] != 2 << 6 | 1 << 5:
        raise Refused("not a frame that this module writes")
    size, offset, result = struct.unpack("<I", data[5:9])[0], 9, b""
    while True:
        if len(data) < offset + 3:
            raise Refused("the frame is cut")
        head = int.from_bytes(data[offset : offset + 3], "little")
        kind, count = head >> 1 & 3, head >> 3
        length = count if kind == RAW else 1
        if kind > REPEATED or len(data) < offset + 3 + length:
            raise Refused("the frame is cut, or has a block of another kind")
        body = data[offset + 3 : offset + 3 + length]
        result += body if kind == RAW else body * count
        offset += 3 + length
        if head & 1:
            break
    if offset != len(data) or len(result) != size:
        raise Refused("the frame's size")
    return result
