/** Writing a shard: one record batch in an Arrow IPC file. Gives bytes; files are `prepare`'s business. */

import { FileEncoder, fixedSizeListColumn, numberColumn } from "@nn/arrow";
import type { Chunk } from "../columns.ts";
import { encodeMetadata, type ShardLayout, type ShardMetadata, shardFields } from "./schema.ts";

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
export function encodeShard({ inputs, labels }: Chunk, layout: ShardLayout): EncodedShard {
  const encoder = new FileEncoder();
  const fields = shardFields(layout);
  const { parts, valuesAt } = encoder.batch(fields, [fixedSizeListColumn(inputs, labels.length), numberColumn(labels)]);
  const [inputsAt = 0, labelsAt = 0] = valuesAt;
  return {
    body: parts,
    inputsAt,
    labelsAt,
    seal: (metadata) => [encoder.end({ fields, metadata: encodeMetadata(metadata, layout) })],
  };
}
