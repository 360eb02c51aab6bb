#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""The cases of training-benchmark in PyTorch: images per CPU-second of whole training steps, on one thread.

    torch_steps.py [CASE...]    measures these cases, or all

A step gathers a shuffled batch from a tensor in memory (no DataLoader, which would be slower), computes the loss and its
gradients, and takes one step of SGD with momentum 0.9. What PyTorch can do in more than one way is done in the way that
is faster here, found out anew for each case: the fused or the foreach optimiser, NCHW or channels_last.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor, nn
from torch.nn import functional

EXAMPLES = 2560  # a multiple of every batch size, as in ours
LEARNING_RATE = 0.001


def mlp() -> nn.Module:
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10)
    )


def lenet() -> nn.Module:
    """The convolutional network of McMahan et al., AISTATS 2017, section 3."""
    # Pooling comes before ReLU, as in ours: the same values, and a quarter of them to rectify.
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(),
        nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, 10),
    )  # fmt: skip


def digits_cnn(width: float) -> nn.Module:
    """The network for digits of Li et al., ICLR 2021 (FedBN)."""
    a, b, c, d, e = (int(width * channels) for channels in (64, 64, 128, 2048, 512))
    return nn.Sequential(
        nn.Conv2d(3, a, 5, padding=2), nn.BatchNorm2d(a), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Conv2d(a, b, 5, padding=2), nn.BatchNorm2d(b), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Conv2d(b, c, 5, padding=2), nn.BatchNorm2d(c), nn.ReLU(inplace=True),
        nn.Flatten(), nn.Linear(49 * c, d), nn.BatchNorm1d(d), nn.ReLU(inplace=True),
        nn.Linear(d, e), nn.BatchNorm1d(e), nn.ReLU(inplace=True), nn.Linear(e, 10),
    )  # fmt: skip


class PreActivationBlock(nn.Module):
    """The basic block of He et al., ECCV 2016, figure 4(e)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.shortcut = None
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        activated = functional.relu(self.bn1(x), inplace=True)
        skipped = x if self.shortcut is None else self.shortcut(activated)
        return self.conv2(functional.relu(self.bn2(self.conv1(activated)), inplace=True)) + skipped


def preact_resnet18(width: float) -> nn.Module:
    """Four stages of two blocks for images of 32x32, with the last batch norm that He et al., section 3, ask for."""
    channels = [int(width * channels) for channels in (64, 64, 128, 256, 512)]
    layers: list[nn.Module] = [nn.Conv2d(3, channels[0], 3, padding=1, bias=False)]
    for stage in range(1, 5):
        layers.append(PreActivationBlock(channels[stage - 1], channels[stage], 1 if stage == 1 else 2))
        layers.append(PreActivationBlock(channels[stage], channels[stage], 1))
    layers += [nn.BatchNorm2d(channels[4]), nn.ReLU(inplace=True)]
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels[4], 10)]
    return nn.Sequential(*layers)


@dataclass(frozen=True)
class Case:
    model: Callable[[], nn.Module]
    shape: tuple[int, int, int]
    batch: int
    adversarial: bool = False


CASES = {
    "mlp-10": Case(mlp, (1, 28, 28), 10),
    "mlp-32": Case(mlp, (1, 28, 28), 32),
    "mlp-128": Case(mlp, (1, 28, 28), 128),
    "lenet-10": Case(lenet, (1, 28, 28), 10),
    "lenet-32": Case(lenet, (1, 28, 28), 32),
    "lenet-128": Case(lenet, (1, 28, 28), 128),
    "digits-cnn-32": Case(lambda: digits_cnn(1), (3, 28, 28), 32),
    "digits-cnn-128": Case(lambda: digits_cnn(1), (3, 28, 28), 128),
    "digits-cnn-eighth-32": Case(lambda: digits_cnn(1 / 8), (3, 28, 28), 32),
    "preact-resnet18-eighth-32": Case(lambda: preact_resnet18(1 / 8), (3, 32, 32), 32),
    "digits-cnn-eighth-pgd7-32": Case(lambda: digits_cnn(1 / 8), (3, 28, 28), 32, adversarial=True),
}


def operations(case: Case) -> int:
    """Floating-point operations per image of a step's convolutions and linear layers, a multiply and an add being two."""
    forward: list[int] = []

    def count(layer: nn.Module, _: object, output: Tensor) -> None:
        forward.append(2 * output.numel() * layer.weight[0].numel())

    model = case.model().eval()
    for layer in model.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            layer.register_forward_hook(count)
    with torch.no_grad():
        model(torch.zeros(1, *case.shape))
    # Backward takes as much for the weights and again for the input, which the first layer does without.
    step = 3 * sum(forward) - forward[0]
    return 2 * step + 7 * 2 * sum(forward) if case.adversarial else step


def attack(model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """PGD of Madry et al., ICLR 2018: 7 steps of 10/255/7 in the L-infinity ball of 8/255, from a random start."""
    epsilon, step = 8 / 255, 10 / 255 / 7
    model.eval()
    adversarial = (images + torch.empty_like(images).uniform_(-epsilon, epsilon)).clamp_(0, 1)
    low, high = (images - epsilon).clamp_(min=0), (images + epsilon).clamp_(max=1)
    for _ in range(7):
        adversarial.requires_grad_()
        loss = functional.cross_entropy(model(adversarial), labels)
        (gradient,) = torch.autograd.grad(loss, adversarial)
        adversarial = torch.clamp(adversarial.detach().add_(gradient.sign_(), alpha=step), low, high)
    model.train()
    return adversarial


class Trainer:
    """One way of running a case."""

    def __init__(self, case: Case, fused: bool, channels_last: bool) -> None:
        torch.manual_seed(1)
        self.case = case
        form = torch.channels_last if channels_last else torch.contiguous_format
        self.model = case.model().to(memory_format=form).train()
        self.images = torch.rand(EXAMPLES, *case.shape).contiguous(memory_format=form)
        self.labels = torch.randint(10, (EXAMPLES,))
        self.optimizer = torch.optim.SGD(
            self.model.parameters(), LEARNING_RATE, momentum=0.9, fused=fused, foreach=not fused
        )
        self.batches = self.order()

    def order(self) -> Iterator[Tensor]:
        while True:
            yield from torch.randperm(EXAMPLES).split(self.case.batch)

    def step(self) -> int:
        indices = next(self.batches)
        images, labels = self.images[indices], self.labels[indices]
        loss = functional.cross_entropy(self.model(images), labels)
        if self.case.adversarial:
            attacked = attack(self.model, images, labels)
            loss = 0.5 * loss + 0.5 * functional.cross_entropy(self.model(attacked), labels)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return len(indices)

    def rate(self, seconds: float) -> float:
        """Images per CPU-second over at least so many CPU-seconds."""
        images = 0
        start = time.process_time()
        while (used := time.process_time() - start) < seconds:
            images += self.step()
        return images / used


class Measurement:
    """A case run in the way that is fastest for it."""

    def __init__(self, name: str) -> None:
        case = CASES[name]
        layouts = [False, True] if name.split("-")[0] != "mlp" else [False]
        ways = {}
        for fused, channels_last in product([True, False], layouts):
            trainer = Trainer(case, fused, channels_last)
            trainer.rate(0.3)
            label = ("fused" if fused else "foreach") + (", channels_last" if channels_last else "")
            ways[label] = (trainer, trainer.rate(0.6))
        self.tried = {label: rate for label, (_, rate) in ways.items()}
        self.way = max(self.tried, key=lambda label: self.tried[label])
        self.trainer = ways[self.way][0]

    def rate(self, seconds: float) -> float:
        self.trainer.rate(0.2)
        return self.trainer.rate(seconds)


def main() -> None:
    torch.set_num_threads(1)
    print(f"PyTorch {torch.__version__}, {torch.get_num_threads()} thread, {torch.backends.cpu.get_cpu_capability()}")
    for name in sys.argv[1:] or CASES:
        measurement = Measurement(name)
        print(f"{name:28} {measurement.rate(2):10.0f} images per CPU-second ({measurement.way})", flush=True)
        print("    ", {label: round(rate) for label, rate in measurement.tried.items()}, flush=True)


if __name__ == "__main__":
    main()
