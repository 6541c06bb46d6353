/** Whether data belong to a model, and validation data to the training data: at run time and for the compiler. */

import {
  checkTarget,
  type FormatTarget,
  formatShapes,
  formatTarget,
  type Model,
  type Shapes,
  type Target,
} from "@nn/model";
import { ArgumentError, type FormatShape, type Mismatch, type Shape, ShapeError } from "@nn/tensor";
import { checkInteger, checkMembers, formatValue } from "@nn/tensor/arguments";
import type { TrainingData } from "./data.ts";

/** Throws unless `data` has rows of the model's input. */
export function checkData(operation: string, model: Model, data: TrainingData): void {
  checkMembers(operation, "model", model, ["inputShape", "places", "apply"], "a model, made by sequential for example");
  checkMembers(
    operation,
    "data",
    data,
    ["size", "inputShape", "target", "batches"],
    "a dataset: size, inputShape, target, batches",
  );
  if (typeof data.inputShape !== "object" || data.inputShape === null || typeof data.batches !== "function") {
    throw new ArgumentError({
      operation,
      received: `data with inputShape ${formatValue(data.inputShape)} and batches ${formatValue(data.batches)}`,
      expected: "an array of sizes and a function",
    });
  }
  checkInteger(operation, "size of the data", data.size, 0);
  checkTarget(operation, data.target);
  if (formatShapes(data.inputShape) !== formatShapes(model.inputShape)) {
    throw new ShapeError({
      operation,
      received: `data with inputs of shape ${formatShapes(data.inputShape)}`,
      expected: `${formatShapes(model.inputShape)}, the input of the model`,
    });
  }
  if (data.size >= 1) return;
  throw new ArgumentError({ operation, received: "data without rows", expected: "at least 1 row" });
}

/** Throws unless validation data have the target of the training data, and the same names where both have names. */
export function checkSameTarget(by: string, train: Target, validation: Target): void {
  if (formatTarget(train) !== formatTarget(validation)) {
    throw new ShapeError({
      operation: by,
      received: `data of ${formatTarget(validation)}`,
      expected: `${formatTarget(train)}, as in the training data`,
    });
  }
  const [names, others] = [train, validation].map((target) => (target.kind === "values" ? undefined : target.names));
  if (names === undefined || others === undefined) return;
  const label = names.findIndex((name, i) => name !== others[i]);
  if (label < 0) return;
  throw new ArgumentError({
    operation: by,
    received: `data with the name ${JSON.stringify(others[label])} for class ${label}`,
    expected: `${JSON.stringify(names[label])}, as in the training data`,
    fix: "Give both the same class names, in the same order.",
  });
}

/** For the compiler: what `checkData` throws, letter for letter, or nothing. */
export type DataMismatch<Operation extends string, In extends Shapes, DataIn extends Shapes> = In extends Shape
  ? DataIn extends Shape
    ? SameShape<In, DataIn> extends true
      ? Shape
      : Mismatch<`${Operation}: received data with inputs of shape ${FormatShape<DataIn>}; expected ${FormatShape<In>}, the input of the model.`>
    : Shape
  : Shape;

/** Whether two shapes may be the same, as far as the compiler knows them. */
type SameShape<A extends Shape, B extends Shape> = number extends A["length"] | B["length"]
  ? true
  : A extends readonly [infer HeadA extends number, ...infer TailA extends Shape]
    ? B extends readonly [infer HeadB extends number, ...infer TailB extends Shape]
      ? number extends HeadA | HeadB
        ? SameShape<TailA, TailB>
        : HeadA extends HeadB
          ? SameShape<TailA, TailB>
          : false
      : false
    : B extends readonly []
      ? true
      : false;

/** For the compiler: what is thrown for validation data of another target, letter for letter, or nothing. */
export type TargetMismatch<Operation extends string, T extends Target, Other extends Target> =
  FormatTarget<T> extends FormatTarget<Other>
    ? Target
    : FormatTarget<Other> extends FormatTarget<T>
      ? Target
      : Mismatch<`${Operation}: received data of ${FormatTarget<Other>}; expected ${FormatTarget<T>}, as in the training data.`>;
