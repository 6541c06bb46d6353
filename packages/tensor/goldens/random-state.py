# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6"]
# ///
"""Writes random-state.json: draws of numpy.random.RandomState, as shortest decimals that read back to the same bits.

Run: uv run random-state.py  (or python3 with numpy 2.4.6)
"""

import json
from pathlib import Path

import numpy as np

SEEDS = [0, 1, 42, 12345, 2**32 - 1]
RANGES = [(1, None), (2, None), (10, None), (255, None), (256, None), (65536, None), (2**31 - 1, None), (-5, 12)]
COUNTS = [0, 1, 2, 3, 7, 16, 65]


def cases(seed):
    def draw(method, *args, **options):
        return getattr(np.random.RandomState(seed), method)(*args, **options).ravel().tolist()

    yield {"method": "rand", "args": [2, 3], "values": draw("rand", 2, 3)}
    yield {"method": "randn", "args": [7], "values": draw("randn", 7)}
    normal = {"loc": -1.5, "scale": 0.2, "size": [3, 3]}
    yield {"method": "normal", "args": [normal], "values": draw("normal", **normal)}
    uniform = {"low": -0.3, "high": 7.1, "size": 5}
    yield {"method": "uniform", "args": [uniform], "values": draw("uniform", **uniform)}
    for low, high in RANGES:
        yield {"method": "randint", "args": [low, high, 12], "values": draw("randint", low, high, 12)}
    full = [-(2**31), 2**31, 4]
    yield {"method": "randint", "args": full, "values": draw("randint", *full)}
    for count in COUNTS:
        yield {"method": "permutation", "args": [count], "values": draw("permutation", count)}


def spread(method, seed):
    """Every 997th of 20,000 draws: far enough to renew the state many times."""
    return getattr(np.random.RandomState(seed), method)(20_000)[::997].tolist()


def sequence(seed):
    """Calls on one stream: the second number of a normal pair outlives whatever is drawn between."""
    state = np.random.RandomState(seed)
    letters = list("abcdefghijk")
    first = state.randn(3).tolist()
    state.shuffle(letters)
    return {
        "randn": first,
        "shuffled": letters,
        "randint": state.randint(0, 100, 5).tolist(),
        "normal": state.normal(10, 2, 4).tolist(),
        "rand": state.rand(2).tolist(),
    }


def state_after(seed):
    """get_state() in the middle of a generation and of a normal pair, and what follows."""
    state = np.random.RandomState(seed)
    state.randn(401)
    _, key, pos, has_gauss, cached = state.get_state()
    return {
        "state": {"key": key.tolist(), "pos": int(pos), "hasGauss": int(has_gauss), "cachedGaussian": float(cached)},
        "next": state.randn(5).tolist(),
    }


golden = {
    "numpy": np.__version__,
    "seeds": [
        {
            "seed": seed,
            "cases": list(cases(seed)),
            "spread": {"rand": spread("rand", seed), "randn": spread("randn", seed)},
            "sequence": sequence(seed),
        }
        for seed in SEEDS
    ],
    "stateAfter401Normals": {"seed": 12345, **state_after(12345)},
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
