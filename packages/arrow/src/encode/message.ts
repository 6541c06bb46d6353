/** A message: marker, size, metadata (a FlatBuffers table), padding. Its body follows. */

import { formatVersion, padded, prefixBytes } from "../format.ts";
import type { FlatBuilder } from "./flat-builder.ts";

/** The message whose header is the table at `headerAt`, up to its body of `bodyBytes`. A multiple of 8 bytes. */
export function finishMessage(builder: FlatBuilder, headerId: number, headerAt: number, bodyBytes: number): Uint8Array {
  const metadata = builder.finish(
    builder.table([
      [0, "int16", formatVersion],
      [2, "place", headerAt],
      [1, "int8", headerId],
      [3, "int64", bodyBytes],
    ]),
  );
  const message = new Uint8Array(padded(prefixBytes + metadata.length));
  const view = new DataView(message.buffer);
  view.setInt32(0, -1, true);
  view.setInt32(4, message.length - prefixBytes, true);
  message.set(metadata, prefixBytes);
  return message;
}
