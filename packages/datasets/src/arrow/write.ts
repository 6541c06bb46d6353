/** Writing a shard: one record batch in an Arrow IPC file. Gives bytes; files are `prepare`'s business. */

import { sizeOf } from "@nn/tensor";
import {
  AsyncByteQueue,
  type DataType,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Uint8,
} from "apache-arrow";
import type { Chunk, InputData } from "../columns.ts";
import { encodeMetadata, type ShardLayout, type ShardMetadata } from "./schema.ts";

/**
 * A shard in two parts: the rows, whose bytes can be written at once, and the end of the file, which holds the metadata and
 * so waits until fingerprint and statistics of the split are known. The same rows and metadata give the same bytes.
 */
export interface EncodedShard {
  /** Views of the rows among them: write them before the arrays change. */
  readonly body: readonly Uint8Array[];
  /** Where inputs and labels begin in the body, in bytes. */
  readonly inputsAt: number;
  readonly labelsAt: number;
  /** The rest of the file. Call it once. */
  readonly seal: (metadata: ShardMetadata) => readonly Uint8Array[];
}

/** The bytes of a shard that holds `rows`. */
export function encodeShard(rows: Chunk, layout: ShardLayout): EncodedShard {
  const batch = recordBatch(rows, layout);
  const sink = new Sink();
  const writer = new RecordBatchFileWriter();
  writer.reset(sink, batch.schema);
  writer.write(batch);
  const body = sink.drain();
  const positionOf = (array: InputData) => {
    const isPlace = (part: Uint8Array) => part.buffer === array.buffer && part.byteOffset === array.byteOffset;
    const part = body.findIndex(isPlace);
    return body.slice(0, part).reduce((sum, { byteLength }) => sum + byteLength, 0);
  };
  return {
    body,
    inputsAt: positionOf(rows.inputs),
    labelsAt: positionOf(rows.labels),
    seal: (metadata) => {
      // The writer puts the schema into the footer alone, so that its metadata may be filled in until then.
      for (const [key, value] of encodeMetadata(metadata, layout)) batch.schema.metadata.set(key, value);
      writer.finish();
      return sink.drain();
    },
  };
}

const types = { float64: Float64, float32: Float32, uint8: Uint8 } as const;

function recordBatch(rows: Chunk, { column, dtype, inputShape }: ShardLayout): RecordBatch {
  const { inputs, labels } = rows;
  const itemType: DataType = new types[dtype]();
  const listType = new FixedSizeList(sizeOf(inputShape), new Field("item", itemType as Uint8, true));
  const items = makeData({ type: itemType as Uint8, data: inputs as Uint8Array });
  // Nullable, though nothing is null: Hugging Face `datasets` knows no other columns.
  const fields = [new Field(column, listType, true), new Field("label", new Uint8(), true)];
  const children = [
    makeData({ type: listType, length: labels.length, nullCount: 0, child: items }),
    makeData({ type: new Uint8(), length: labels.length, nullCount: 0, data: labels }),
  ];
  const struct = makeData({ type: new Struct(fields), length: labels.length, nullCount: 0, children });
  return new RecordBatch(new Schema(fields), struct);
}

/** Keeps what a writer writes until it is asked for. */
class Sink extends AsyncByteQueue {
  #parts: Uint8Array[] = [];

  override write(part: Uint8Array): void {
    if (part.byteLength > 0) this.#parts.push(part);
  }

  drain(): Uint8Array[] {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }
}
