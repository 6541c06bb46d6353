/** What the public functions say to arguments that only JavaScript can pass. */

import { describe, expect, test } from "vitest";
import * as datasets from "./index.ts";
import { openDataset, prefetch } from "./node.ts";
import {
  datasetSource,
  fileNameSource,
  folderSource,
  idxSource,
  prepare,
  spriteSource,
  tableSource,
} from "./prepare/index.ts";
import { fetchDataset } from "./web.ts";

/** Any value, past the compiler. */
// biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
const wrong = (value: unknown): any => value;

const moons = datasets.makeMoons({ samples: 10 });
const { makeBlobs, makeCircles, makeMoons, trainTestSplit } = datasets;
const copy = (input: ArrayLike<number>, out: { set(values: ArrayLike<number>): void }): void => out.set(input);

describe("an unknown option is named, with the nearest known one", () => {
  test.each<[operation: string, option: string, nearest: string | undefined, call: (options: object) => unknown]>([
    ["makeMoons", "n_samples", "samples", (options) => makeMoons(wrong(options))],
    ["makeMoons", "random_state", "seed", (options) => makeMoons(wrong(options))],
    ["makeCircles", "nosie", "noise", (options) => makeCircles(wrong(options))],
    ["makeBlobs", "cluster_std", "standardDeviation", (options) => makeBlobs(wrong(options))],
    ["makeBlobs", "centres", "centers", (options) => makeBlobs(wrong(options))],
    ["trainTestSplit", "test_size", "testSize", (options) => trainTestSplit(moons, wrong(options))],
    [
      "stratifiedSplit",
      "fraction",
      "fractions",
      (options) => datasets.stratifiedSplit(moons, wrong({ fractions: [0.5, 0.5], ...options })),
    ],
    ["kFold", "n_splits", "folds", (options) => datasets.kFold(moons, wrong(options))],
    ["batches", "batch_size", "batchSize", (options) => moons.batches(wrong(options))],
    ["augment", "rotate", "rotation", (options) => datasets.augment(moons, wrong(options))],
    [
      "mapDataset",
      "shape",
      "inputShape",
      (options) => datasets.mapDataset(moons, copy, wrong({ step: "x@1()", ...options })),
    ],
    ["prefetch", "num_workers", "workers", (options) => prefetch(moons, wrong(options))],
    ["openDataset", "splits", "split", (options) => openDataset("nowhere", wrong(options))],
    ["fetchDataset", "onprogress", "onProgress", (options) => fetchDataset("https://example.org/", wrong(options))],
    ["folderSource", "classes", "classNames", (options) => folderSource("nowhere", wrong(options))],
    ["fileNameSource", "patern", "pattern", (options) => fileNameSource("nowhere", wrong(options))],
    ["tableSource", "column", "columns", (options) => tableSource("nowhere.csv", wrong(options))],
    ["spriteSource", "tiles", "tile", (options) => spriteSource(wrong({ splits: {}, ...options }))],
    ["idxSource", "transpose", "transposed", (options) => idxSource({}, wrong(options))],
    ["datasetSource", "columns", "column", (options) => datasetSource({ train: moons }, wrong(options))],
    ["prepare", "shard_size", "shardSize", (options) => prepare(wrong({}), wrong(options))],
  ])("%s, %s", async (operation, option, nearest, call) => {
    await expect((async () => call({ [option]: 1 }))()).rejects.toMatchObject({
      name: "ArgumentError",
      operation,
      received: `the unknown option "${option}"`,
      fix: `Did you mean ${nearest}?`,
    });
  });
});

test.each<[name: string, call: () => unknown, message: string]>([
  ["a number for options", () => makeMoons(wrong(200)), "makeMoons: received options 200; "],
  [
    "points in a string",
    () => makeMoons(wrong({ samples: "100" })),
    'makeMoons: received samples "100" of type string; ',
  ],
  [
    "three classes of moons",
    () => makeMoons(wrong({ samples: [1, 2, 3] })),
    "makeMoons: received samples of 3 classes; ",
  ],
  ["points of a class in a string", () => makeMoons(wrong({ samples: ["1", 2] })), 'samples[0] "1" of type string'],
  ["noise in a string", () => makeMoons(wrong({ noise: "0.1" })), 'noise "0.1" of type string'],
  ["noise of null", () => makeMoons(wrong({ noise: null })), "noise null; expected a finite number of at least 0"],
  ["a seed in a string", () => makeMoons(wrong({ seed: "0" })), 'seed "0" of type string'],
  ["a seed in a bigint", () => makeMoons(wrong({ seed: 0n })), "seed 0n of type bigint"],
  ["shuffle in a string", () => makeMoons(wrong({ shuffle: "false" })), 'shuffle "false" of type string'],
  ["a factor in a string", () => makeCircles(wrong({ factor: "0.5" })), 'factor "0.5" of type string'],
  ["a factor of true", () => makeCircles(wrong({ factor: false })), "factor false of type boolean"],
  ["shuffle of 1", () => makeCircles(wrong({ shuffle: 1 })), "shuffle 1; expected true or false"],
  ["centres in a string", () => makeBlobs(wrong({ centers: "3" })), 'makeBlobs: received centers "3" of type string'],
  [
    "centres without axes",
    () => makeBlobs(wrong({ centers: [1, 2] })),
    "makeBlobs: received the number of dimensions 0",
  ],
  ["points in a string", () => makeBlobs(wrong({ samples: "9" })), 'samples "9" of type string'],
  [
    "deviations in strings",
    () => makeBlobs(wrong({ standardDeviation: ["1", 1, 1] })),
    'standardDeviation "1" of type string',
  ],
  ["features in a string", () => makeBlobs(wrong({ features: "2" })), 'features "2" of type string'],
  [
    "a box of strings",
    () => makeBlobs(wrong({ centerBox: ["0", "1"] })),
    'centerBox ["0" of type string, "1" of type string]',
  ],
  ["a number for a box", () => makeBlobs(wrong({ centerBox: 10 })), "centerBox 10"],
  [
    "a test size in a string",
    () => trainTestSplit(moons, wrong({ testSize: "0.5" })),
    'testSize "0.5" of type string for 10 rows',
  ],
  ["a test size of true", () => trainTestSplit(moons, wrong({ testSize: true })), "testSize true of type boolean"],
  ["a test size for options", () => trainTestSplit(moons, wrong(0.2)), "Name the option: { testSize: … }."],
  [
    "a tensor for a dataset",
    () => trainTestSplit(wrong(moons.inputs)),
    "trainTestSplit: received data a value of class Tensor",
  ],
  ["no dataset", () => datasets.kFold(wrong(undefined), { folds: 2 }), "kFold: received data undefined"],
  ["folds in a string", () => datasets.kFold(moons, wrong({ folds: "2" })), 'folds "2" of type string'],
  ["no options", () => datasets.kFold(moons, wrong(undefined)), "kFold: received options undefined"],
  [
    "one fraction",
    () => datasets.stratifiedSplit(moons, wrong({ fractions: 0.5 })),
    "fractions 0.5; expected an array",
  ],
  [
    "fractions in strings",
    () => datasets.stratifiedSplit(moons, wrong({ fractions: ["0.5", 0.5] })),
    'fractions[0] "0.5" of type string',
  ],
  [
    "datasets one by one",
    () => datasets.concatDatasets(wrong(moons)),
    "concatDatasets: received datasets a value of class",
  ],
  ["a batch size in a string", () => moons.batches(wrong({ batchSize: "2" })), 'batchSize "2" of type string'],
  ["a batch size for options", () => moons.batches(wrong(2)), "Name the option: { batchSize: … }."],
  ["an epoch in a bigint", () => moons.batches(wrong({ batchSize: 2, epoch: 1n })), "epoch 1n of type bigint"],
  ["shuffle in a string", () => moons.batches(wrong({ batchSize: 2, shuffle: "no" })), 'shuffle "no" of type string'],
  ["nothing to describe", () => datasets.describe(wrong(undefined)), "describe: received data undefined"],
  ["a size in a string", () => datasets.epochPermutation(wrong("10"), 0, 0), 'size "10" of type string'],
  ["a count in a string", () => moons.take(wrong("2")), 'take: received count "2" of type string'],
  ["rows in strings", () => moons.subset(wrong(["1"])), 'subset: received index "1" of type string at position 0'],
  ["no rows", () => moons.subset(wrong(undefined)), "subset: received indices undefined"],
  ["rows in a string", () => moons.subset(wrong("12")), 'subset: received indices "12" of type string'],
  [
    "a shift in a string",
    () => datasets.augment(moons, wrong({ shift: "2" })),
    'augment: received shift "2" of type string',
  ],
  [
    "no function",
    () => datasets.mapDataset(moons, wrong(undefined), { step: "x@1()" }),
    "mapDataset: received map undefined",
  ],
  [
    "a step that is a number",
    () => datasets.mapDataset(moons, copy, wrong({ step: 1 })),
    "mapDataset: received step 1",
  ],
  [
    "another dtype",
    () => datasets.mapDataset(moons, copy, wrong({ step: "x", dtype: "int32" })),
    'dtype "int32" of type string',
  ],
  ["workers in a string", () => prefetch(moons, wrong({ workers: "2" })), 'workers "2" of type string'],
  ["memory in a string", () => openDataset("nowhere", wrong({ memory: "1000" })), 'memory "1000" of type string'],
  ["verify in a string", () => openDataset("nowhere", wrong({ verify: "no" })), 'verify "no" of type string'],
])("%s: an error like the others", async (_, call, message) => {
  const refused = (async () => call())();
  await expect(refused).rejects.toBeInstanceOf(RangeError);
  await expect(refused).rejects.toThrow(message);
});
