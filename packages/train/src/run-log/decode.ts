// Arrow IPC messages → records: each message is held against this version of the schema. The inverse is encode.ts.
import {
  type Column,
  type Frame,
  formatType,
  hasValue,
  listAt,
  locateColumns,
  readSchema,
  textAt,
  viewColumn,
  withPosition,
} from "@nn/arrow";
import { FIELDS } from "./arrow-schema.ts";
import { corrupt } from "./error.ts";
import type { RunLogRecord, Split } from "./schema.ts";

/** The schema's metadata. @throws RunLogError or ArrowError unless the columns are exactly those of the run log. */
export function decodeSchema({ header, start }: Frame): ReadonlyMap<string, string> {
  const { fields, metadata } = withPosition(start, () => readSchema(header));
  const [received, expected] = [fields, FIELDS].map((list) =>
    list.map(({ name, type }) => `${name}: ${formatType(type)}`).join(", "),
  );
  if (received !== expected) throw corrupt(`columns {${received}}`, start);
  return metadata;
}

/**
 * Records of one batch, in the order in which they were made; arrays are views of the file.
 * @throws ArrowError unless all columns lie in the batch.
 */
export function decodeBatch({ header, body, start }: Frame): RunLogRecord[] {
  const [step, epoch, elapsedMs, split, name, value, shape, data] = withPosition(start, () =>
    locateColumns(header, body.byteLength, FIELDS).columns.map((place) => viewColumn(body, place)),
  ) as [Column, Column, Column, Column, Column, Column, Column, Column];
  return Array.from({ length: value.rows }, (_, i): RunLogRecord => {
    const moment = {
      step: step.values[i] ?? 0,
      epoch: epoch.values[i] ?? 0,
      elapsedMs: elapsedMs.values[i] ?? 0,
      split: textAt(split, i) as Split,
      name: textAt(name, i),
    };
    if (hasValue(value, i)) return { ...moment, value: value.values[i] ?? 0 };
    return { ...moment, shape: [...listAt(shape, i)], data: listAt(data, i) as Float32Array };
  });
}
