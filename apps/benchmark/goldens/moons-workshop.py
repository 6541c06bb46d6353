# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "scikit-learn==1.9.1"]
# ///
"""Writes moons-workshop.json: the losses that the workshop's program prints on the recipe's points and seed, exactly.

Run: uv run moons-workshop.py  (or python3 with these versions)
The class is that of the workshop's section 6 but for its printing; make_moons and the seeds are the recipe's.
"""

import json
from pathlib import Path

import numpy as np
from sklearn.datasets import make_moons

SEED = 83
ITERATIONS = 20000


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    exp_z = np.exp(z)
    return exp_z / np.sum(exp_z, axis=1, keepdims=True)


x, y = make_moons(200, noise=0.2, random_state=42)
np.random.seed(SEED)
w1 = np.random.rand(2, 5) / np.sqrt(2)
b1 = np.zeros((1, 5))
w2 = np.random.rand(5, 2) / np.sqrt(5)
b2 = np.zeros((1, 2))

losses = []
for i in range(1, ITERATIONS + 1):
    z1 = x @ w1 + b1
    a1 = sigmoid(z1)
    a2 = softmax(a1 @ w2 + b2)
    delta3 = a2.copy()
    delta3[range(len(y)), y] -= 1
    delta2 = (delta3 @ w2.T) * ((1 - sigmoid(z1)) * sigmoid(z1))
    w2 += -0.01 * (a1.T @ delta3)
    b2 += -0.01 * np.sum(delta3, axis=0)
    w1 += -0.01 * (x.T @ delta2)
    b1 += -0.01 * np.sum(delta2, axis=0)
    if i % 1000 == 0:
        one_hot = np.eye(2)[y]
        losses.append(float(-np.sum(one_hot * np.log(a2)) / len(y)))

golden = {"seed": SEED, "every": 1000, "losses": losses}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden) + "\n")
