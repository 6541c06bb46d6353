/** The float64 product, which skips zeros, against the sum that defines it, bit for bit. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { fromArray, matmul } from "../index.ts";

function byDefinition(a: Float64Array, b: Float64Array, [m, k, n]: readonly [number, number, number]): Float64Array {
  const y = new Float64Array(m * n);
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      for (let inner = 0; inner < k; inner++)
        y[row * n + column] = y[row * n + column]! + a[row * k + inner]! * b[inner * n + column]!;
    }
  }
  return y;
}

const usual = fc.double({ min: -1e3, max: 1e3, noNaN: true });
const special = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, -0);
const mostlyZero = fc.oneof(
  { weight: 90, arbitrary: fc.constantFrom(0, -0) },
  { weight: 10, arbitrary: usual },
  { weight: 1, arbitrary: special },
);

test.each([
  ["finite factors", usual],
  [
    "factors that may be infinite or no number",
    fc.oneof({ weight: 99, arbitrary: usual }, { weight: 1, arbitrary: special }),
  ],
])("%s", (_, right) => {
  const sizes = fc.tuple(
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 13 }),
    fc.integer({ min: 1, max: 5 }),
  );
  const products = sizes.chain(([m, k, n]) =>
    fc.tuple(
      fc.constant([m, k, n] as const),
      fc.array(mostlyZero, { minLength: m * k, maxLength: m * k }),
      fc.array(right, { minLength: k * n, maxLength: k * n }),
    ),
  );
  fc.assert(
    fc.property(products, ([[m, k, n], a, b]) => {
      const [x, w] = [Float64Array.from(a), Float64Array.from(b)];
      const actual = matmul(fromArray(x, [m, k]), fromArray(w, [k, n])).data as Float64Array;
      byDefinition(x, w, [m, k, n]).forEach((value, i) => {
        if (!Object.is(actual[i], value)) expect(actual[i]).toBe(value);
      });
    }),
    { numRuns: 400 },
  );
});
