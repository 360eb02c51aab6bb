# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""The codecs, written from the documents beside this folder with the standard library only: one module for each.

A codec's module has

    NAME, NUMBER                            as in the table of README.md
    encode(values, layout, options, key)    the payload
    decode(payload, layout, options)        the values; raises Refused
    refused(payload, layout, options)       (why, payload) pairs that a decoder must refuse, besides those of any codec
    vectors(write)                          calls write(name, key, layout, values, options) for each vector, options {} if left out

where `values` are floats, `layout` is a list of tensors with name, shape and role, and `options` a dictionary with the options of the
codec that are not at their defaults.
"""

from . import dense, ternary

MODULES = [dense.FLOAT32, dense.FLOAT16, ternary]
CODECS = {module.NAME: module for module in MODULES}
