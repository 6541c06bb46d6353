/** Datasets out of datasets: stratified parts, folds, one after the other. Rows are shared, not copied. */

import { ArgumentError, DTypeError, formatShape, RandomState, type Shape, ShapeError, sizeOf } from "@nn/tensor";
import {
  checkBoolean,
  checkFiniteNumber,
  checkInteger,
  checkOptions,
  checkSeed,
  formatValue,
} from "@nn/tensor/arguments";
import type { Dataset } from "./dataset.ts";
import { JoinedColumns, type Part, storedOf } from "./joined-columns.ts";
import { inputDType, MappedDataset } from "./map.ts";
import { plural } from "./plural.ts";
import { StoredDataset } from "./stored-dataset.ts";
import { type ClassesTarget, checkClasses, checkDataset, formatTarget, type Target } from "./target.ts";

export interface StratifyOptions {
  /** Sizes of the parts as fractions of each class; they add up to 1. */
  readonly fractions: readonly number[];
  /** 0 … 2³² − 1, default 0. */
  readonly seed?: number;
}

/**
 * Parts that hold each class in the same proportions, each in the data's own order. Of a class of n rows, part i takes
 * those drawn between the rounded boundaries n · (f₀ + … + fᵢ₋₁) and n · (f₀ + … + fᵢ), so that every row is in one part.
 * @throws ArgumentError when the fractions do not add up to 1, a part would be empty, or targets are not classes.
 * @example const [train, validation] = stratifiedSplit(data, { fractions: [0.9, 0.1], seed: 0 });
 */
export function stratifiedSplit<In extends Shape, K extends number>(
  data: Dataset<In, ClassesTarget<K>>,
  options: StratifyOptions,
): Dataset<In, ClassesTarget<K>>[] {
  checkDataset("stratifiedSplit", data);
  checkClasses("stratifiedSplit", data, "Split other targets with trainTestSplit.");
  checkOptions("stratifiedSplit", options, { fractions: true, seed: true });
  const { fractions, seed = 0 } = options;
  checkSeed("stratifiedSplit", seed);
  checkFractions(fractions);
  const total = fractions.reduce((sum, fraction) => sum + fraction, 0);
  if (!fractions.every((fraction) => fraction > 0) || Math.abs(total - 1) > 1e-9) {
    throw new ArgumentError({
      operation: "stratifiedSplit",
      received: `fractions ${fractions.join(", ")}`,
      expected: "numbers above 0 that add up to 1",
    });
  }
  const partOf = new Uint32Array(data.size);
  for (const rows of shuffledClasses(data, seed)) {
    let sum = 0;
    let from = 0;
    fractions.forEach((fraction, part) => {
      sum += fraction;
      const to = part === fractions.length - 1 ? rows.length : Math.round(rows.length * sum);
      for (const row of rows.subarray(from, to)) partOf[row] = part;
      from = to;
    });
  }
  return fractions.map((_, part) => {
    const rows = range(data.size).filter((row) => partOf[row] === part);
    if (rows.length === 0) throw emptyPart("stratifiedSplit", `fractions ${fractions.join(", ")}`, data.size);
    return data.subset(rows);
  });
}

function checkFractions(fractions: unknown): void {
  if (!Array.isArray(fractions)) {
    throw new ArgumentError({
      operation: "stratifiedSplit",
      received: `fractions ${formatValue(fractions)}`,
      expected: "an array of numbers, such as [0.9, 0.1]",
    });
  }
  for (const [i, fraction] of fractions.entries()) {
    checkFiniteNumber("stratifiedSplit", `fractions[${i}]`, fraction, { above: 0 });
  }
}

export interface FoldOptions<T extends Target = Target> {
  /** How many folds, 2 to the number of rows. */
  readonly folds: number;
  /** 0 … 2³² − 1, default 0. */
  readonly seed?: number;
  /** Whether every fold holds each class in the same proportions; default true for classes, false for other targets. */
  readonly stratified?: [Extract<T, ClassesTarget>] extends [never] ? false : boolean;
}

/**
 * For each fold, that fold as `test` and all others as `train`, in the data's own order. Every row is in one test part;
 * their sizes differ by at most 1, of each class too when stratified.
 * @throws ArgumentError when `folds` is out of range, or targets that are not classes are to be stratified.
 * @example for (const { train, test } of kFold(data, { folds: 5, seed: 0 })) …
 */
export function kFold<In extends Shape, T extends Target>(
  data: Dataset<In, T>,
  options: FoldOptions<T>,
): { train: Dataset<In, T>; test: Dataset<In, T> }[] {
  checkDataset("kFold", data);
  checkOptions("kFold", options, { folds: true, seed: true, stratified: true });
  const { folds, seed = 0, stratified = data.target.kind === "classes" } = options as FoldOptions;
  checkBoolean("kFold", "stratified", stratified);
  if (stratified) checkClasses("kFold", data as Dataset, "Pass stratified: false.");
  checkSeed("kFold", seed);
  checkInteger("kFold", "folds", folds, 2, data.size);
  const foldOf = new Uint32Array(data.size);
  // Dealt like cards, class after class, so that no fold gets the larger share of each.
  let next = 0;
  const groups = stratified
    ? shuffledClasses(data as Dataset, seed)
    : [shuffled(range(data.size), new RandomState(seed))];
  for (const rows of groups) for (const row of rows) foldOf[row] = next++ % folds;
  return Array.from({ length: folds }, (_, fold) => {
    const test = range(data.size).filter((row) => foldOf[row] === fold);
    const train = range(data.size).filter((row) => foldOf[row] !== fold);
    return { train: data.subset(train), test: data.subset(test) };
  });
}

/**
 * The rows of all, one after the other. Files are read when their rows are wanted, within the memory that each was opened
 * with; augmented rows are changed in every epoch as in the dataset that they come from.
 * Where some have weights, each row of the others counts 1.
 * @throws ShapeError, DTypeError or ArgumentError when shapes, dtypes, targets or their names differ, there is no dataset,
 * or one is not of this package.
 * @example concatDatasets([train, validation]).size === train.size + validation.size
 */
export function concatDatasets<In extends Shape, T extends Target>(
  datasets: readonly Dataset<In, T>[],
): Dataset<In, T> {
  if (!Array.isArray(datasets)) {
    const received = `datasets ${formatValue(datasets)}`;
    throw new ArgumentError({ operation: "concatDatasets", received, expected: "an array of datasets" });
  }
  const [first] = datasets as readonly Dataset<In, T>[];
  if (first === undefined) {
    throw new ArgumentError({ operation: "concatDatasets", received: "no dataset", expected: "at least 1" });
  }
  for (const data of datasets) checkDataset("concatDatasets", data);
  const [stored, ...others] = datasets.map(storedOf);
  for (const other of datasets) checkSameKind(first, other);
  const { targetDType } = stored!.fields.columns;
  const other = others.find(({ fields }) => fields.columns.targetDType !== targetDType);
  if (other !== undefined) {
    const received = `${other.fields.columns.targetDType} targets in ${other.name}`;
    const expected = `${targetDType}, as in ${first.name}`;
    throw new DTypeError({ operation: "concatDatasets", received, expected });
  }
  const { name, inputShape, target } = first;
  const { createHash } = stored!.fields;
  return new StoredDataset<In, T>({
    name,
    inputShape,
    target,
    steps: datasets.flatMap(mapSteps),
    ...(createHash && { createHash }),
    columns: new JoinedColumns(datasets as readonly Dataset[] as readonly Part[], {
      width: sizeOf(inputShape),
      dtype: inputDType(first),
    }),
  });
}

/** What was done to rows that are changed as they are read. */
function mapSteps(data: Dataset): readonly string[] {
  return data instanceof MappedDataset ? [...mapSteps(data.base as Dataset), data.options.step] : [];
}

function checkSameKind(first: Dataset, other: Dataset): void {
  const operation = "concatDatasets";
  if (formatShape(other.inputShape) !== formatShape(first.inputShape)) {
    const received = `inputs of shape ${formatShape(other.inputShape)} in ${other.name}`;
    throw new ShapeError({ operation, received, expected: `${formatShape(first.inputShape)}, as in ${first.name}` });
  }
  if (inputDType(other) !== inputDType(first)) {
    const received = `${inputDType(other)} inputs in ${other.name}`;
    throw new DTypeError({ operation, received, expected: `${inputDType(first)}, as in ${first.name}` });
  }
  if (namedTarget(other.target) !== namedTarget(first.target)) {
    const received = `${namedTarget(other.target)} in ${other.name}`;
    throw new ArgumentError({ operation, received, expected: `${namedTarget(first.target)}, as in ${first.name}` });
  }
}

/** `values of shape [1]`, `2 classes`, `classes no, yes`, `flags red, round`. */
function namedTarget(target: Target): string {
  if (target.kind === "values" || target.names === undefined) return formatTarget(target);
  return `${target.kind} ${target.names.join(", ")}`;
}

/** The rows of each class, shuffled, in the order of the classes. */
function shuffledClasses(data: Dataset, seed: number): Uint32Array[] {
  const { count } = data.target as ClassesTarget;
  const rows: number[][] = Array.from({ length: count }, () => []);
  for (const [row, label] of data.targets.data.entries()) rows[label]!.push(row);
  const random = new RandomState(seed);
  return rows.map((own) => shuffled(Uint32Array.from(own), random));
}

function shuffled(rows: Uint32Array, random: RandomState): Uint32Array {
  random.shuffle(rows);
  return rows;
}

const range = (size: number): Uint32Array => Uint32Array.from({ length: size }, (_, i) => i);

function emptyPart(operation: string, received: string, size: number): ArgumentError {
  return new ArgumentError({
    operation,
    received: `${received} for ${plural(size, "row")}`,
    expected: "at least 1 row in each part",
  });
}
