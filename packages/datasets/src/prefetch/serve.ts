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
  let isStored = false;
  return async (request) => {
    if ("dataset" in request) {
      isStored = "chunks" in request.dataset;
      dataset = fromPortable(request.dataset, open);
      // Whoever asks for a batch is told.
      dataset.catch(() => undefined);
      return;
    }
    const { id, options } = request;
    try {
      // Rows in their own order may be views of the dataset, which stays here.
      const isView = isStored && options.shuffle !== true;
      const batches: RawBatch[] = [];
      for (const { inputs, labels, indices } of (await dataset).batches(options)) {
        const data = inputs.data as InputData;
        // Labels go as a copy of their own: of a view the whole memory would go.
        batches.push({
          inputs: isView ? copyOf(data) : data,
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
