#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Writes optimizer-steps.json: steps of every optimiser in IEEE single precision, operation by operation.

Written from the papers and from PyTorch's documentation, without the Swift or C code. Values are the bits of a float32.

    python3 make-optimizer-steps.py > optimizer-steps.json
"""

import json

import numpy as np

F = np.float32
THETA = [F(x) for x in (1.0, -0.5, 0.3, 2.5e-3, -7.25)]
# The third entry has no gradient in the first step, the fourth changes sign, the fifth is large.
GRADIENTS = [
    [F(x) for x in row]
    for row in (
        (0.1, -0.2, 0.0, 0.03, 12.0),
        (0.25, 0.4, -1e-3, -0.05, 9.5),
        (-0.75, 0.1, 2e-3, 0.011, -30.0),
        (0.5, 0.0, 1.0, -0.2, 1e-4),
    )
]
RULES = [
    {"name": "sgd", "learningRate": 0.1},
    {"name": "sgd", "learningRate": 0.1, "weightDecay": 0.01, "mu": 0.5},
    {"name": "sgd", "learningRate": 0.1, "weightDecay": 0.01, "decoupled": True},
    {"name": "sgd", "learningRate": 0.05, "momentum": 0.9, "weightDecay": 0.0005},
    {"name": "sgd", "learningRate": 0.05, "momentum": 0.9, "nesterov": True, "weightDecay": 0.0005},
    {"name": "sgd", "learningRate": 0.05, "momentum": 0.9, "nesterov": True, "mu": 0.25},
    {"name": "adamw", "learningRate": 0.001},
    {"name": "adamw", "learningRate": 0.01, "weightDecay": 0.05, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-5},
    {"name": "adamw", "learningRate": 0.01, "weightDecay": 0.05, "mu": 0.5},
    {"name": "qhm", "learningRate": 1.0},
    {"name": "qhm", "learningRate": 0.3, "momentum": 0.95, "nu": 0.6, "weightDecay": 0.01},
    {"name": "qhm", "learningRate": 0.3, "momentum": 0.95, "nu": 0.6, "weightDecay": 0.01, "decoupled": True, "mu": 0.5},
    {"name": "adagrad", "learningRate": 0.1},
    {"name": "adagrad", "learningRate": 0.1, "epsilon": 1e-10, "weightDecay": 0.01, "mu": 0.5},
    {"name": "rmsprop", "learningRate": 0.01},
    {"name": "rmsprop", "learningRate": 0.01, "rho": 0.9, "momentum": 0.5, "epsilon": 1e-6, "weightDecay": 0.01},
    {"name": "rmsprop", "learningRate": 0.01, "rho": 0.9, "weightDecay": 0.01, "decoupled": True, "mu": 0.5},
]


def bits(value):
    return int(np.array(value, dtype=np.float32).view(np.uint32))


class Parameter:
    """One parameter with the state of its rule."""

    def __init__(self, theta):
        self.theta = theta
        self.base = theta
        self.first = F(0)
        self.second = F(0)

    def step(self, rule, gradient, t):
        name = rule["name"]
        eta = F(rule["learningRate"])
        decay = F(rule.get("weightDecay", 0))
        decoupled = rule.get("decoupled", name == "adamw")
        g = gradient
        if not decoupled:
            g = g + decay * self.theta
        if "mu" in rule:
            g = g + F(rule["mu"]) * (self.theta - self.base)
        theta = (F(1) - eta * decay) * self.theta if decoupled else self.theta
        epsilon = F(rule.get("epsilon", 1e-8))
        if name == "sgd":
            direction = g
            if "momentum" in rule:
                gamma = F(rule["momentum"])
                self.first = gamma * self.first + g
                direction = g + gamma * self.first if rule.get("nesterov") else self.first
            self.theta = theta - eta * direction
        elif name == "adamw":
            beta1, beta2 = F(rule.get("beta1", 0.9)), F(rule.get("beta2", 0.999))
            self.first = beta1 * self.first + (F(1) - beta1) * g
            self.second = beta2 * self.second + (F(1) - beta2) * (g * g)
            # The corrections are computed in double precision and rounded once.
            power1 = power2 = 1.0
            for _ in range(t):
                power1 *= float(beta1)
                power2 *= float(beta2)
            rate = F(float(eta) / (1 - power1))
            root = F((1 - power2) ** 0.5)
            self.theta = theta - rate * (self.first / (np.sqrt(self.second) / root + epsilon))
        elif name == "qhm":
            beta, nu = F(rule.get("momentum", 0.999)), F(rule.get("nu", 0.7))
            self.first = beta * self.first + (F(1) - beta) * g
            self.theta = theta - eta * ((F(1) - nu) * g + nu * self.first)
        elif name == "adagrad":
            self.second = self.second + g * g
            self.theta = theta - eta * (g / (np.sqrt(self.second) + epsilon))
        elif name == "rmsprop":
            rho = F(rule.get("rho", 0.99))
            self.second = rho * self.second + (F(1) - rho) * (g * g)
            direction = g / (np.sqrt(self.second) + epsilon)
            if "momentum" in rule:
                self.first = F(rule["momentum"]) * self.first + direction
                direction = self.first
            self.theta = theta - eta * direction
        assert isinstance(self.theta, np.float32)


cases = []
for rule in RULES:
    parameters = [Parameter(theta) for theta in THETA]
    steps = []
    for t, row in enumerate(GRADIENTS, start=1):
        for parameter, gradient in zip(parameters, row):
            parameter.step(rule, gradient, t)
        steps.append([bits(parameter.theta) for parameter in parameters])
    mu = rule.pop("mu", 0)
    cases.append({"rule": rule, "mu": mu, "steps": steps})
lines = ",\n".join("    " + json.dumps(case) for case in cases)
print('{\n  "theta": %s,' % json.dumps([bits(x) for x in THETA]))
print('  "gradients": %s,' % json.dumps([[bits(x) for x in row] for row in GRADIENTS]))
print('  "cases": [\n%s\n  ]\n}' % lines)
