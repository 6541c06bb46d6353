// Cutting an Arrow IPC stream into its messages ("frames"), with every announced size checked against the bytes
// that are there. A frame is: marker FFFFFFFF, metadata size (int32), metadata (a FlatBuffers Message), body.
import { RunLogError } from "./error.ts";
import { child, type FlatTable, int64, rootTable, uint8, vector } from "./flatbuffer.ts";

const MARKER = 0xffffffff;
const PREFIX_BYTES = 8;

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

/** Cuts a stream; bytes after the last whole frame are left out. @throws RunLogError on what no Arrow stream holds. */
export function cutFrames(stream: Uint8Array): Frames {
  // Bodies begin at multiples of 8 and are viewed as numbers, so the stream itself must begin at one. Not `slice`, which on
  // Node's Buffer gives a view.
  const bytes = stream.byteOffset % 8 === 0 ? stream : new Uint8Array(stream);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Frame[] = [];
  let start = 0;
  while (bytes.byteLength - start >= PREFIX_BYTES) {
    if (view.getUint32(start, true) !== MARKER) throw corrupt(start, "no message marker");
    const metadataBytes = view.getInt32(start + 4, true);
    if (metadataBytes === 0) {
      const trailing = bytes.byteLength - start - PREFIX_BYTES;
      if (trailing > 0) throw corrupt(start + PREFIX_BYTES, `${trailing} bytes after the end mark`);
      return { frames, end: start, ended: true };
    }
    if (metadataBytes < 0 || metadataBytes % 8 !== 0) throw corrupt(start + 4, `metadata size ${metadataBytes}`);
    if (metadataBytes > bytes.byteLength - start - PREFIX_BYTES) break;
    const frame = readFrame(bytes, start, metadataBytes);
    if (frame === undefined) break;
    frames.push(frame);
    start = frame.end;
  }
  return { frames, end: start, ended: false };
}

function readFrame(bytes: Uint8Array, start: number, metadataBytes: number): Frame | undefined {
  const bodyStart = start + PREFIX_BYTES + metadataBytes;
  const metadata = new DataView(bytes.buffer, bytes.byteOffset + start + PREFIX_BYTES, metadataBytes);
  const { kind, header, bodyBytes } = guard(start, () => {
    const message = rootTable(metadata);
    if (vector(message, 12, 4).length > 0) throw corrupt(start, "a message with metadata of its own");
    return { kind: kindOf(uint8(message, 6), start), header: child(message, 8), bodyBytes: int64(message, 10) };
  });
  if (bodyBytes < 0 || bodyBytes % 8 !== 0) throw corrupt(start, `body size ${bodyBytes}`);
  const end = bodyStart + bodyBytes;
  if (end > bytes.byteLength) return undefined;
  return { start, end, kind, header, body: bytes.subarray(bodyStart, end) };
}

function kindOf(headerType: number, position: number): Frame["kind"] {
  if (headerType === 1) return "schema";
  if (headerType === 3) return "batch";
  throw corrupt(position, `message type ${headerType}`);
}

/** Runs reads of a message's metadata; an offset that leaves it means a damaged file. */
export function guard<T>(position: number, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof RangeError && !(cause instanceof RunLogError))
      throw corrupt(position, "an offset outside the message", cause);
    throw cause;
  }
}

export function corrupt(position: number, received: string, cause?: unknown): RunLogError {
  return new RunLogError({
    operation: "readRunLog",
    received: `${received} at byte ${position}`,
    expected: "an Arrow IPC stream written by createRunLog",
    fix: "The file is no run log or was damaged: train the recipe again.",
    cause,
  });
}
