/** Text in UTF-8 from bytes that come in pieces. Nothing is replaced: two labels must not become one. */

import { isUtf8 } from "node:buffer";
import { DataError } from "../errors.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The text in pieces, without its byte order mark. No character and no CRLF is cut in two.
 * @throws DataError of `operation` for text that is not UTF-8, with its line in `file`, counted from 1.
 */
export async function* decodeUtf8(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  operation: string,
  file: string,
): AsyncGenerator<string> {
  let rest: Uint8Array = new Uint8Array(0);
  let line = 1;
  let isFirst = true;
  const decode = (bytes: Uint8Array): string => {
    checkLines(bytes, line, operation, file);
    const text = decoder.decode(bytes);
    line += lineEnds(text);
    const start = isFirst && text.startsWith("\ufeff") ? 1 : 0;
    isFirst = false;
    return text.slice(start);
  };
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const end = bytes.length - cutLength(bytes);
    // A copy: the caller may write into the piece again.
    rest = bytes.slice(end);
    if (end > 0) yield decode(bytes.subarray(0, end));
  }
  if (rest.length > 0) yield decode(rest);
}

/** The whole text of a file's bytes. @throws DataError as `decodeUtf8` does. */
export async function textOf(bytes: Uint8Array, operation: string, file: string): Promise<string> {
  let text = "";
  for await (const piece of decodeUtf8([bytes], operation, file)) text += piece;
  return text;
}

/** Bytes at the end that the next piece may go on with: a carriage return, or a character that is not yet whole. */
function cutLength(bytes: Uint8Array): number {
  if (bytes.at(-1) === 0x0d) return 1;
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const due = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return due > back ? back : 0;
  }
  return 0;
}

const lineEnds = (text: string): number => text.match(/\r\n|\n|\r/g)?.length ?? 0;

function checkLines(bytes: Uint8Array, firstLine: number, operation: string, file: string): void {
  if (isUtf8(bytes) && !bytes.includes(0)) return;
  // One character a byte: line ends are the same bytes in every encoding that reaches this.
  const lines = Buffer.from(bytes)
    .toString("latin1")
    .split(/\r\n|\n|\r/);
  const at = lines.findIndex((text) => text.includes("\0") || !isUtf8(Buffer.from(text, "latin1")));
  const text = lines[at]!;
  const place = `line ${firstLine + at} of ${file}`;
  if (text.includes("\0") || /^(\xff\xfe|\xfe\xff)/.test(text)) {
    throw new DataError({
      operation,
      received: `${place} with a byte 0, as in UTF-16`,
      expected: "text in UTF-8",
      fix: 'Save the file as UTF-8; spreadsheets call it "CSV UTF-8".',
    });
  }
  const word = text.split(/[,;\t"{}:]/).find((part) => !isUtf8(Buffer.from(part, "latin1"))) ?? text;
  throw new DataError({
    operation,
    received: `${place} with ${JSON.stringify(word.slice(0, 100))} in Latin-1 or another encoding`,
    expected: "text in UTF-8",
    fix: 'Save the file as UTF-8; spreadsheets call it "CSV UTF-8".',
  });
}
