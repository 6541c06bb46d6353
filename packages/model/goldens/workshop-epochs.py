"""Makes workshop-epochs.json: the second form of training of the workshop's NeuralNet (section 8), in NumPy.

    pip install numpy==2.4.6
    python workshop-epochs.py

The network is the workshop's; `batches` is the count of batches that its code calls n_batches, and the shuffle is
scikit-learn's, which permutes with NumPy's global generator.
"""

import json
from pathlib import Path

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def train(x, y, hidden, classes, epochs, batch_size, batches, rate, random):
    w1 = random.rand(x.shape[1], hidden) / np.sqrt(x.shape[1])
    b1 = np.zeros((1, hidden))
    w2 = random.rand(hidden, classes) / np.sqrt(hidden)
    b2 = np.zeros((1, classes))
    printed = []
    for _ in range(epochs):
        order = np.arange(len(x))
        random.shuffle(order)
        x, y = x[order], y[order]
        losses, accuracies = [], []
        for i in range(batches):
            a0, t = x[batch_size * i : batch_size * (i + 1)], y[batch_size * i : batch_size * (i + 1)]
            a1 = sigmoid(a0 @ w1 + b1)
            a2 = softmax(a1 @ w2 + b2)
            d3 = a2 - np.eye(classes)[t]
            d2 = (d3 @ w2.T) * (1 - a1) * a1
            w1 += -rate * (a0.T @ d2)
            b1 += -rate * d2.sum(axis=0, keepdims=True)
            w2 += -rate * (a1.T @ d3)
            b2 += -rate * d3.sum(axis=0, keepdims=True)
            losses += [-np.mean(np.log(a2[np.arange(len(t)), t]))] * len(t)
            accuracies += [np.mean(a2.argmax(axis=1) == t)] * len(t)
        printed.append([float(np.mean(losses)), float(np.mean(accuracies))])
    return printed, {"W1": w1.ravel().tolist(), "b2": b2.ravel().tolist()}


data = np.random.RandomState(1)
x = data.randn(50, 3)
y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0.5).astype(int)
cases = []
for batch_size, batches in ((16, 4), (16, 2), (50, 1), (7, 8)):
    printed, final = train(x, y, 4, 3, 12, batch_size, batches, 0.05, np.random.RandomState(9))
    cases.append({"batchSize": batch_size, "batchesPerEpoch": batches, "printed": printed, **final})
golden = {"x": x.ravel().tolist(), "y": y.tolist(), "cases": cases}
Path("workshop-epochs.json").write_text(json.dumps(golden) + "\n")
