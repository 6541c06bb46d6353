/** The batches of a dataset, held to what it announces: a score over missing rows would be made up. */

import { namedShapes, targetShape } from "@nn/model";
import { ArgumentError, DTypeError, formatShape, ShapeError, sameShape, type Tensor } from "@nn/tensor";
import { checkIsTensor, checkMembers, formatValue } from "@nn/tensor/arguments";
import type { BatchOrder, TrainingBatch, TrainingData } from "./data.ts";

/**
 * The batches of `data` in this order: from `order.from` up to `order.to`, or all.
 * @throws ArgumentError at a batch with fewer or more rows than it should have, at weights that are negative or all zero,
 * and at an end that comes early.
 */
export async function* announcedBatches(
  operation: string,
  data: TrainingData,
  order: BatchOrder,
): AsyncGenerator<TrainingBatch, void, undefined> {
  const { batchSize, from = 0, to = Number.POSITIVE_INFINITY } = order;
  const refuse = (received: string, due: number): never => {
    const expected = `${due}, for data of ${data.size} rows in batches of ${batchSize}`;
    throw new ArgumentError({ operation, received, expected, fix: "Make size and batches of the data agree." });
  };
  let count = from;
  let rows = Math.min(data.size, from * batchSize);
  if (count === to) return;
  const start = rows;
  // Rows of batches in which some row has a weight.
  let counted = 0;
  const batches = data.batches(order);
  checkIterable(operation, batches);
  for await (const batch of batches) {
    const due = Math.min(batchSize, data.size - rows);
    checkMembers(operation, `batch ${count + 1}`, batch, ["inputs", "targets", "size"], "{ inputs, targets, size }");
    const { size } = batch;
    const inputs = inputsOf(operation, data, batch, count + 1);
    const [first] = inputs as [Tensor];
    if (size !== due || first.shape[0] !== due) {
      refuse(`size ${size} with inputs ${formatShape(first.shape)} in batch ${count + 1}, after ${rows} rows`, due);
    }
    checkShapes(operation, data, batch, inputs, count + 1);
    if (batch.weights === undefined) counted += size;
    else {
      checkWeights(operation, batch, count + 1);
      if (batch.weights.data.some((weight) => weight > 0)) counted += size;
    }
    rows += size;
    yield batch;
    if (++count === to) break;
  }
  if (rows > start && counted === 0) {
    const received = `weights that are all 0, of ${rows - start} rows`;
    throw new ArgumentError({
      operation,
      received,
      expected: "a weight above 0",
      fix: "Leave rows out that should not count.",
    });
  }
  if (count === to) return;
  const due = Math.min(data.size, to * batchSize);
  if (rows !== due) refuse(`${rows} rows in ${count} batches`, due);
}

/** For data that no compiler checked. */
function checkIterable(operation: string, batches: unknown): void {
  const object = Object(batches) as object;
  if (Symbol.iterator in object || Symbol.asyncIterator in object) return;
  throw new ArgumentError({
    operation,
    received: `batches() that gave ${formatValue(batches)}`,
    expected: "something to iterate over, such as a generator",
  });
}

/** The inputs of a batch in the order of the data's shapes. */
function inputsOf(
  operation: string,
  data: TrainingData,
  { inputs }: TrainingBatch,
  position: number,
): readonly Tensor[] {
  return namedShapes(data.inputShape).map(([name]) => {
    const input = name === undefined ? inputs : (Object(inputs) as { readonly [name: string]: unknown })[name];
    checkIsTensor(operation, `${name === undefined ? "inputs" : `input ${name}`} of batch ${position}`, input);
    return input as Tensor;
  });
}

function checkShapes(
  operation: string,
  { inputShape, target }: TrainingData,
  { targets, size }: TrainingBatch,
  inputs: readonly Tensor[],
  position: number,
): void {
  namedShapes(inputShape).forEach(([, row], i) => {
    if (sameShape(inputs[i]!.shape, [size, ...row])) return;
    throw new ShapeError({
      operation,
      received: `inputs of shape ${formatShape(inputs[i]!.shape)} in batch ${position}`,
      expected: formatShape([size, ...row]),
    });
  });
  const isClasses = target.kind === "classes";
  const noun = isClasses ? "labels" : "targets";
  checkIsTensor(operation, `${noun} of batch ${position}`, targets);
  const shape = [size, ...targetShape(target)];
  if (!sameShape(targets.shape, shape)) {
    throw new ShapeError({
      operation,
      received: `${noun} of shape ${formatShape(targets.shape)} in batch ${position}`,
      expected: `${formatShape(shape)}${isClasses ? ", a class number for each row" : ""}`,
    });
  }
  const allowed = isClasses ? ["uint8", "int32"] : target.kind === "flags" ? ["uint8"] : ["float32", "float64"];
  if (!allowed.includes(targets.dtype)) {
    const received = `${noun} in ${targets.dtype} in batch ${position}`;
    throw new DTypeError({ operation, received, expected: allowed.join(" or ") });
  }
  // Labels are checked by the losses that read them; another flag than 0 and 1 would only give another loss.
  const wrong = target.kind === "flags" ? targets.data.findIndex((flag) => flag > 1) : -1;
  if (wrong < 0) return;
  const row = Math.floor(wrong / (targets.size / size));
  const received = `flag ${targets.data[wrong]} in row ${row} of batch ${position}`;
  throw new ArgumentError({ operation, received, expected: "0 or 1" });
}

function checkWeights(operation: string, { weights, size }: TrainingBatch, number: number): void {
  checkIsTensor(operation, `weights of batch ${number}`, weights);
  const { data, shape, dtype } = weights as Tensor;
  if (dtype !== "float32" && dtype !== "float64") {
    const refused = `weights in ${dtype} in batch ${number}`;
    throw new DTypeError({ operation, received: refused, expected: "float32 or float64" });
  }
  const wrong = data.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  const received =
    shape.length !== 1 || shape[0] !== size
      ? `weights of shape ${formatShape(shape)} for ${size} rows`
      : wrong >= 0
        ? `weight ${data[wrong]} in row ${wrong}`
        : undefined;
  if (received === undefined) return;
  throw new ArgumentError({
    operation,
    received: `${received} of batch ${number}`,
    expected: "a finite weight of at least 0 a row",
  });
}
