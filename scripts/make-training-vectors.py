#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Writes Tests/FedTrainingTests/Vectors: a few steps of SGD as PyTorch takes them, in double precision.

    Benchmarks/.venv/bin/python scripts/make-training-vectors.py [NAME...]

Nothing large is stored. Weights, images and labels come from a formula that the test computes as well, exact in float32:
h(t, i) is 32 bits mixed from the number of a tensor and of an entry (`mixed` below), u = (h >> 8) / 2^24 is in [0, 1), and
an entry is (2u - 1) * scale + offset with a power of two as scale. Tensor j of a model, in layout order, is number
1024 * seed + j; the images are number 1024 * seed + 1000, their values u; the labels 1024 * seed + 1001, h mod classes.

A file holds the mean loss of every step's batch, logits in evaluation mode after the last step (of the first images), and for every tensor its
shape, scale and offset, what rounding may make of a change, the norm of its change and some entries of that. Batches are the examples in order, each once; the
last one may be smaller.

Where a value before a ReLU is within rounding of 0, or two under a pooling window are as near to each other, rounding
decides which way the gradient goes, and two correct programs part. So results must hardly change when weights and images
are moved by about as much as float32 rounds; a vector whose results do is refused, and wants another seed.
"""

import json
import math
import pathlib
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy
import torch
from torch import nn
from torch.nn import functional

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Benchmarks/training"))
import torch_steps  # noqa: E402

CLASSES = 10
IMAGES, LABELS = 1000, 1001
MOMENTUM, WEIGHT_DECAY = 0.875, 0.0078125  # these and the rates are exact in float32 and in float64
ENTRIES = 8
LOGITS = 2
ROUNDING = 2**-22  # what float32 rounds off a value in some steps, relative to the value
CANCELLED = 2**-19  # the same where a gradient's terms add up to 0, as those of a bias before a batch norm do


@dataclass(frozen=True)
class Vector:
    """A file: the model as a run file names it and in PyTorch, and how it is trained."""

    model: dict[str, str]
    make: Callable[[], nn.Module]
    shape: tuple[int, int, int]
    examples: int
    batch: int
    rate: float
    seed: int


VECTORS = {
    "mlp": Vector({"architecture": "mlp"}, torch_steps.mlp, (1, 28, 28), 36, 8, 2**-4, 0),
    "lenet": Vector({"architecture": "lenet"}, torch_steps.lenet, (1, 28, 28), 18, 4, 2**-6, 0),
    "digits-cnn": Vector(
        {"architecture": "digits-cnn", "width": "1/8"}, lambda: torch_steps.digits_cnn(1 / 8), (3, 28, 28), 20, 8, 2**-6, 1
    ),
    "preact-resnet18": Vector(
        {"architecture": "preact-resnet18", "width": "1/8"}, lambda: torch_steps.preact_resnet18(1 / 8), (3, 32, 32), 20, 8,
        2**-6, 3,
    ),
}  # fmt: skip


def mixed(tensor: int, count: int) -> numpy.ndarray:
    """32 bits for each of the first `count` entries of a tensor; all arithmetic is modulo 2^32."""
    bits = numpy.arange(count, dtype=numpy.uint32) * numpy.uint32(0x9E3779B1)
    bits += numpy.uint32((tensor + 1) * 0x85EBCA77 & 0xFFFFFFFF)
    bits ^= bits >> numpy.uint32(16)
    bits *= numpy.uint32(0x21F0AAAD)
    bits ^= bits >> numpy.uint32(15)
    bits *= numpy.uint32(0x735A2D97)
    bits ^= bits >> numpy.uint32(15)
    return bits


def uniform(tensor: int, count: int) -> numpy.ndarray:
    return (mixed(tensor, count) >> numpy.uint32(8)).astype(numpy.float32) * numpy.float32(2**-24)


def rule(name: str, values: torch.Tensor, has_norm: bool) -> tuple[float, float]:
    """Scale and offset for a tensor."""
    if name.endswith("running_var"):
        return 0.5, 1.0
    if name.endswith("running_mean"):
        return 0.25, 0.0
    if name.endswith("weight") and values.dim() == 1:
        return 0.25, 1.0
    if values.dim() == 1:
        return 0.125, 0.0
    # A power of two near 1/sqrt(inputs an output sums over), which is PyTorch's own bound; twice that behind no norm.
    scale = 2.0 ** round(math.log2(1 / math.sqrt(values[0].numel())))
    return scale if has_norm else 2 * scale, 0.0


def run(vector: Vector, jitter: int | None = None) -> dict:
    """The steps in double precision; with a seed `jitter`, from weights and images moved by up to 2^-22 of themselves."""
    model = vector.make().double()
    state = {name: values for name, values in model.state_dict().items() if values.is_floating_point()}
    has_norm = any(name.endswith("running_var") for name in state)
    numbers = 1024 * vector.seed
    torch.manual_seed(jitter or 0)

    def moved(values: numpy.ndarray, shape: tuple[int, ...]) -> torch.Tensor:
        assert values.dtype == numpy.float32
        exact = torch.from_numpy(values).double().reshape(shape)
        return exact if jitter is None else exact * (1 + 2**-22 * (2 * torch.rand_like(exact) - 1))

    rules, start = {}, {}
    for index, (name, values) in enumerate(state.items()):
        scale, offset = rules[name] = rule(name, values, has_norm)
        entries = (2 * uniform(numbers + index, values.numel()) - 1) * numpy.float32(scale) + numpy.float32(offset)
        start[name] = moved(entries, values.shape)
    model.load_state_dict(start, strict=False)
    images = moved(
        uniform(numbers + IMAGES, vector.examples * math.prod(vector.shape)), (vector.examples, *vector.shape)
    )
    labels = torch.from_numpy((mixed(numbers + LABELS, vector.examples) % numpy.uint32(CLASSES)).astype(numpy.int64))

    optimizer = torch.optim.SGD(model.parameters(), vector.rate, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY)
    losses = []
    largest = dict.fromkeys(start, 1.0)  # the largest entry of a gradient; statistics have none
    model.train()
    for chosen in torch.arange(vector.examples).split(vector.batch):
        loss = functional.cross_entropy(model(images[chosen]), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        largest |= {name: values.grad.abs().max().item() for name, values in model.named_parameters()}
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        logits = model(images[:LOGITS]).flatten().tolist()

    after = model.state_dict()
    tensors = []
    for name, values in start.items():
        change = (after[name] - values).flatten()
        at = sorted({int(position) for position in numpy.linspace(0, change.numel() - 1, ENTRIES)})
        tensors.append({
            "shape": list(values.shape),
            "scale": rules[name][0],
            "offset": rules[name][1],
            "rounding": (ROUNDING if largest[name] > 1e-9 else CANCELLED) * sum(rules[name]),
            "norm": change.norm().item(),
            "at": at,
            "change": change[at].tolist(),
        })
    return {"losses": losses, "logits": logits, "tensors": tensors}


def deviation(reference: dict, other: dict) -> float:
    """The largest difference, as the test measures it: 1 is what it lets pass at 1e-4."""
    worst = max(abs(one - two) / abs(one) for one, two in zip(reference["losses"], other["losses"]))
    largest = max(abs(value) for value in reference["logits"])
    worst = max(worst, max(abs(one - two) / largest for one, two in zip(reference["logits"], other["logits"])))
    worst /= 1e-4
    for one, two in zip(reference["tensors"], other["tensors"]):
        root = math.sqrt(math.prod(one["shape"]))
        rounding = one["rounding"]
        worst = max(worst, abs(one["norm"] - two["norm"]) / (1e-4 * one["norm"] + rounding * root))
        for left, right in zip(one["change"], two["change"]):
            worst = max(worst, abs(left - right) / (1e-4 * max(abs(left), one["norm"] / root) + rounding))
    return worst


def main() -> None:
    torch.set_num_threads(1)
    for name in sys.argv[1:] or VECTORS:
        vector = VECTORS[name]
        result = run(vector)
        worst = max(deviation(result, run(vector, jitter)) for jitter in range(8))
        print(f"{name}: losses {[round(loss, 4) for loss in result['losses']]}, "
              f"sensitivity {worst:.2f} of the tolerance", flush=True)
        if worst > 0.25:
            sys.exit(f"{name}: too sensitive to rounding, try another seed")
        head = {
            "madeBy": f"scripts/make-training-vectors.py with PyTorch {torch.__version__.split('+')[0]}",
            "seed": vector.seed,
            "model": vector.model,
            "input": dict(zip(["channels", "height", "width"], vector.shape)),
            "classes": CLASSES,
            "examples": vector.examples,
            "training": {
                "batchSize": vector.batch,
                "optimizer": {"learningRate": vector.rate, "momentum": MOMENTUM, "weightDecay": WEIGHT_DECAY},
            },
            "losses": result["losses"],
            "logits": result["logits"],
        }
        lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
        rows = ",\n".join("    " + json.dumps(tensor) for tensor in result["tensors"])
        text = "{\n" + ",\n".join(lines) + ',\n  "tensors": [\n' + rows + "\n  ]\n}\n"
        (ROOT / f"Tests/FedTrainingTests/Vectors/{name}.json").write_text(text)


if __name__ == "__main__":
    main()
