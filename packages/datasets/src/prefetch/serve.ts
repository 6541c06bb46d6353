/** The program of a worker: opens the dataset that it is sent, then prepares the batches that it is asked for. */

import { ArgumentError } from "@nn/tensor";
import { copyOf, type InputData, type StoredChunk } from "../columns.ts";
import type { Dataset } from "../dataset.ts";
import { fromPortable } from "./portable.ts";
import type { Answer, RawBatch, RawError, Request } from "./protocol.ts";

/** Gives the function that takes requests. `open` opens chunks that lie in files. */
export function serveBatches(
  post: (answer: Answer, transfer: ArrayBuffer[]) => void,
  open: (location: object) => Promise<StoredChunk>,
): (request: Request) => Promise<void> {
  let dataset: Promise<Dataset>;
  return async (request) => {
    if ("dataset" in request) {
      dataset = fromPortable(request.dataset, open);
      // Whoever asks for a batch is told.
      dataset.catch(() => undefined);
      return;
    }
    const { id, options, spare } = request;
    try {
      const batches: RawBatch[] = [];
      for (const { inputs, labels, indices } of (await dataset).batches({ ...options, reuse: true })) {
        // Copies that can be handed over: views of the dataset stay here, and so does what the next batch is gathered in.
        batches.push({
          inputs: copyOf(inputs.data as InputData, spare.pop()),
          labels: new Uint8Array(labels.data),
          indices,
        });
      }
      post(
        { id, batches },
        batches.map(({ inputs }) => inputs.buffer as ArrayBuffer),
      );
    } catch (error) {
      post({ id, error: rawError(error) }, []);
    }
  };
}

function rawError(error: unknown): RawError {
  if (!(error instanceof ArgumentError)) return { other: error };
  const { name, operation, received, expected, fix } = error;
  return { name, fields: { operation, received, expected, ...(fix === undefined ? {} : { fix }) } };
}
