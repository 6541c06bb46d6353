const view = new DataView(new ArrayBuffer(8));

/**
 * How many representable numbers lie between `a` and `b`: 0 when they are the same number (−0 and 0 are, two NaNs are),
 * 1 for neighbours, `Infinity` when exactly one is NaN. Float32 inputs are rounded to float32 first.
 */
export function ulpDistance(a: number, b: number, dtype: "float64" | "float32" = "float64"): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY;
  const rank = dtype === "float64" ? rankFloat64 : rankFloat32;
  const distance = rank(a) - rank(b);
  return Number(distance < 0n ? -distance : distance);
}

// Sign and magnitude bits read as an integer count representable numbers from zero, so ranks are in the numbers' order.

function rankFloat64(x: number): bigint {
  view.setFloat64(0, x);
  const bits = view.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
}

function rankFloat32(x: number): bigint {
  view.setFloat32(0, x);
  const bits = view.getInt32(0);
  return BigInt(bits < 0 ? -(bits & 0x7fff_ffff) : bits);
}
