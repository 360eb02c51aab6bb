# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""The codecs, written from the documents beside this folder with the standard library only: one module for each.

A codec's module has

    NAME, NUMBER                            as in the table of README.md
    encode(values, layout, options, key)    the payload
    decode(payload, layout, options)        the values; raises Refused
    refused(payload, layout, options)       (why, payload) pairs that a decoder must refuse, besides those of any codec
    vectors(write)                          calls write(name, key, layout, values, options, payload) for each vector

A codec of shared scales takes them as a fifth argument of `encode`, and one of sums also has

    encode_sums(values, layout, options, updates, scales, sums)     the payload for sums instead of values

where `values` are floats, `layout` is a list of tensors with name, shape and role, and `options` a dictionary with the options of the
codec that are not at their defaults. A vector with a payload of its own is for decoders only: what compressed it is not defined to the
bit.
"""

from . import dense, sparse, ternary, ternary_sum, uniform

MODULES = [dense.FLOAT32, dense.FLOAT16, ternary, ternary_sum, dense.BFLOAT16, uniform]
MODULES += [sparse.SBC, sparse.STC, sparse.TOP_K, sparse.RANDOM_K]
CODECS = {module.NAME: module for module in MODULES}
