/** Which classes of the test part are taken for which. */

import { type ClassNames, parseClassNames } from "./class-names.ts";
import { defineRecord, type RecordKind } from "./record.ts";

/** counts[trueClass][predictedClass] */
export interface ConfusionCounts {
  readonly counts: readonly (readonly number[])[];
}

/** `[K, K]`: rows true, columns predicted. Its setting is the classes' names. */
export const confusion: RecordKind<ConfusionCounts, ClassNames> = defineRecord({
  name: "confusion",
  split: "test",
  shape: "[K, K]",
  parseSetting: parseClassNames,
  encode: ({ counts }: ConfusionCounts) => ({ shape: [counts.length, counts.length], data: counts.flat() }),
  decode({ shape: [size, columns, ...more], data }, { length }) {
    if (size !== length || columns !== length || more.length > 0) return undefined;
    return { counts: Array.from({ length }, (_, row) => [...data.subarray(row * length, (row + 1) * length)]) };
  },
});
