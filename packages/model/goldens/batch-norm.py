"""Writes batch-norm.json: PyTorch's BatchNorm1d in float64, over three training steps and in evaluation.

Run from this folder, in a virtual environment of Python 3.11:

    pip install torch==1.13.1 "numpy==1.26.4"
    python batch-norm.py

Each step is one of gradient descent with a rate of 0.1 on the mean squared difference to given targets.
"""

import json
from pathlib import Path

import numpy as np
import torch

FEATURES = 4
random = np.random.RandomState(3)


def tensor(array):
    array = np.asarray(array)
    return {"shape": list(array.shape), "data": array.reshape(-1).tolist()}


def variables(layer):
    values = {
        "weight": layer.weight,
        "bias": layer.bias,
        "runningMean": layer.running_mean,
        "runningVariance": layer.running_var,
    }
    return {name: tensor(value.detach().numpy()) for name, value in values.items()}


def batch(rows):
    # Columns of other scales and centres, as real data have.
    return random.randn(rows, FEATURES) * [1, 10, 0.1, 3] + [0, 5, -2, 100]


layer = torch.nn.BatchNorm1d(FEATURES).double()
optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
steps = []
for rows in (6, 5, 2):
    x, target = batch(rows), random.randn(rows, FEATURES)
    output = layer(torch.tensor(x))
    loss = ((output - torch.tensor(target)) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    steps.append(
        {
            "x": tensor(x),
            "target": tensor(target),
            "output": tensor(output.detach().numpy()),
            "loss": loss.item(),
            "after": variables(layer),
        }
    )
layer.eval()
x = batch(3)
evaluated = layer(torch.tensor(x)).detach().numpy()

images = torch.nn.BatchNorm1d(2, momentum=0.3, eps=1e-3, affine=False).double()
pixels = random.randn(2, 3, 2)
# PyTorch's channels come second, here they come last.
normal = images(torch.tensor(pixels).permute(0, 2, 1)).permute(0, 2, 1)

content = {
    "steps": steps,
    "evaluation": {"x": tensor(x), "output": tensor(evaluated)},
    "axes": {
        "x": tensor(pixels),
        "output": tensor(normal.numpy()),
        "runningMean": tensor(images.running_mean.numpy()),
        "runningVariance": tensor(images.running_var.numpy()),
    },
    # A row of the table of layers.
    "layers": {"batchNorm()": {"x": tensor(x), "parameters": variables(layer), "y": tensor(evaluated)}},
}
(Path(__file__).parent / "batch-norm.json").write_text(json.dumps(content) + "\n")
