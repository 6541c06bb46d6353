# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6"]
# ///
"""Writes fit.json: two epochs of a small network, 3-5-4 with sigmoid, cross-entropy and momentum, in float64.

Run: uv run fit.py  (or python3 with numpy 2.4.6)
The rows come in their own order, the last batch is smaller, a penalty 0.01 / 2 * sum(w ** 2) lies on the weights.
"""

import json
from pathlib import Path

import numpy as np

ROWS, FEATURES, HIDDEN, CLASSES = 22, 3, 5, 4
BATCH, EPOCHS, ETA, MU, STRENGTH = 8, 2, 0.3, 0.9, 0.01

rng = np.random.RandomState(11)
inputs = rng.randn(ROWS, FEATURES)
labels = rng.randint(0, CLASSES, ROWS)
parameters = {
    "dense1.weight": rng.randn(FEATURES, HIDDEN),
    "dense1.bias": rng.randn(HIDDEN),
    "dense2.weight": rng.randn(HIDDEN, CLASSES),
    "dense2.bias": rng.randn(CLASSES),
}
initial = {name: value.copy() for name, value in parameters.items()}
velocity = {name: np.zeros_like(value) for name, value in parameters.items()}


def forward(x):
    hidden = 1 / (1 + np.exp(-(x @ parameters["dense1.weight"] + parameters["dense1.bias"])))
    logits = hidden @ parameters["dense2.weight"] + parameters["dense2.bias"]
    shifted = logits - logits.max(axis=1, keepdims=True)
    return hidden, logits, shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def score(x, y):
    _, logits, log_probabilities = forward(x)
    return -log_probabilities[range(len(y)), y].mean(), int((logits.argmax(axis=1) == y).sum())


def step(x, y):
    hidden, logits, log_probabilities = forward(x)
    d_logits = (np.exp(log_probabilities) - np.eye(CLASSES)[y]) / len(y)
    d_hidden = d_logits @ parameters["dense2.weight"].T * hidden * (1 - hidden)
    gradients = {
        "dense1.weight": x.T @ d_hidden + STRENGTH * parameters["dense1.weight"],
        "dense1.bias": d_hidden.sum(axis=0),
        "dense2.weight": hidden.T @ d_logits + STRENGTH * parameters["dense2.weight"],
        "dense2.bias": d_logits.sum(axis=0),
    }
    for name, gradient in gradients.items():
        velocity[name] = MU * velocity[name] + gradient
        parameters[name] = parameters[name] - ETA * velocity[name]


losses, correct, validation = [], [], []
for _ in range(EPOCHS):
    for start in range(0, ROWS, BATCH):
        x, y = inputs[start : start + BATCH], labels[start : start + BATCH]
        loss, right = score(x, y)
        losses.append(loss)
        correct.append(right)
        step(x, y)
    validation.append(score(inputs, labels))


def plain(record):
    return {name: value.ravel().tolist() for name, value in record.items()}


golden = {
    "inputs": inputs.ravel().tolist(),
    "labels": labels.tolist(),
    "initial": plain(initial),
    "stepLosses": losses,
    "stepCorrect": correct,
    "validation": [{"loss": loss, "correct": right} for loss, right in validation],
    "final": plain(parameters),
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
