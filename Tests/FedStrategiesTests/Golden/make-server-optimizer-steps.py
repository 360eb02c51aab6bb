#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 the fedcoord authors
"""Writes server-optimizer-steps.json: steps of every server optimiser in IEEE single precision, operation by operation.

Written from Reddi et al., ICLR 2021, algorithm 2, without the Swift code. Values are the bits of a float32.

    python3 make-server-optimizer-steps.py > server-optimizer-steps.json
"""

import json

import numpy as np

F = np.float32
THETA = [F(x) for x in (1.0, -0.5, 0.3, 2.5e-3, -7.25)]
# The third entry does not change in the first round, the fourth changes sign, the fifth is large.
CHANGES = [
    [F(x) for x in row]
    for row in (
        (0.1, -0.2, 0.0, 0.03, 12.0),
        (0.25, 0.4, -1e-3, -0.05, 9.5),
        (-0.75, 0.1, 2e-3, 0.011, -30.0),
        (0.5, 0.0, 1.0, -0.2, 1e-4),
    )
]
SCALES = [F(x) for x in (0.5, 1.0, 0.75, 0.1)]
RULES = [
    {"name": "sgd", "learningRate": 1.0},
    {"name": "sgd", "learningRate": 0.3, "weightDecay": 0.01},
    {"name": "sgd", "learningRate": 0.7, "momentum": 0.9},
    {"name": "sgd", "learningRate": 0.7, "momentum": 0.9, "nesterov": True, "weightDecay": 0.0005},
    {"name": "adam", "learningRate": 0.01},
    {"name": "adam", "learningRate": 0.1, "beta1": 0.8, "beta2": 0.999, "epsilon": 1e-4, "weightDecay": 0.05},
    {"name": "yogi", "learningRate": 0.01},
    {"name": "yogi", "learningRate": 0.1, "beta1": 0.8, "beta2": 0.999, "epsilon": 1e-4, "weightDecay": 0.05},
    {"name": "adagrad", "learningRate": 0.1},
    {"name": "adagrad", "learningRate": 0.1, "beta1": 0.5, "epsilon": 1e-2, "weightDecay": 0.01},
]


def bits(value):
    return int(np.array(value, dtype=np.float32).view(np.uint32))


def run(rule):
    """Theta and what is remembered, of every parameter after every round."""
    name = rule["name"]
    eta = F(rule["learningRate"])
    decay = F(rule.get("weightDecay", 0))
    epsilon = F(rule.get("epsilon", 1e-3))
    beta1 = F(rule.get("beta1", 0 if name == "adagrad" else 0.9))
    beta2 = F(rule.get("beta2", 0.99))
    momentum = F(rule.get("momentum", 0))
    columns = []
    for entry, theta in enumerate(THETA):
        m, v = F(0), epsilon * epsilon
        steps = []
        for change, scale in zip((row[entry] for row in CHANGES), SCALES):
            rate = eta * scale
            if decay:
                theta = theta - rate * decay * theta
            if name == "sgd":
                m = momentum * m + change
                theta = theta + rate * (change + momentum * m if rule.get("nesterov") else m)
            else:
                square = change * change
                if name == "adam":
                    v = beta2 * v + (F(1) - beta2) * square
                elif name == "yogi":
                    v = v - (F(1) - beta2) * square * F(np.sign(v - square))
                else:
                    v = v + square
                m = beta1 * m + (F(1) - beta1) * change
                theta = theta + rate * m / (np.sqrt(v) + epsilon)
            assert all(type(x) is np.float32 for x in (theta, m, v))
            steps.append((bits(theta), bits(m), bits(v)))
        columns.append(steps)
    return [[[column[step][part] for column in columns] for part in range(3)] for step in range(len(CHANGES))]


def main():
    cases = []
    for rule in RULES:
        steps = run(rule)
        cases.append(
            {
                "rule": rule,
                "theta": [step[0] for step in steps],
                "first": [step[1] for step in steps],
                "second": [step[2] for step in steps],
            }
        )
    print(
        json.dumps(
            {
                "theta": [bits(x) for x in THETA],
                "changes": [[bits(x) for x in row] for row in CHANGES],
                "scales": [bits(x) for x in SCALES],
                "cases": cases,
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
