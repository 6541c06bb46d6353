/** What a model says of some images of the test part. */

import { type ClassNames, parseClassNames } from "./class-names.ts";
import { defineRecord, type RecordKind } from "./record.ts";

export interface PredictionsSetting {
  /** Of the images, in pixels. */
  readonly height: number;
  readonly width: number;
  readonly classNames: ClassNames;
}

/** One image with its label and the predicted class. */
export interface Prediction {
  /** Number of the true class. */
  readonly label: number;
  /** Number of the predicted class. */
  readonly predicted: number;
  /** Of the predicted class, 0 … 1. */
  readonly probability: number;
  /** Brightness 0 … 255, row after row: height · width values. */
  readonly pixels: ArrayLike<number>;
}

/** `[m, 3 + height · width]`: true class, predicted class, its probability, pixels. */
export const predictions: RecordKind<{ readonly samples: readonly Prediction[] }, PredictionsSetting> = defineRecord({
  name: "predictions",
  split: "test",
  shape: "[m, 3 + height · width]",
  parseSetting(value) {
    const { height, width, classNames } = (value ?? {}) as Record<string, unknown>;
    const names = parseClassNames(classNames);
    return isSize(height) && isSize(width) && names ? { height, width, classNames: names } : undefined;
  },
  encode({ samples }: { readonly samples: readonly Prediction[] }) {
    const width = 3 + (samples[0]?.pixels.length ?? 0);
    const data = new Float32Array(samples.length * width);
    samples.forEach(({ label, predicted, probability, pixels }, i) => {
      data.set([label, predicted, probability], i * width);
      data.set(pixels, i * width + 3);
    });
    return { shape: [samples.length, width], data };
  },
  decode({ shape: [count, columns, ...more], data }, { height, width }) {
    if (count === undefined || columns !== 3 + height * width || more.length > 0) return undefined;
    const samples = Array.from({ length: count }, (_, i): Prediction => {
      const row = data.subarray(i * columns, (i + 1) * columns);
      const [label = 0, predicted = 0, probability = 0] = row;
      return { label, predicted, probability, pixels: row.subarray(3) };
    });
    return { samples };
  },
});

function isSize(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}
