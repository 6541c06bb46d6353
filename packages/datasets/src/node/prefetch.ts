/** Batches from threads of Node. */

import { Worker } from "node:worker_threads";
import type { Shape } from "@nn/tensor";
import type { Dataset } from "../dataset.ts";
import { type PrefetchedDataset, type PrefetchOptions, prefetchWith } from "../prefetch/prefetch.ts";
import type { Answer, BatchWorker } from "../prefetch/protocol.ts";
import type { Target } from "../target.ts";

/**
 * `data` with its batches gathered and augmented on a worker, ahead of the loop that takes them: training waits for neither
 * files nor augmentation. The batches are those of `data.batches`, bit for bit, whatever the number of workers. A worker
 * opens files itself; rows that are in memory are copied to each once.
 * @throws ArgumentError for an option out of range and, when batches are first taken, for a dataset that `mapDataset` made.
 * @example const run = await fit(model, prefetch(augment(train, { shift: 2 })), options);
 */
export function prefetch<In extends Shape, T extends Target>(
  data: Dataset<In, T>,
  options: PrefetchOptions = {},
): PrefetchedDataset<In, T> {
  return prefetchWith(startWorker, data, options);
}

// From source, tests run under other conditions than the worker, which has those of Node.
const isSource = import.meta.url.endsWith(".ts");

function startWorker(onAnswer: (answer: Answer) => void, onLost: (why: string) => void): BatchWorker {
  const program = new URL(isSource ? "./prefetch-worker.ts" : "./prefetch-worker.js", import.meta.url);
  const worker = new Worker(program, isSource ? { execArgv: ["--conditions=@nn/source"] } : {});
  worker.on("message", onAnswer);
  worker.on("messageerror", (error) => onLost(error.message));
  worker.on("error", (error) => onLost(error instanceof Error ? error.message : String(error)));
  worker.on("exit", (code) => onLost(`it exited with code ${code}`));
  worker.unref();
  return {
    post: (request, transfer) => worker.postMessage(request, transfer),
    keepAlive: (isNeeded) => (isNeeded ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}
