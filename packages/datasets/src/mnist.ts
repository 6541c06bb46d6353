/** What is known of MNIST without having it. The images themselves come from `datasets/mnist` or from your IDX files. */

import type { ClassesTarget } from "./target.ts";

export interface MnistFacts {
  readonly name: "mnist";
  readonly inputShape: readonly [28, 28, 1];
  readonly target: ClassesTarget<10> & { readonly names: readonly string[] };
  /** SHA-256 of the four original IDX files, uncompressed. */
  readonly sha256: Readonly<Record<MnistFile, string>>;
}

export type MnistFile =
  | "train-images-idx3-ubyte"
  | "train-labels-idx1-ubyte"
  | "t10k-images-idx3-ubyte"
  | "t10k-labels-idx1-ubyte";

/** @example expectDataset(await openDataset(directory, { split: "train" }), mnist) // 10 classes */
export const mnist: MnistFacts = {
  name: "mnist",
  inputShape: [28, 28, 1],
  target: { kind: "classes", count: 10, names: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] },
  sha256: {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  },
};
