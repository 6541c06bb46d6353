/**
 * Pictures that move and stacks of pages, cut to what is used of them. Decoders look at every frame and page before they
 * give the first: 60 MB of GIF hold four million frames and take seconds, as many bytes of TIFF pages a minute.
 */

/**
 * The bytes of a GIF up to the end of its first frame, of a TIFF without the pages after its first; all others as they are.
 * A copy where something is left out.
 */
export function firstFrame(bytes: Uint8Array): Uint8Array {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  if (start === "GIF8") return firstOfGif(bytes);
  return tiffStart.test(start) ? firstOfTiff(bytes) : bytes;
}

const tiffStart = /^(II[*+]\0|MM\0[*+])$/;

const extension = 0x21;
const image = 0x2c;
const trailer = 0x3b;

function firstOfGif(bytes: Uint8Array): Uint8Array {
  let at = 13 + tableBytes(bytes[10] ?? 0);
  while (bytes[at] === extension) at = afterSubBlocks(bytes, at + 2);
  // 10 bytes of place, size and flags, the frame's own colours, and one byte before its pixels.
  if (bytes[at] === image) at = afterSubBlocks(bytes, at + 10 + tableBytes(bytes[at + 9] ?? 0) + 1);
  // Cut short, or at its end: there is nothing to leave out.
  if (at + 1 >= bytes.length) return bytes;
  const cut = copyOf(bytes, at + 1);
  cut[at] = trailer;
  return cut;
}

/** Size of the table of colours that the lower bits of `flags` announce. */
const tableBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

/** Where a chain of blocks ends, each of them a length and so many bytes, the last of length 0. */
function afterSubBlocks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at]!;
  return at + 1;
}

/** TIFF: pages are a linked list of directories. The first one's link is set to none. */
function firstOfTiff(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const isBig = view.getUint16(2, little) === 43;
  const [pointer, counter, entry] = isBig ? [8, 8, 20] : [4, 2, 12];
  const number = (at: number, size: number): number => {
    if (at + size > bytes.length) return Number.POSITIVE_INFINITY;
    if (size === 8) return Number(view.getBigUint64(at, little));
    return size === 4 ? view.getUint32(at, little) : view.getUint16(at, little);
  };
  const directory = number(isBig ? 8 : 4, pointer);
  const link = directory + counter + entry * number(directory, counter);
  // A link outside the file is none.
  if (!(link + pointer <= bytes.length) || number(link, pointer) === 0) return bytes;
  const cut = copyOf(bytes, bytes.length);
  cut.fill(0, link, link + pointer);
  return cut;
}

/** Not by `slice`, which of a Buffer copies nothing. */
function copyOf(bytes: Uint8Array, length: number): Uint8Array {
  const copy = new Uint8Array(length);
  copy.set(bytes.subarray(0, length));
  return copy;
}
