import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError } from "../errors.ts";
import { decodeUtf8, textOf } from "./utf8-text.ts";

async function decoded(pieces: readonly Uint8Array[]): Promise<string> {
  let text = "";
  for await (const piece of decodeUtf8(pieces, "test", "file")) text += piece;
  return text;
}

/** Bytes cut into pieces of `length`. */
const cut = (bytes: Uint8Array, length: number) =>
  Array.from({ length: Math.ceil(bytes.length / length) }, (_, i) => bytes.subarray(i * length, (i + 1) * length));

const text = fc.string({
  unit: fc.constantFrom("a", "\n", "\r", "\u00e9", "\u20ac", "\ud83d\ude00", "\ufeff"),
  maxLength: 30,
});

describe("decodeUtf8", () => {
  test("gives back what was written, wherever the bytes are cut, without a mark at the beginning", async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 7 }), async (value, length) => {
        expect(await decoded(cut(Buffer.from(value), length))).toBe(value.replace(/^\ufeff/, ""));
      }),
    );
  });

  test("names the line of the first byte that is not UTF-8, wherever the bytes are cut", async () => {
    const bad = fc.constantFrom([0xe9], [0xff], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xc0, 0xaf], [0x00]);
    await fc.assert(
      fc.asyncProperty(text, bad, text, fc.integer({ min: 1, max: 7 }), async (before, bytes, after, length) => {
        // A letter at each side: no byte may end a character that another began, or stand in a line end.
        const all = Buffer.concat([Buffer.from(`${before}x`), Uint8Array.from(bytes), Buffer.from(`x${after}`)]);
        const error: unknown = await decoded(cut(all, length)).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(DataError);
        const line = `${before}x`.split(/\r\n|\n|\r/).length;
        expect((error as DataError).received).toContain(`line ${line} of file with `);
      }),
    );
  });

  test("a character cut short by the end is an error", async () => {
    await expect(textOf(Uint8Array.of(0x61, 0xe2, 0x82), "test", "file")).rejects.toThrow(DataError);
  });
});
