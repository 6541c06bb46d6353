// Record batches → records. The inverse is encode.ts.
import type { Frame } from "./frames.ts";
import { type Column, openBatch } from "./open-frames.ts";
import type { RunLogRecord, Split } from "./schema.ts";

/** Records of one batch, in the order in which they were made; arrays are views of the file. @throws RunLogError */
export function decodeBatch(frame: Frame): RunLogRecord[] {
  const columns = openBatch(frame);
  const column = (name: string): Column => columns.get(name) as Column;
  const step = column("step").values;
  const epoch = column("epoch").values;
  const elapsedMs = column("elapsedMs").values;
  const split = texts(column("split"));
  const name = texts(column("name"));
  const [value, shape, data] = [column("value"), column("shape"), column("data")];
  return Array.from({ length: value.rows }, (_, i): RunLogRecord => {
    const moment = {
      step: step[i] ?? 0,
      epoch: epoch[i] ?? 0,
      elapsedMs: elapsedMs[i] ?? 0,
      split: split(i) as Split,
      name: name(i),
    };
    if (hasValue(value, i)) return { ...moment, value: value.values[i] ?? 0 };
    return { ...moment, shape: [...list(shape, i)], data: list(data, i) as Float32Array };
  });
}

function hasValue({ validity }: Column, row: number): boolean {
  return validity === undefined || (((validity[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;
}

function list({ offsets, values }: Column, row: number): Column["values"] {
  return values.subarray(offsets?.[row] ?? 0, offsets?.[row + 1] ?? 0);
}

/** Text by row. */
function texts(column: Column): (row: number) => string {
  const decoder = new TextDecoder();
  return (row) => decoder.decode(list(column, row));
}
