# /// script
# requires-python = ">=3.11"
# dependencies = ["mpmath==1.4.1"]
# ///
"""Writes ../src/math/float32/coefficients.ts: the polynomials and split constants of the float32 functions.

Run: uv run float32-minimax.py  (or python3 with this version; half a minute)
Each polynomial is the weighted minimax (Remez exchange on a grid). Its coefficients are rounded to float32 one by one,
lowest first, to the side from which the rest, fitted again, can make up best for the rounding.
"""

import struct
from pathlib import Path

from mpmath import cos, exp, expm1, log, log1p, lu_solve, matrix, mp, mpf, pi, sqrt

mp.dps = 40
POINTS = 1200  # even: the grid leaves out the middle, where weights may be 0


def float32(value):
    return mpf(struct.unpack("<f", struct.pack("<f", float(value)))[0])


def float32_above(value):
    """The next float32 above a float32."""
    bits = struct.unpack("<i", struct.pack("<f", float(value)))[0]
    return mpf(struct.unpack("<f", struct.pack("<i", bits + (1 if value > 0 else -1)))[0])


def float32_below(value):
    """The largest float32 below `value`."""
    nearest = float32(value)
    return nearest if nearest < value else -float32_above(-nearest)


def leading_bits(value, count):
    """`value` rounded to its first `count` bits."""
    scale = mpf(2) ** (count - 1 - int(mp.floor(mp.log(abs(value), 2))))
    return mp.nint(value * scale) / scale


def minimax(target, weight, low, high, count):
    """The `count` coefficients, lowest first, of the polynomial with the smallest largest error times `weight`."""
    grid = [(low + high) / 2 - (high - low) / 2 * cos(pi * (i + mpf(1) / 2) / POINTS) for i in range(POINTS)]
    goal = [target(x) for x in grid]
    weights = [abs(weight(x)) for x in grid]
    picked = [round((POINTS - 1) * i / count) for i in range(count + 1)]
    for _ in range(50):
        system = matrix(count + 1, count + 1)
        right = matrix(count + 1, 1)
        for row, i in enumerate(picked):
            for power in range(count):
                system[row, power] = grid[i] ** power
            system[row, count] = (-1) ** row / weights[i]
            right[row] = goal[i]
        solution = lu_solve(system, right)
        coefficients = list(solution)[:count]
        level = abs(solution[count])
        errors = [(polynomial(coefficients, x) - g) * w for x, g, w in zip(grid, goal, weights)]
        if max(abs(error) for error in errors) <= level * (1 + mpf(10) ** -6):
            return coefficients
        picked = alternating_extrema(errors, count + 1)
    raise ArithmeticError("the exchange does not settle")


def polynomial(coefficients, x):
    return sum(c * x**p for p, c in enumerate(coefficients))


def alternating_extrema(errors, count):
    """The places of `count` errors of alternating sign: the largest of each run of one sign, less the smallest runs."""
    runs = []
    for i, error in enumerate(errors):
        if not runs or (errors[runs[-1]] > 0) != (error > 0):
            runs.append(i)
        elif abs(error) > abs(errors[runs[-1]]):
            runs[-1] = i
    while len(runs) > count:
        last = len(runs) - 1
        at = min([0, last] if len(runs) == count + 1 else range(last + 1), key=lambda run: abs(errors[runs[run]]))
        if 0 < at < last:  # its neighbours become one run
            runs[at - 1 : at + 2] = [max(runs[at - 1], runs[at + 1], key=lambda i: abs(errors[i]))]
        else:
            runs.pop(at)
    assert len(runs) == count, (len(runs), count)
    return runs


def rounded_minimax(target, weight, low, high, degree):
    fixed, rest = [], fit(target, weight, low, high, [], degree)[0]
    while rest:
        below = float32_below(rest[0])
        choices = [fit(target, weight, low, high, [*fixed, c], degree) + (c,) for c in (below, float32_above(below))]
        rest, largest, chosen = min(choices, key=lambda choice: choice[1])
        fixed.append(chosen)
    return fixed, largest


def fit(target, weight, low, high, fixed, degree):
    """The coefficients that follow `fixed`, and the largest weighted error of the whole."""
    start = len(fixed)
    rest = []
    if start <= degree:
        rest = minimax(
            lambda x: (target(x) - polynomial(fixed, x)) / x**start,
            lambda x: weight(x) * x**start,
            low,
            high,
            degree + 1 - start,
        )
    grid = [low + (high - low) * (i + mpf(1) / 2) / 1000 for i in range(1000)]
    return rest, max(abs((polynomial([*fixed, *rest], x) - target(x)) * weight(x)) for x in grid)


def patched(formula, series):
    """`formula`, and its Taylor series where cancellation would spoil it."""
    return lambda x: series(x) if abs(x) < mpf(10) ** -8 else formula(x)


LN2 = log(2)
GROWTH = rounded_minimax(
    patched(lambda r: (expm1(r) - r) / r**2, lambda r: mpf(1) / 2 + r / 6),
    patched(lambda r: r**2 / expm1(r), lambda r: r),
    -LN2 / 2 - mpf(2) ** -14,
    LN2 / 2 + mpf(2) ** -14,
    4,
)
LOG = rounded_minimax(
    patched(lambda f: (log1p(f) - f + f**2 / 2) / f**3, lambda f: mpf(1) / 3 - f / 4),
    patched(lambda f: f**3 / log1p(f), lambda f: f**2),
    sqrt(mpf(1) / 2) - 1,
    sqrt(mpf(2)) - 1,
    8,
)


def number(value):
    return repr(float(value))


def rows(values):
    return "".join(f"  {number(value)},\n" for value in values)


def power(error):
    return f"2^{float(mp.log(error, 2)):.1f}"


high = leading_bits(LN2, 16)
text = f"""// Constants of the float32 functions, written by goldens/float32-minimax.py: do not edit. Each is exactly a float32.

/** 1 / ln 2. */
export const inverseLn2 = {number(float32(1 / LN2))};
/** ln 2 = high + low; `high` has 16 bits, so that a multiple of it by up to 255 is exact. */
export const ln2High = {number(high)};
export const ln2Low = {number(float32(LN2 - high))};

/** e^r − 1 = r + r²·(Σ growth[i]·r^i) for |r| ≤ ln 2 / 2, within {power(GROWTH[1])} of itself. */
export const growth = [
{rows(GROWTH[0])}] as const;

/** log(1 + f) = f − f²/2 + f³·(Σ logarithm[i]·f^i) for √½ ≤ 1 + f ≤ √2, within {power(LOG[1])} of itself. */
export const logarithm = [
{rows(LOG[0])}] as const;
"""
(Path(__file__).parent.parent / "src" / "math" / "float32" / "coefficients.ts").write_text(text)
