import { type ArrayValues, checkConsistent, positionOf } from "./array-values.ts";

export interface GradientCheck {
  /** Step of the central difference, relative to max(1, |xᵢ|); default 1e-5, near the best for float64. */
  readonly epsilon?: number;
  /** Largest allowed error, relative to max(1, |analytic|, |numeric|); default 1e-6. */
  readonly tolerance?: number;
}

/**
 * Compares an analytic gradient of `f` at `x` with central differences `(f(x + h·eᵢ) − f(x − h·eᵢ)) / 2h`, one axis after
 * another. `f` gets the row-major values in float64 (fresh for each call, so it may keep or change them).
 *
 * @returns the largest relative error, for tests that want to state how good the gradient is.
 * @throws Error with the worst position when it is above `tolerance`, and when anything is not finite.
 */
export function checkGradient(
  f: (data: Float64Array) => number,
  x: ArrayValues,
  gradient: ArrayValues,
  options: GradientCheck = {},
): number {
  const { epsilon = 1e-5, tolerance = 1e-6 } = options;
  checkConsistent("checkGradient: x", x);
  checkConsistent("checkGradient: gradient", gradient);
  if (gradient.shape.join() !== x.shape.join()) {
    throw new Error(
      `checkGradient: gradient has shape [${gradient.shape.join(", ")}], x has shape [${x.shape.join(", ")}]`,
    );
  }
  let worst = { error: 0, offset: 0, numeric: 0 };
  for (let i = 0; i < x.data.length; i++) {
    const numeric = centralDifference(f, x.data, i, epsilon);
    const analytic = gradient.data[i] as number;
    const error = Math.abs(analytic - numeric) / Math.max(1, Math.abs(analytic), Math.abs(numeric));
    // A NaN error is no smaller than any tolerance.
    if (Number.isNaN(error)) worst = { error: Number.POSITIVE_INFINITY, offset: i, numeric };
    else if (error > worst.error) worst = { error, offset: i, numeric };
  }
  if (worst.error > tolerance) {
    throw new Error(
      `checkGradient: at ${positionOf(worst.offset, x.shape)} the gradient is ${gradient.data[worst.offset]}, ` +
        `central differences give ${worst.numeric}; relative error ${worst.error} is above ${tolerance}`,
    );
  }
  return worst.error;
}

function centralDifference(
  f: (data: Float64Array) => number,
  data: ArrayLike<number>,
  i: number,
  epsilon: number,
): number {
  const at = data[i] as number;
  const h = epsilon * Math.max(1, Math.abs(at));
  const [above, below] = [Float64Array.from(data), Float64Array.from(data)];
  above[i] = at + h;
  below[i] = at - h;
  // The steps that float64 really took, so that rounding of at ± h is no error of the difference.
  const width = (above[i] as number) - (below[i] as number);
  return (f(above) - f(below)) / width;
}
