/** Comparisons, element by element with broadcasting; 1 where they hold and 0 elsewhere, in uint8. NaN compares false. */

import { binary, type Comparison } from "./elementwise.ts";

/** a = b. */
export const equal: Comparison<"equal"> = compare("equal", (a, b) => a === b);
/** a ≠ b; true for NaN. */
export const notEqual: Comparison<"notEqual"> = compare("notEqual", (a, b) => a !== b);
/** a < b. */
export const less: Comparison<"less"> = compare("less", (a, b) => a < b);
/** a ≤ b. */
export const lessEqual: Comparison<"lessEqual"> = compare("lessEqual", (a, b) => a <= b);
/** a > b. */
export const greater: Comparison<"greater"> = compare("greater", (a, b) => a > b);
/** a ≥ b. */
export const greaterEqual: Comparison<"greaterEqual"> = compare("greaterEqual", (a, b) => a >= b);

function compare<Name extends string>(name: Name, holds: (a: number, b: number) => boolean): Comparison<Name> {
  return binary({ name, value: (a, b) => (holds(a, b) ? 1 : 0), resultDType: "uint8" }) as Comparison<Name>;
}
