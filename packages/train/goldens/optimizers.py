"""Writes optimizers.json: what PyTorch's optimisers do to three parameters over 20 steps, in float32 and float64.

Run from this folder, in a virtual environment of Python 3.11:

    pip install torch==1.13.1 "numpy==1.26.4"
    python optimizers.py

The gradient of every step is given, so that only the rule is tested. No parameter comes near 0, where a distance in
units of the last place says nothing. float32 values are written as the float64 numbers that they are.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch

STEPS = 20
KEPT = [1, 2, 5, 10, 20]
SHAPES = {"dense1.weight": (3, 2), "dense1.bias": (2,), "dense2.weight": (2, 2)}

random = np.random.RandomState(11)


def away_from_zero(shape):
    return np.sign(random.randn(*shape)) * random.uniform(1, 2, shape)


INITIAL = {name: away_from_zero(shape).astype(np.float32) for name, shape in SHAPES.items()}
GRADIENTS = [
    {name: random.randn(*shape).astype(np.float32) for name, shape in SHAPES.items()} for _ in range(STEPS)
]


def cosine(step, peak=0.02, warmup=5, end=0.002, steps=STEPS):
    """The formula of cosine's doc comment."""
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    p = min((step - warmup) / (steps - warmup), 1)
    return end + (peak - end) * (1 + math.cos(math.pi * p)) / 2


def of_all(make):
    return lambda named: (make(list(named.values())), None, None)


def scheduled(named):
    optimizer = torch.optim.AdamW(list(named.values()), lr=1.0, weight_decay=0.1)
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, cosine), None


def clipped(named):
    return torch.optim.SGD(list(named.values()), lr=0.02, momentum=0.9), None, 1.5


def sgd_groups(named):
    first = [value for name, value in named.items() if name.startswith("dense1.")]
    rest = [value for name, value in named.items() if not name.startswith("dense1.")]
    groups = [
        {"params": first, "lr": 0.005, "momentum": 0.9},
        {"params": rest, "lr": 0.02, "momentum": 0.5, "nesterov": True},
    ]
    return torch.optim.SGD(groups, lr=1.0), None, None


def decay_groups(named):
    biases = [value for name, value in named.items() if name.endswith(".bias")]
    rest = [value for name, value in named.items() if not name.endswith(".bias")]
    groups = [{"params": biases, "weight_decay": 0.0}, {"params": rest, "weight_decay": 0.2}]
    return torch.optim.AdamW(groups, lr=0.01), None, None


CASES = {
    "sgd": of_all(lambda all: torch.optim.SGD(all, lr=0.01)),
    "momentum": of_all(lambda all: torch.optim.SGD(all, lr=0.005, momentum=0.9)),
    "nesterov": of_all(lambda all: torch.optim.SGD(all, lr=0.005, momentum=0.9, nesterov=True)),
    "adam": of_all(lambda all: torch.optim.Adam(all, lr=0.01)),
    "adam, other moments": of_all(lambda all: torch.optim.Adam(all, lr=0.01, betas=(0.8, 0.95), eps=1e-3)),
    "adam, weightDecay": of_all(lambda all: torch.optim.Adam(all, lr=0.01, weight_decay=0.1)),
    "adamW": of_all(lambda all: torch.optim.AdamW(all, lr=0.01, weight_decay=0.1)),
    "cosine": scheduled,
    "clipByGlobalNorm": clipped,
    "groups": sgd_groups,
    "groups, decay": decay_groups,
}


def run(make, dtype):
    named = {name: torch.tensor(value, dtype=dtype, requires_grad=True) for name, value in INITIAL.items()}
    optimizer, scheduler, max_norm = make(named)
    kept = {}
    for step in range(1, STEPS + 1):
        for name, value in named.items():
            value.grad = torch.tensor(GRADIENTS[step - 1][name], dtype=dtype)
        if max_norm is not None:
            torch.nn.utils.clip_grad_norm_(list(named.values()), max_norm)
        optimizer.step()
        if scheduler is not None:
            scheduler.step()
        if step in KEPT:
            kept[step] = plain({name: value.detach().numpy() for name, value in named.items()})
    return kept


def plain(record):
    return {name: value.astype(np.float64).ravel().tolist() for name, value in record.items()}


if __name__ == "__main__":
    content = {
        "shapes": {name: list(shape) for name, shape in SHAPES.items()},
        "initial": plain(INITIAL),
        "gradients": [plain(gradient) for gradient in GRADIENTS],
        "cases": {
            name: {"float32": run(make, torch.float32), "float64": run(make, torch.float64)}
            for name, make in CASES.items()
        },
    }
    (Path(__file__).parent / "optimizers.json").write_text(json.dumps(content) + "\n")
