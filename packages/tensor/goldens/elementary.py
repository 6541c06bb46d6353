# /// script
# requires-python = ">=3.11"
# dependencies = ["mpmath==1.4.1", "numpy==2.4.6"]
# ///
"""Writes elementary.json: arguments, correctly rounded values (mpmath) and, for log, sin and cos, NumPy's values.

Run on x86-64 Linux with glibc >= 2.28 and a processor with FMA but not AVX-512 (there NumPy calls the C library):
uv run elementary.py  (or python3 with these versions)
"""

import json
import platform
from pathlib import Path

import mpmath
import numpy as np

mpmath.mp.prec = 1400
rng = np.random.RandomState(0)
PI = np.pi


def join(*parts):
    return np.concatenate([np.asarray(part, dtype=float) for part in parts])


def sign(values):
    return values * rng.choice([-1, 1], len(values))


def magnitudes(low, high, count):
    return 10.0 ** rng.uniform(low, high, count)


ARGUMENTS = {
    "exp": join(rng.uniform(-10, 10, 60), rng.uniform(-708, 709, 30), sign(magnitudes(-20, 0, 20)), rng.uniform(-745, -708, 10)),
    "tanh": join(rng.uniform(-5, 5, 60), sign(rng.uniform(0.05, 0.2, 40)), sign(magnitudes(-20, 1.3, 40)), [0.0625, 19.0, 19.2, 400]),
    "log": join(rng.uniform(0, 1, 60), rng.uniform(0.9, 1.1, 40), 1 + sign(magnitudes(-15, -1, 20)), magnitudes(-323, 308, 40)),
    "sin": join(np.linspace(0, PI, 41), rng.uniform(-8, 8, 60), sign(magnitudes(-12, 8, 20)), magnitudes(9, 308, 10)),
    "cos": join(np.linspace(0, PI, 41), rng.uniform(-8, 8, 60), sign(magnitudes(-12, 8, 20)), magnitudes(9, 308, 10)),
}
# Scanned for arguments at which NumPy is not correctly rounded: 20 of each join the list.
SEARCHED = {"log": rng.rand(200_000), "sin": np.linspace(0, PI, 100_000), "cos": np.linspace(0, PI, 100_000)}


def rounded(function, x):
    return float(getattr(mpmath, function)(mpmath.mpf(float(x))))


def hard(function, count=20):
    found = []
    for x in SEARCHED[function]:
        with mpmath.workprec(120):
            if rounded(function, x) != getattr(np, function)(x):
                found.append(x)
        if len(found) == count:
            break
    return found


golden = {"numpy": np.__version__, "mpmath": mpmath.__version__, "libc": "-".join(platform.libc_ver()), "functions": {}}
for name, x in ARGUMENTS.items():
    if name in SEARCHED:
        x = join(x, hard(name))
    entry = {"x": x.tolist(), "rounded": [rounded(name, value) for value in x]}
    if name in SEARCHED:
        entry["numpy"] = getattr(np, name)(x).tolist()
    golden["functions"][name] = entry
Path(__file__).with_suffix(".json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
