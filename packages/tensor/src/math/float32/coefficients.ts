// Constants of the float32 functions, written by goldens/float32-minimax.py: do not edit. Each is exactly a float32.

/** 1 / ln 2. */
export const inverseLn2 = 1.4426950216293335;
/** ln 2 = high + low; `high` has 16 bits, so that a multiple of it by up to 255 is exact. */
export const ln2High = 0.693145751953125;
export const ln2Low = 1.428606765330187e-6;

/** e^r − 1 = r + r²·(Σ growth[i]·r^i) for |r| ≤ ln 2 / 2, within 2^-26.1 of itself. */
export const growth = [
  0.4999999701976776, 0.1666654646396637, 0.04166743904352188, 0.008366258814930916, 0.0013870224356651306,
] as const;

/** log(1 + f) = f − f²/2 + f³·(Σ logarithm[i]·f^i) for √½ ≤ 1 + f ≤ √2, within 2^-30.3 of itself. */
export const logarithm = [
  0.3333331346511841, -0.25000008940696716, 0.2000207155942917, -0.16667988896369934, 0.14220358431339264,
  -0.12406232953071594, 0.11883548647165298, -0.1167011484503746, 0.06749299168586731,
] as const;
