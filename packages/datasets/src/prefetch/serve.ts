/** The program of a worker: opens the dataset that it is sent, then prepares the batches that it is asked for. */

import { ArgumentError, bytesPerElement } from "@nn/tensor";
import { planBatches } from "../batches.ts";
import { type InputData, inputArrays, type StoredChunk } from "../columns.ts";
import type { Dataset, InputDType } from "../dataset.ts";
import { fromPortable } from "./portable.ts";
import type { Answer, BatchRows, RawError, Request } from "./protocol.ts";

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
      const data = await dataset;
      const { batchSize, first, end } = planBatches(data.size, options);
      const count = Math.min(data.size, end * batchSize) - first * batchSize;
      let rows: BatchRows | undefined;
      let row = 0;
      for (const { inputs, labels, indices, size } of data.batches({ ...options, reuse: true })) {
        const width = inputs.data.length / size;
        rows ??= roomFor(count, { dtype: inputs.dtype, width }, spare);
        rows.inputs.set(inputs.data, row * width);
        rows.labels.set(labels.data, row);
        rows.indices.set(indices, row);
        row += size;
      }
      post({ id, rows: rows! }, [rows!.inputs.buffer as ArrayBuffer]);
    } catch (error) {
      post({ id, error: rawError(error) }, []);
    }
  };
}

/** Room for rows, in `spare` if that is as large. */
function roomFor(
  count: number,
  { dtype, width }: { readonly dtype: InputDType; readonly width: number },
  spare: ArrayBuffer | undefined,
): BatchRows {
  const indicesAt = 4 * Math.ceil((count * width * bytesPerElement[dtype]) / 4);
  const labelsAt = indicesAt + 4 * count;
  const bytes = labelsAt + count;
  const memory = spare?.byteLength === bytes ? spare : new ArrayBuffer(bytes);
  return {
    inputs: new inputArrays[dtype](memory, 0, count * width) as InputData,
    indices: new Uint32Array(memory, indicesAt, count),
    labels: new Uint8Array(memory, labelsAt, count),
  };
}

function rawError(error: unknown): RawError {
  if (!(error instanceof ArgumentError)) return { other: error };
  const { name, operation, received, expected, fix } = error;
  return { name, fields: { operation, received, expected, ...(fix === undefined ? {} : { fix }) } };
}
