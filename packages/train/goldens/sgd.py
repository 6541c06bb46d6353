# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6"]
# ///
"""Writes sgd.json: what stochastic gradient descent does to two parameters over four steps, in float64.

Run: uv run sgd.py  (or python3 with numpy 2.4.6)
The rule is the one that torch.optim.SGD documents, with dampening 0.
"""

import json
from pathlib import Path

import numpy as np

STEPS = 4
CASES = [
    {"learningRate": 0.01},
    {"learningRate": 0.5, "momentum": 0.9},
    {"learningRate": 0.1, "momentum": 0.5, "nesterov": True},
    {"learningRate": 0.0, "momentum": 0.9},
]


def run(options, parameters, gradients):
    eta, mu = options["learningRate"], options.get("momentum", 0.0)
    velocity = {name: np.zeros_like(value) for name, value in parameters.items()}
    for gradient in gradients:
        following = {}
        for name, value in parameters.items():
            velocity[name] = mu * velocity[name] + gradient[name]
            along = gradient[name] + mu * velocity[name] if options.get("nesterov") else velocity[name]
            following[name] = value - eta * along
        parameters = following
        yield parameters


def plain(record):
    return {name: value.ravel().tolist() for name, value in record.items()}


def draw(rng):
    return {"bias": rng.randn(3), "weight": rng.randn(2, 3)}


rng = np.random.RandomState(7)
parameters = draw(rng)
gradients = [draw(rng) for _ in range(STEPS)]
golden = {
    "parameters": plain(parameters),
    "gradients": [plain(gradient) for gradient in gradients],
    "cases": [
        {"options": options, "parameters": [plain(after) for after in run(options, parameters, gradients)]}
        for options in CASES
    ],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
