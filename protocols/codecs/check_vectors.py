# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Encodes and decodes the codecs' test vectors with the package `reference` of this folder and the standard library only.

    python3 check_vectors.py                    checks every file of ../vectors
    python3 check_vectors.py --write [CODEC]    makes the files anew, all or those of one codec

Written from the documents, not from the Swift sources: two implementations that agree on every bit.
"""

import json
import pathlib
import struct
import sys

from reference import CODECS, MODULES
from reference.basics import Refused, count, float32s, pack_float32s

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"


def encode(codec, vector, values):
    layout, options = vector["layout"], vector.get("spec", {})
    if "scales" not in vector:
        return codec.encode(values, layout, options, int(vector["key"], 16))
    scales = float32s(bytes.fromhex(vector["scales"]))
    if "sums" not in vector:
        return codec.encode(values, layout, options, int(vector["key"], 16), scales)
    data = bytes.fromhex(vector["sums"])
    sums = struct.unpack("<%di" % (len(data) // 4), data)
    return codec.encode_sums(values, layout, options, vector["updates"], scales, sums)


def check(path):
    vector = json.loads(path.read_text())
    codec = CODECS[vector["codec"]]
    layout, options = vector["layout"], vector.get("spec", {})
    payload = bytes.fromhex(vector["payload"])
    repeat = vector.get("repeat", 1)
    values = float32s(bytes.fromhex(vector["values"])) * repeat
    if not vector.get("decodeOnly", False):
        assert encode(codec, vector, values) == payload, "encoded bytes differ"
    decoded = pack_float32s(codec.decode(payload, layout, options)).hex()
    assert decoded == vector["decoded"] * repeat, "decoded values differ"
    for refused in vector["refused"]:
        try:
            codec.decode(bytes.fromhex(refused["payload"]), layout, options)
        except Refused:
            continue
        raise AssertionError("accepted: " + refused["why"])


# Making the vectors.


def refused_payloads(codec, payload, layout, options):
    def replaced(offset, byte):
        return payload[:offset] + bytes([byte]) + payload[offset + 1 :]

    cases = [
        ("no bytes", b""),
        ("cut after the header", payload[:4]),
        ("one byte short", payload[:-1]),
        ("one byte more", payload + b"\x00"),
        ("another mark", replaced(0, 0)),
        ("another codec's number", replaced(1, codec.NUMBER + 1)),
        ("another version", replaced(2, payload[2] ^ 3)),
        ("an unknown flag", replaced(3, payload[3] | 0x80)),
    ]
    cases += codec.refused(payload, layout, options)
    return [{"why": why, "payload": data.hex()} for why, data in cases]


def write_vectors(codec):
    def write(name, key, layout, values, options={}, payload=None, sums={}):
        """Fewer values than the layout counts stand for that many copies of them."""
        data = pack_float32s(values)
        vector = {"codec": codec.NAME}
        if payload:
            vector["decodeOnly"] = True
        if options:
            vector["spec"] = {"codec": codec.NAME} | options
        vector |= {"key": "%016x" % key, "layout": layout}
        if len(values) < count(layout):
            vector["repeat"] = count(layout) // len(values)
        vector |= {"values": data.hex()} | sums
        payload = payload or encode(codec, vector, float32s(data) * vector.get("repeat", 1))
        decoded = codec.decode(payload, layout, options)
        vector |= {
            "payload": payload.hex(),
            "decoded": pack_float32s(decoded[: len(values)]).hex(),
            "refused": refused_payloads(codec, payload, layout, options),
        }
        (VECTORS / (codec.NAME + "-" + name + ".json")).write_text(json.dumps(vector, indent=1) + "\n")

    codec.vectors(write)


def main():
    arguments = sys.argv[1:]
    if arguments[:1] == ["--write"]:
        for codec in MODULES:
            if codec.NAME in arguments[1:] or len(arguments) == 1:
                write_vectors(codec)
    checked = 0
    for path in sorted(VECTORS.glob("*.json")):
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
