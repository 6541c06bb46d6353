// Arrow IPC messages → records. The inverse is encode.ts; the messages have been checked (check.ts).
import { tableFromIPC, type Vector } from "apache-arrow";
import { encodeStart, joinBytes } from "./encode.ts";
import { arrowSchema, type RunLogRecord, type Split } from "./schema.ts";

/** Records of checked batch messages, in the order in which they were made. */
export function decodeBatches(batches: readonly Uint8Array[]): RunLogRecord[] {
  // The schema is put before them anew instead of taken from the file: whatever stands there, this is what was checked.
  // Joining also makes the bytes begin at a multiple of 8, as apache-arrow, which views them in place, needs it.
  const table = tableFromIPC(joinBytes([encodeStart(arrowSchema(new Map())), ...batches]));
  return table.batches.flatMap((batch) => {
    const column = (name: string): Vector => batch.getChild(name) as Vector;
    const step = column("step").toArray() as Int32Array;
    const epoch = column("epoch").toArray() as Int32Array;
    const elapsedMs = column("elapsedMs").toArray() as Float64Array;
    const [split, name, value, shape, data] = ["split", "name", "value", "shape", "data"].map(column);
    return Array.from({ length: batch.numRows }, (_, i): RunLogRecord => {
      const moment = {
        step: step[i] ?? 0,
        epoch: epoch[i] ?? 0,
        elapsedMs: elapsedMs[i] ?? 0,
        split: split?.get(i) as Split,
        name: name?.get(i) as string,
      };
      const scalar: number | null = value?.get(i);
      if (scalar !== null) return { ...moment, value: scalar };
      const sizes: Vector | null = shape?.get(i);
      const values: Vector | null = data?.get(i);
      return {
        ...moment,
        shape: Array.from((sizes?.toArray() ?? []) as Int32Array),
        data: (values?.toArray() ?? new Float32Array(0)) as Float32Array,
      };
    });
  });
}
