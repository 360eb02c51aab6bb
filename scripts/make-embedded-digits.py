#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Writes Sources/FedTraining/Data/EmbeddedDigits+Payload.swift from scikit-learn's digits.csv.gz.

    pip download --no-deps scikit-learn && unzip -j scikit_learn-*.whl sklearn/datasets/data/digits.csv.gz
    scripts/make-embedded-digits.py digits.csv.gz Sources/FedTraining/Data/EmbeddedDigits+Payload.swift

Each line of the input is 64 pixels of 0 to 16 and a label. The output is those bytes, 65 an image, as a zlib stream in
base64.
"""

import base64
import gzip
import sys
import zlib

HEADER = """\
// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 the fedcoord authors

// Made by scripts/make-embedded-digits.py: do not edit. The data are CC BY 4.0, see NOTICE.
// swift-format-ignore-file

extension EmbeddedDigits {
    /// The images and labels: a zlib stream in base64, with line breaks.
    static let payload: StaticString = \"\"\"
"""


def main() -> None:
    source, target = sys.argv[1:]
    with gzip.open(source, "rt") as lines:
        rows = [[int(value) for value in line.split(",")] for line in lines]
    if len(rows) != 1797 or any(len(row) != 65 or max(row[:64]) > 16 or row[64] > 9 for row in rows):
        sys.exit("this is not the file of 1,797 digits")
    text = base64.b64encode(zlib.compress(bytes(value for row in rows for value in row), 9)).decode()
    with open(target, "w") as output:
        output.write(HEADER)
        for start in range(0, len(text), 400):
            output.write(f"        {text[start:start + 400]}\n")
        output.write('        """\n}\n')


main()
