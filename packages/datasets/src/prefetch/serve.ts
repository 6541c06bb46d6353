/** The program of a worker: opens the dataset that it is sent, then prepares the batches that it is asked for. */

import { ArgumentError, bytesPerElement, type DType } from "@nn/tensor";
import { planBatches } from "../batches.ts";
import type { StoredRows } from "../columns.ts";
import type { Dataset } from "../dataset.ts";
import { arrays, dtypeOf, type InputData, type Rows, type TargetData, type WeightData } from "../row-arrays.ts";
import { fromPortable } from "./portable.ts";
import type { Answer, BatchRows, RawError, Request } from "./protocol.ts";

/** Gives the function that takes requests. `open` opens chunks that lie in files. */
export function serveBatches(
  post: (answer: Answer, transfer: ArrayBuffer[]) => void,
  open: (location: object) => Promise<StoredRows>,
): (request: Request) => Promise<void> {
  let dataset: Promise<Dataset>;
  return async (request) => {
    if ("dataset" in request) {
      dataset = fromPortable(request.dataset, open);
      // The next request for a batch gets the error.
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
      for (const { inputs, targets, weights, indices, size } of data.batches(options)) {
        const own = {
          inputs: inputs.data as InputData,
          targets: targets.data,
          ...(weights && { weights: weights.data }),
        };
        rows ??= roomFor(count, own, size, spare);
        rows.inputs.set(own.inputs, (row * own.inputs.length) / size);
        rows.targets.set(own.targets, (row * own.targets.length) / size);
        if (weights !== undefined) rows.weights?.set(weights.data, row);
        rows.indices.set(indices, row);
        row += size;
      }
      post({ id, rows: rows! }, [rows!.inputs.buffer as ArrayBuffer]);
    } catch (error) {
      post({ id, error: rawError(error) }, []);
    }
  };
}

/** Room for `count` rows like those of a batch of `size`, in `spare` if that is as large. */
function roomFor(count: number, batch: Rows, size: number, spare: ArrayBuffer | undefined): BatchRows {
  let bytes = 0;
  // Each array begins at a multiple of 8 bytes, the largest element.
  const reserve = (dtype: DType, length: number): Place => {
    const place = { dtype, length, at: bytes };
    bytes += 8 * Math.ceil((length * bytesPerElement[dtype]) / 8);
    return place;
  };
  const like = (array: TargetData): Place => reserve(dtypeOf(array), (array.length / size) * count);
  const places = {
    inputs: like(batch.inputs),
    targets: like(batch.targets),
    weights: batch.weights && like(batch.weights),
  };
  const indicesAt = bytes;
  bytes += 4 * count;
  const memory = spare?.byteLength === bytes ? spare : new ArrayBuffer(bytes);
  const view = ({ dtype, length, at }: Place): TargetData => new arrays[dtype](memory, at, length);
  return {
    inputs: view(places.inputs) as InputData,
    targets: view(places.targets),
    ...(places.weights && { weights: view(places.weights) as WeightData }),
    indices: new Uint32Array(memory, indicesAt, count),
  };
}

interface Place {
  readonly dtype: DType;
  readonly length: number;
  /** In bytes. */
  readonly at: number;
}

function rawError(error: unknown): RawError {
  if (!(error instanceof ArgumentError)) return { other: error };
  const { name, operation, received, expected, fix } = error;
  return { name, fields: { operation, received, expected, ...(fix === undefined ? {} : { fix }) } };
}
