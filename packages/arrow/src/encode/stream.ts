/** An IPC stream: the schema, record batches, the end mark. The inverse is `decode/stream.ts`. */

import type { Column } from "../column.ts";
import { headers } from "../format.ts";
import { joinBytes } from "../join-bytes.ts";
import type { Field, Schema } from "../types.ts";
import { encodeBatch } from "./batch.ts";
import { FlatBuilder } from "./flat-builder.ts";
import { finishMessage } from "./message.ts";
import { writeSchema } from "./schema.ts";

/** The stream up to its first batch. */
export function encodeStreamStart(schema: Schema): Uint8Array {
  const builder = new FlatBuilder();
  return finishMessage(builder, headers.schema, writeSchema(builder, schema), 0);
}

/** One batch of a stream. @throws ArrowError when a column does not suit its field. */
export function encodeStreamBatch(fields: readonly Field[], columns: readonly Column[]): Uint8Array {
  return joinBytes(encodeBatch(fields, columns).parts);
}
