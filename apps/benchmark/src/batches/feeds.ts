/** The ways in which batches reach the step of `mnist-mlp`. */

import { augment, type ClassesTarget, type Dataset } from "@nn/datasets";
import { prefetch } from "@nn/datasets/node";
import type { TrainingData } from "@nn/train";

type Shape = readonly [28, 28, 1];
type Data = TrainingData<Shape, ClassesTarget<10>>;

export interface Feed {
  readonly name: string;
  readonly description: string;
  /** Trains on the same batches in the same order as this one, and so to the same losses. */
  readonly sameAs?: string;
  open(data: Dataset<Shape, ClassesTarget<10>>): Data & { close?(): void };
}

const amounts = { shift: 2, rotation: 10, scale: 0.1 };

export const feeds: readonly Feed[] = [
  {
    name: "resident",
    description: "one batch, in memory, again and again",
    open(data) {
      const { size, inputShape, target } = data;
      return {
        size,
        inputShape,
        target,
        *batches({ batchSize, to = Math.ceil(size / batchSize) }) {
          const [batch] = data.batches({ batchSize, shuffle: true });
          for (let i = 0; i < to; i++) yield batch!;
        },
      };
    },
  },
  { name: "batches", description: "shuffled from Arrow, on the thread that trains", open: (data) => data },
  {
    name: "prefetch",
    description: "the same from a worker",
    sameAs: "batches",
    open: (data) => prefetch(data),
  },
  {
    name: "augment",
    description: "shuffled and moved, turned and scaled, on the thread that trains",
    open: (data) => augment(data, amounts),
  },
  {
    name: "prefetch-augment",
    description: "the same from a worker",
    sameAs: "augment",
    open: (data) => prefetch(augment(data, amounts)),
  },
];
