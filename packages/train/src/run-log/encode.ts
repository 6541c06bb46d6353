// Records → Arrow IPC messages. The inverse is decode.ts.
import { encodeStreamBatch, listColumn, nullableNumberColumn, numberColumn, textColumn } from "@nn/arrow";
import { FIELDS } from "./arrow-schema.ts";
import type { RunLogRecord } from "./schema.ts";

// A batch ends at either: few batches read fast, and no offset comes near the 32-bit limit.
const BATCH_RECORDS = 65_536;
const BATCH_VALUES = 1 << 22;

/** All records, as few batches. */
export function* encodeBatches(records: readonly RunLogRecord[]): Generator<Uint8Array> {
  let from = 0;
  let values = 0;
  for (const [i, record] of records.entries()) {
    values += "data" in record ? record.data.length : 1;
    if (i + 1 - from < BATCH_RECORDS && values < BATCH_VALUES && i + 1 < records.length) continue;
    yield encodeBatch(records.slice(from, i + 1));
    from = i + 1;
    values = 0;
  }
}

/** One record batch message, without the schema before it and the end mark after it. */
export function encodeBatch(records: readonly RunLogRecord[]): Uint8Array {
  const shapes = records.map((record) => ("shape" in record ? record.shape : null));
  const arrays = records.map((record) => ("data" in record ? record.data : null));
  return encodeStreamBatch(FIELDS, [
    numberColumn(Int32Array.from(records, (record) => record.step)),
    numberColumn(Int32Array.from(records, (record) => record.epoch)),
    numberColumn(Float64Array.from(records, (record) => record.elapsedMs)),
    textColumn(records.map((record) => record.split)),
    textColumn(records.map((record) => record.name)),
    nullableNumberColumn(records.map((record) => ("value" in record ? record.value : null))),
    listColumn(shapes, Int32Array),
    listColumn(arrays, Float32Array),
  ]);
}
