"""Writes value-losses.json: what PyTorch's losses of numbers say of each row, in float64, with their gradients.

Run from this folder, in a virtual environment of Python 3.11:

    pip install torch==1.13.1 "numpy==1.26.4"
    python value-losses.py
"""

import json
from pathlib import Path

import torch

# Differences of 0, below, at and above each delta, on both sides.
TARGETS = torch.tensor([[0.0, 1.0], [-2.0, 0.5], [3.0, -1.0], [0.25, 8.0], [1e-9, -4.0]], dtype=torch.float64)
DIFFERENCES = torch.tensor([[0.0, 0.5], [-0.5, 1.0], [-1.0, 2.5], [-2.5, 40.0], [1e-9, -1e6]], dtype=torch.float64)

CASES = {
    "meanSquaredError": torch.nn.MSELoss(reduction="none"),
    "meanAbsoluteError": torch.nn.L1Loss(reduction="none"),
    "huber": torch.nn.HuberLoss(reduction="none"),
    "huber, delta 2.5": torch.nn.HuberLoss(reduction="none", delta=2.5),
}


def run(loss):
    outputs = (TARGETS + DIFFERENCES).requires_grad_()
    losses = loss(outputs, TARGETS).mean(dim=1)
    losses.mean().backward()
    return {"losses": losses.tolist(), "gradient": outputs.grad.ravel().tolist()}


if __name__ == "__main__":
    content = {
        "outputs": (TARGETS + DIFFERENCES).ravel().tolist(),
        "targets": TARGETS.ravel().tolist(),
        "shape": list(TARGETS.shape),
        "cases": {name: run(loss) for name, loss in CASES.items()},
    }
    (Path(__file__).parent / "value-losses.json").write_text(json.dumps(content) + "\n")
