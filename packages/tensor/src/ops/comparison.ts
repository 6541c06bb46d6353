/** Comparisons, element by element with broadcasting; 1 where they hold and 0 elsewhere, in uint8. NaN compares false. */

import { type Comparison, comparison } from "./elementwise.ts";

/** a = b. */
export const equal: Comparison<"equal"> = comparison("equal", (a, b) => a === b);
/** a ≠ b; true for NaN. */
export const notEqual: Comparison<"notEqual"> = comparison("notEqual", (a, b) => a !== b);
/** a < b. */
export const less: Comparison<"less"> = comparison("less", (a, b) => a < b);
/** a ≤ b. */
export const lessEqual: Comparison<"lessEqual"> = comparison("lessEqual", (a, b) => a <= b);
/** a > b. */
export const greater: Comparison<"greater"> = comparison("greater", (a, b) => a > b);
/** a ≥ b. */
export const greaterEqual: Comparison<"greaterEqual"> = comparison("greaterEqual", (a, b) => a >= b);
