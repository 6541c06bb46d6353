"""Writes ../src/math/log-table.ts: the constants of the C library's log on this machine (x86-64 Linux, glibc >= 2.28).

Run: python3 log-table.py
The constants are those of Arm's optimized routines (Copyright (c) 2018 Arm Limited, MIT licence), which glibc carries.
Checks that each logarithm is -log(inverse) to a multiple of 2^-43, so a misread table cannot pass.
"""

import ctypes
import math
import struct
import textwrap
from pathlib import Path

ctypes.CDLL("libm.so.6")
library = next(line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "libm.so" in line)
content = Path(library).read_bytes()

LN2_HIGH, LN2_LOW = float.fromhex("0x1.62e42fefa3800p-1"), float.fromhex("0x1.ef35793c76730p-45")
start = content.index(struct.pack("<2d", LN2_HIGH, LN2_LOW) + struct.pack("<d", float.fromhex("-0x1.0000000000001p-1")))
away = struct.unpack_from("<5d", content, start + 16)
near = struct.unpack_from("<11d", content, start + 56)
table = struct.unpack_from("<256d", content, start + 144)

for inverse, logarithm in zip(table[::2], table[1::2]):
    assert abs(-math.log(inverse) - logarithm) < 2.0**-43, (inverse, logarithm)
    assert (logarithm * 2.0**43).is_integer()


def rows(values):
    """As the formatter lays numbers out."""
    text = ", ".join(repr(value) for value in values) + ","
    return textwrap.fill(text, 120, initial_indent="  ", subsequent_indent="  ") + "\n"


text = f"""// Constants of log, written by goldens/log-table.py: do not edit.
// Those of Arm's optimized routines, Copyright (c) 2018 Arm Limited, MIT licence.

/** ln 2 = high + low; `high` ends in zeros, so that a whole multiple of it is exact. */
export const ln2High = {LN2_HIGH!r};
export const ln2Low = {LN2_LOW!r};

/** log(1 + r) = r + Σ away[i]·r^(i+2), |r| < 2^-8. */
export const awayFromOne = [
{rows(away)}] as const;

/** log(1 + r) = r + Σ near[i]·r^(i+2), -1/16 ≤ r < 0.0647. */
export const nearOne = [
{rows(near)}] as const;

/** Pairs 1/c, log(c): c about the middle of the i-th of 128 parts of [0.6875, 1.375). */
export const inversesAndLogs: readonly number[] = [
{rows(table)}];
"""
target = Path(__file__).parent.parent / "src" / "math" / "log-table.ts"
target.write_text(text)
