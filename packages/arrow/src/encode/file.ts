/** An IPC file: magic, record batches, a footer with the schema and where the batches are, magic. */

import type { Column } from "../column.ts";
import { endMark, formatVersion, magic } from "../format.ts";
import { joinBytes } from "../join-bytes.ts";
import type { Field, Schema } from "../types.ts";
import { encodeBatch } from "./batch.ts";
import { FlatBuilder } from "./flat-builder.ts";
import { writeSchema } from "./schema.ts";

export interface FileBatch {
  /** To be written one after another. Among them are views of the columns: write them before the arrays change. */
  readonly parts: readonly Uint8Array[];
  /** Where the values of each column begin, in bytes from the beginning of the file. */
  readonly valuesAt: readonly number[];
}

/**
 * The bytes of one file, in order. The schema comes with the end, so that its metadata may say what is known only when all
 * rows have been written. As in apache-arrow's files the schema is in the footer alone: a file is no stream with a frame.
 */
export class FileEncoder {
  /** Position, size of message and size of body of each batch. */
  readonly #blocks: [number, number, number][] = [];
  #position = 0;

  /** The next batch. @throws ArrowError when a column does not suit its field. */
  batch(fields: readonly Field[], columns: readonly Column[]): FileBatch {
    const { parts, headerBytes, bodyBytes, valuesAt } = encodeBatch(fields, columns);
    const before = this.#start();
    const at = this.#position;
    this.#blocks.push([at, headerBytes, bodyBytes]);
    this.#position += headerBytes + bodyBytes;
    return { parts: [...before, ...parts], valuesAt: valuesAt.map((position) => at + position) };
  }

  /** The rest of the file. Call it once. */
  end(schema: Schema): Uint8Array {
    const builder = new FlatBuilder();
    const schemaAt = writeSchema(builder, schema);
    const batchesAt = builder.structs(3, this.#blocks);
    const dictionariesAt = builder.structs(3, []);
    const footer = builder.finish(
      builder.table([
        [1, "place", schemaAt],
        [0, "int16", formatVersion],
        [3, "place", batchesAt],
        [2, "place", dictionariesAt],
      ]),
    );
    const size = new Uint8Array(4);
    new DataView(size.buffer).setInt32(0, footer.length, true);
    return joinBytes([...this.#start(), endMark, footer, size, new TextEncoder().encode(magic)]);
  }

  /** The magic, before the first batch. */
  #start(): Uint8Array[] {
    if (this.#position > 0) return [];
    this.#position = 8;
    return [new TextEncoder().encode(`${magic}\0\0`)];
  }
}
