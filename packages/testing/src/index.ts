/**
 * Checks that the packages' tests share. Takes structural `{ shape, data }`, so that it can test @nn/tensor without
 * importing it; knows no test runner either: a failed check throws.
 */
export type { ArrayValues } from "./array-values.ts";
export { checkGradient, type GradientCheck } from "./check-gradient.ts";
export { type Closeness, expectAllClose } from "./expect-all-close.ts";
export { ulpDistance } from "./ulp-distance.ts";
