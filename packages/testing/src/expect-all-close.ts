import { type ArrayValues, checkConsistent, positionOf } from "./array-values.ts";

/** How far two values may be apart: `|actual − expected| ≤ atol + rtol · |expected|`, as in NumPy's `allclose`. */
export interface Closeness {
  /** Relative tolerance, default 1e-6. */
  readonly rtol?: number;
  /** Absolute tolerance, default 0. */
  readonly atol?: number;
}

/**
 * Passes when the shapes are equal and every value is close; NaN is close to NaN only, an infinity to itself only.
 * `{ rtol: 0, atol: 0 }` asks for equal numbers.
 *
 * @throws Error naming how many values are off, and the worst one's position.
 */
export function expectAllClose(actual: ArrayValues, expected: ArrayValues, options: Closeness = {}): void {
  const { rtol = 1e-6, atol = 0 } = options;
  const [actualShape, expectedShape] = [actual.shape.join(", "), expected.shape.join(", ")];
  if (actualShape !== expectedShape) {
    throw new Error(`expectAllClose: actual has shape [${actualShape}], expected has shape [${expectedShape}]`);
  }
  checkConsistent("expectAllClose: actual", actual);
  checkConsistent("expectAllClose: expected", expected);

  let wrong = 0;
  let worst = { offset: 0, excess: Number.NEGATIVE_INFINITY };
  for (let i = 0; i < expected.data.length; i++) {
    const [a, e] = [actual.data[i] as number, expected.data[i] as number];
    if (a === e || (Number.isNaN(a) && Number.isNaN(e))) continue;
    const difference = Math.abs(a - e);
    const excess = Number.isFinite(difference) ? difference - (atol + rtol * Math.abs(e)) : Number.POSITIVE_INFINITY;
    if (excess <= 0) continue;
    wrong++;
    if (excess > worst.excess) worst = { offset: i, excess };
  }
  if (wrong === 0) return;
  const [a, e] = [actual.data[worst.offset] as number, expected.data[worst.offset] as number];
  throw new Error(
    `expectAllClose: ${wrong} of ${expected.data.length} values differ (rtol ${rtol}, atol ${atol}); ` +
      `the worst, at ${positionOf(worst.offset, expected.shape)}: actual ${a}, expected ${e}, apart ${Math.abs(a - e)}`,
  );
}
