/** The ranges that options of several optimisers have. */

import { ArgumentError } from "@nn/tensor";

/** Throws unless 0 ≤ value < 1. */
export function checkFraction(operation: string, name: string, value: number): void {
  if (typeof value === "number" && value >= 0 && value < 1) return;
  throw new ArgumentError({
    operation,
    received: `${name} ${String(value)}`,
    expected: "a number from 0 up to, not including, 1",
  });
}

/** Throws unless value is finite and at least 0. */
export function checkAmount(operation: string, name: string, value: number): void {
  if (typeof value === "number" && value >= 0 && value < Number.POSITIVE_INFINITY) return;
  throw new ArgumentError({
    operation,
    received: `${name} ${String(value)}`,
    expected: "a finite number of at least 0",
  });
}
