/**
 * What runs leave in their logs for the report: kinds of records, each with a writer and a reader. Runs anywhere. The scalars
 * of any metric are `curves`; a kind of array is one of `recordKinds`, or one's own by `defineRecord`.
 */

import { boundary, points } from "./records/boundary.ts";
import { confusion } from "./records/confusion.ts";
import { predictions } from "./records/predictions.ts";

export {
  type BoundaryFrame,
  type BoundarySetting,
  boundary,
  type Extent,
  type Point,
  points,
} from "./records/boundary.ts";
export type { ClassNames } from "./records/class-names.ts";
export { type ConfusionCounts, confusion } from "./records/confusion.ts";
export { type CurveRecord, curves, metricOrder } from "./records/curves.ts";
export { type Prediction, type PredictionsSetting, predictions } from "./records/predictions.ts";
export {
  defineRecord,
  type RecordDefinition,
  type Recorded,
  type RecordedAt,
  type RecordKind,
} from "./records/record.ts";

/** All kinds of arrays: each is named in a run's configuration where the run has it. */
export const recordKinds: readonly { readonly name: string; readonly shape: string }[] = [
  boundary,
  points,
  confusion,
  predictions,
];
