/** The scalars of a transform that is made of several: each part's have the part's name before them, `"adam.correction1"`. */

import type { Moment } from "../schedules/schedule.ts";
import { withoutPrefix } from "../without-prefix.ts";
import type { Scalars, ScalarTensors, Transform } from "./transform.ts";

/** A transform and its name among the others. */
export type Part = readonly [name: string, transform: Transform];

/** The scalars of all `parts` at one moment. */
export function joinScalars(parts: readonly Part[], moment: Moment): Scalars {
  const all: { [name: string]: number } = {};
  for (const [part, transform] of parts) {
    for (const [name, value] of Object.entries(transform.scalars?.(moment) ?? {})) all[`${part}.${name}`] = value;
  }
  return all;
}

/** Those of the part named `part`, as it named them. */
export function scalarsOf(all: ScalarTensors, part: string): ScalarTensors {
  return withoutPrefix(all, `${part}.`);
}
