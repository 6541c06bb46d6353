/** Batches from workers of a page. */

import { ArgumentError, type Shape } from "@nn/tensor";
import type { Dataset } from "../dataset.ts";
import { type PrefetchedDataset, type PrefetchOptions, prefetchWith } from "../prefetch/prefetch.ts";
import type { Answer, BatchWorker } from "../prefetch/protocol.ts";
import type { Target } from "../target.ts";

/** As much of a page's worker as is needed. */
interface PageWorker {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  terminate(): void;
  addEventListener(
    type: string,
    listener: (event: { readonly data?: unknown; readonly message?: string }) => void,
  ): void;
}

declare const Worker: new (url: URL, options: { readonly type: "module" }) => PageWorker;

/**
 * `data` with its batches gathered and augmented on a worker, ahead of the loop that takes them: training does not wait for
 * augmentation. The batches are those of `data.batches`, bit for bit, whatever the number of workers. Rows are copied to
 * each worker once. Bundlers find the worker's program by `new URL("./prefetch-worker.js", import.meta.url)`.
 * @throws ArgumentError for an option out of range and, when batches are first taken, for a dataset that `mapDataset` made.
 * @example const run = await fit(model, prefetch(augment(train, { shift: 2 })), options);
 */
export function prefetch<In extends Shape, T extends Target>(
  data: Dataset<In, T>,
  options: PrefetchOptions = {},
): PrefetchedDataset<In, T> {
  return prefetchWith(startWorker, data, options);
}

function startWorker(onAnswer: (answer: Answer) => void, onLost: (why: string) => void): BatchWorker {
  if (typeof Worker === "undefined") {
    throw new ArgumentError({
      operation: "prefetch",
      received: "a host without Worker",
      expected: "a page",
      fix: "In Node import prefetch from @nn/datasets/node.",
    });
  }
  // Bundlers look for these very words.
  const worker = new Worker(new URL("./prefetch-worker.js", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data }) => onAnswer(data as Answer));
  worker.addEventListener("messageerror", () => onLost("its message could not be read"));
  worker.addEventListener("error", ({ message }) => onLost(message ?? "its program could not be loaded"));
  return {
    post: (request, transfer) => worker.postMessage(request, transfer),
    keepAlive: () => undefined,
    terminate: () => worker.terminate(),
  };
}
