// The float32 functions on numbers, for reference loops: the bits of the kernels, as both are written from one source.
// Written by goldens/float32-scalar.ts from exp.ts, log.ts, tanh.ts and sigmoid.ts, where the reasons stand: do not edit.

const { fround } = Math;
const float = new Float32Array(1);
const integer = new Int32Array(float.buffer);

function bitsOf(x: number): number {
  float[0] = x;
  return integer[0]!;
}

function floatOf(bits: number): number {
  integer[0] = bits;
  return float[0]!;
}

/** e^x of a float32, within 1.01 units in the last place. */
export function exp32(x: number): number {
  const v1 = 89 < x ? 89 : x;
  const v2 = v1 < -105 ? -105 : v1;
  const v3 = fround(v2 * 1.4426950216293335);
  const v4 = fround(v3 + 12583166);
  const v5 = v4 - 12583166;
  const v6 = v5 * 0.693145751953125;
  const v7 = v2 - v6;
  const v8 = fround(v5 * 0.000001428606765330187);
  const v9 = fround(v7 - v8);
  const v10 = fround(0.0013870224356651306 * v9);
  const v11 = fround(v10 + 0.008366258814930916);
  const v12 = fround(v11 * v9);
  const v13 = fround(v12 + 0.04166743904352188);
  const v14 = fround(v13 * v9);
  const v15 = fround(v14 + 0.1666654646396637);
  const v16 = fround(v15 * v9);
  const v17 = fround(v16 + 0.4999999701976776);
  const v18 = fround(v9 * v9);
  const v19 = fround(v18 * v17);
  const v20 = fround(v9 + v19);
  const v21 = fround(1 + v20);
  const v22 = bitsOf(v4);
  const v23 = v22 >> 1;
  const v24 = v23 << 23;
  const v25 = floatOf(v24);
  const v26 = (v22 - v23) | 0;
  const v27 = v26 << 23;
  const v28 = floatOf(v27);
  const v29 = v21 * v25;
  const v30 = fround(v29 * v28);
  return v30;
}

/** The natural logarithm of a float32, within 0.83 units in the last place. */
export function log32(x: number): number {
  const v1 = x < 1.1754943508222875e-38;
  const v2 = x * 16777216;
  const v3 = v1 ? v2 : x;
  const v4 = bitsOf(v3);
  const v5 = (v4 - 1060439283) | 0;
  const v6 = v5 >> 23;
  const v7 = v1 ? -24 : 0;
  const v8 = fround(v6 + v7);
  const v9 = v6 << 23;
  const v10 = (v4 - v9) | 0;
  const v11 = floatOf(v10);
  const v12 = v11 - 1;
  const v13 = fround(0.06749299168586731 * v12);
  const v14 = fround(v13 + -0.1167011484503746);
  const v15 = fround(v14 * v12);
  const v16 = fround(v15 + 0.11883548647165298);
  const v17 = fround(v16 * v12);
  const v18 = fround(v17 + -0.12406232953071594);
  const v19 = fround(v18 * v12);
  const v20 = fround(v19 + 0.14220358431339264);
  const v21 = fround(v20 * v12);
  const v22 = fround(v21 + -0.16667988896369934);
  const v23 = fround(v22 * v12);
  const v24 = fround(v23 + 0.2000207155942917);
  const v25 = fround(v24 * v12);
  const v26 = fround(v25 + -0.25000008940696716);
  const v27 = fround(v26 * v12);
  const v28 = fround(v27 + 0.3333331346511841);
  const v29 = fround(v12 * v12);
  const v30 = fround(v29 * v12);
  const v31 = fround(v30 * v28);
  const v32 = fround(v8 * 0.000001428606765330187);
  const v33 = fround(v31 + v32);
  const v34 = fround(v29 * 0.5);
  const v35 = fround(v33 - v34);
  const v36 = v8 * 0.693145751953125;
  const v37 = fround(v12 + v35);
  const v38 = fround(v36 + v37);
  const v39 = x < 0;
  const v40 = v39 ? Number.NaN : Number.NEGATIVE_INFINITY;
  const v41 = 0 < x;
  const v42 = v41 ? v38 : v40;
  const v43 = x < Number.POSITIVE_INFINITY;
  const v44 = v43 ? v42 : x;
  return v44;
}

/** The hyperbolic tangent of a float32, within 2.15 units in the last place. */
export function tanh32(x: number): number {
  const v1 = -Math.abs(x);
  const v2 = v1 * 2;
  const v3 = v2 < -20 ? -20 : v2;
  const v4 = fround(v3 * 1.4426950216293335);
  const v5 = fround(v4 + 12583039);
  const v6 = v5 - 12583039;
  const v7 = bitsOf(v5);
  const v8 = v7 << 23;
  const v9 = floatOf(v8);
  const v10 = v6 * 0.693145751953125;
  const v11 = v3 - v10;
  const v12 = fround(v6 * 0.000001428606765330187);
  const v13 = fround(v11 - v12);
  const v14 = fround(0.0013870224356651306 * v13);
  const v15 = fround(v14 + 0.008366258814930916);
  const v16 = fround(v15 * v13);
  const v17 = fround(v16 + 0.04166743904352188);
  const v18 = fround(v17 * v13);
  const v19 = fround(v18 + 0.1666654646396637);
  const v20 = fround(v19 * v13);
  const v21 = fround(v20 + 0.4999999701976776);
  const v22 = fround(v13 * v13);
  const v23 = fround(v22 * v21);
  const v24 = fround(v13 + v23);
  const v25 = v9 * v24;
  const v26 = fround(v9 + v25);
  const v27 = fround(1 - v9);
  const v28 = fround(v27 - v25);
  const v29 = v28 * 0.5;
  const v30 = fround(1 + v26);
  const v31 = fround(v28 / v30);
  const v32 = fround(v29 * v31);
  const v33 = fround(v29 + v32);
  const v34 = floatOf(bitsOf(v33) | (bitsOf(x) & -2147483648));
  return v34;
}

/** 1 / (1 + e^−x) of a float32, within 2.41 units in the last place. */
export function sigmoid32(x: number): number {
  const v1 = -Math.abs(x);
  const v2 = v1 < -105 ? -105 : v1;
  const v3 = fround(v2 * 1.4426950216293335);
  const v4 = fround(v3 + 12583166);
  const v5 = v4 - 12583166;
  const v6 = v5 * 0.693145751953125;
  const v7 = v2 - v6;
  const v8 = fround(v5 * 0.000001428606765330187);
  const v9 = fround(v7 - v8);
  const v10 = fround(0.0013870224356651306 * v9);
  const v11 = fround(v10 + 0.008366258814930916);
  const v12 = fround(v11 * v9);
  const v13 = fround(v12 + 0.04166743904352188);
  const v14 = fround(v13 * v9);
  const v15 = fround(v14 + 0.1666654646396637);
  const v16 = fround(v15 * v9);
  const v17 = fround(v16 + 0.4999999701976776);
  const v18 = fround(v9 * v9);
  const v19 = fround(v18 * v17);
  const v20 = fround(v9 + v19);
  const v21 = fround(1 + v20);
  const v22 = bitsOf(v4);
  const v23 = v22 >> 1;
  const v24 = v23 << 23;
  const v25 = floatOf(v24);
  const v26 = (v22 - v23) | 0;
  const v27 = v26 << 23;
  const v28 = floatOf(v27);
  const v29 = v21 * v25;
  const v30 = fround(v29 * v28);
  const v31 = bitsOf(x) >> 31;
  const v32 = floatOf((bitsOf(v30) & v31) | (bitsOf(1) & ~v31));
  const v33 = fround(1 + v30);
  const v34 = fround(v32 / v33);
  return v34;
}
