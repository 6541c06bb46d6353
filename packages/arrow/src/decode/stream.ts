/**
 * Cutting an IPC stream into its messages ("frames"), with every announced size checked against the bytes that are there. A
 * stream that is being written may end anywhere: what follows its last whole frame is left out. The inverse is
 * `encode/stream.ts`.
 */

import { ArrowError, withPosition } from "../error.ts";
import { headers, prefixBytes } from "../format.ts";
import { FlatTable } from "./flat-table.ts";

export interface Frame {
  /** Byte range of the whole frame in the stream. */
  readonly start: number;
  readonly end: number;
  readonly kind: "schema" | "batch";
  /** The Schema or RecordBatch table of the message. */
  readonly header: FlatTable;
  readonly body: Uint8Array;
}

export interface Frames {
  readonly frames: readonly Frame[];
  /** Bytes up to the end of the last whole frame. */
  readonly end: number;
  /** Whether the stream's end mark follows the last frame. */
  readonly ended: boolean;
}

const marker = 0xffffffff;

/** The frames of a stream. @throws ArrowError, with the position, on what no stream of schema and batches holds. */
export function cutFrames(stream: Uint8Array): Frames {
  // Bodies begin at multiples of 8 and are viewed as numbers, so the stream itself must begin at one. Not `slice`, which on
  // Node's Buffer gives a view.
  const bytes = stream.byteOffset % 8 === 0 ? stream : new Uint8Array(stream);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Frame[] = [];
  let start = 0;
  while (bytes.byteLength - start >= prefixBytes) {
    if (view.getUint32(start, true) !== marker) throw new ArrowError("no message marker", start);
    const metadataBytes = view.getInt32(start + 4, true);
    if (metadataBytes === 0) {
      const trailing = bytes.byteLength - start - prefixBytes;
      if (trailing > 0) throw new ArrowError(`${trailing} bytes after the end mark`, start + prefixBytes);
      return { frames, end: start, ended: true };
    }
    if (metadataBytes < 0 || metadataBytes % 8 !== 0) throw new ArrowError(`metadata size ${metadataBytes}`, start + 4);
    if (metadataBytes > bytes.byteLength - start - prefixBytes) break;
    const frame = withPosition(start, () => readFrame(bytes, start, metadataBytes));
    if (frame === undefined) break;
    frames.push(frame);
    start = frame.end;
  }
  return { frames, end: start, ended: false };
}

/** The frame at `start`; undefined when its body is not all there. */
function readFrame(bytes: Uint8Array, start: number, metadataBytes: number): Frame | undefined {
  const bodyStart = start + prefixBytes + metadataBytes;
  const message = FlatTable.root(bytes.subarray(start + prefixBytes, bodyStart));
  if (message.structs(4, 4).count > 0) throw new ArrowError("a message with metadata of its own");
  const kind = kindOf(message.int8(1));
  const header = message.table(2);
  const bodyBytes = message.size(3);
  if (bodyBytes % 8 !== 0) throw new ArrowError(`body size ${bodyBytes}`);
  const end = bodyStart + bodyBytes;
  if (end > bytes.byteLength) return undefined;
  return { start, end, kind, header, body: bytes.subarray(bodyStart, end) };
}

function kindOf(headerType: number): Frame["kind"] {
  if (headerType === headers.schema) return "schema";
  if (headerType === headers.recordBatch) return "batch";
  throw new ArrowError(`message type ${headerType}`);
}
