export type { AugmentOptions } from "./augment.ts";
export { augment } from "./augment.ts";
export type { BatchOptions } from "./batches.ts";
export { epochPermutation } from "./batches.ts";
export type { BlobsOptions } from "./blobs.ts";
export { makeBlobs } from "./blobs.ts";
export type { CirclesOptions } from "./circles.ts";
export { makeCircles } from "./circles.ts";
export { copyBatch } from "./copy-batch.ts";
export type { Batch, Dataset } from "./dataset.ts";
export { expectDataset } from "./dataset.ts";
export type {
  ClassArrays,
  FlagArrays,
  InputArrays,
  NumberArrays,
  RowArrays,
  RowShape,
  ValueArrays,
} from "./dataset-from-arrays.ts";
export { datasetFromArrays } from "./dataset-from-arrays.ts";
export { describe } from "./describe.ts";
export { DataError } from "./errors.ts";
export { parseIdx } from "./idx.ts";
export type { MapOptions, RowContext, RowMap } from "./map.ts";
export { mapDataset } from "./map.ts";
export type { MnistFacts, MnistFile } from "./mnist.ts";
export { mnist } from "./mnist.ts";
export type { MoonsOptions } from "./moons.ts";
export { makeMoons } from "./moons.ts";
export type { InputDType } from "./row-arrays.ts";
export type { SplitOptions } from "./split.ts";
export { trainTestSplit } from "./split.ts";
export type { FoldOptions, StratifyOptions } from "./splits.ts";
export { concatDatasets, kFold, stratifiedSplit } from "./splits.ts";
export type { ClassesTarget, FlagsTarget, Target, TargetTensor, ValuesTarget } from "./target.ts";
