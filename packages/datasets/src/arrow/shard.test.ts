import { tableFromIPC } from "apache-arrow";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Chunk } from "../columns.ts";
import { DataError } from "../errors.ts";
import { readShard } from "./read.ts";
import type { ShardLayout, ShardMetadata } from "./schema.ts";
import { encodeShard } from "./write.ts";

const layout: ShardLayout = { column: "image", dtype: "uint8", inputShape: [2, 3, 1] };

const metadata: ShardMetadata = {
  name: "tiny",
  version: "1.0.0",
  split: "train",
  inputShape: [2, 3, 1],
  classNames: ["zero", "one"],
  source: [{ file: "tiny.idx", sha256: "00", verified: true }],
  steps: ["greyscale@1()"],
  fingerprint: "sha256:00",
  splits: { train: 3 },
  classCounts: [2, 1],
  mean: 9.5,
  standardDeviation: 5.25,
};

const rows: Chunk = { inputs: Uint8Array.from({ length: 18 }, (_, i) => i + 1), labels: Uint8Array.of(0, 1, 0) };

function encode(chunk: Chunk = rows, change: Partial<ShardMetadata> = {}, as: Partial<ShardLayout> = {}): Uint8Array {
  const { body, seal } = encodeShard(chunk, { ...layout, ...as });
  return Buffer.concat([...body, ...seal({ ...metadata, ...change })]);
}

/** A copy in memory of its own, so that offsets are those of the file. */
const copy = (bytes: Uint8Array) => new Uint8Array(bytes);

function failure(run: () => unknown): DataError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return error as DataError;
  }
  throw new Error("nothing was thrown");
}

describe("a shard", () => {
  test("reads back as written, over the same bytes", () => {
    const bytes = copy(encode());
    const shard = readShard(bytes);
    expect(shard).toMatchObject({ layout, metadata, rows: 3 });
    expect(shard.chunks).toEqual([rows]);
    expect(shard.chunks[0]!.inputs.buffer).toBe(bytes.buffer);
    expect(shard.chunks[0]!.labels.buffer).toBe(bytes.buffer);
  });

  test.each([
    { dtype: "float64", inputs: Float64Array.of(0.1, -2, Number.MAX_VALUE, 4, 5, 6) },
    { dtype: "float32", inputs: Float32Array.of(0.5, -2, 3, 4, 5, 6) },
  ] as const)("holds $dtype, wherever its bytes begin", ({ dtype, inputs }) => {
    const as = { column: "point", dtype, inputShape: [2] };
    const bytes = encode({ inputs, labels: rows.labels }, { inputShape: [2] }, as);
    for (const shift of [0, 1, 4, 8]) {
      const shifted = new Uint8Array(bytes.byteLength + shift).subarray(shift);
      shifted.set(bytes);
      expect(readShard(shifted).chunks).toEqual([{ inputs, labels: rows.labels }]);
    }
  });

  test("is the same to the byte each time", () => {
    expect(encode()).toEqual(encode());
  });

  test("opens in apache-arrow with columns, types and metadata", () => {
    const table = tableFromIPC(encode());
    expect(table.schema.fields.map(String)).toEqual(["image: FixedSizeList[6]<Uint8>", "label: Uint8"]);
    expect([...table.getChild("label")!]).toEqual([0, 1, 0]);
    expect([...table.getChild("image")!.get(1)]).toEqual([7, 8, 9, 10, 11, 12]);
    expect(table.schema.metadata.get("fingerprint")).toBe("sha256:00");
    expect(JSON.parse(table.schema.metadata.get("huggingface")!).info.features.label.names).toEqual(["zero", "one"]);
  });

  test.each([
    [
      "a label out of range",
      () => encode({ ...rows, labels: Uint8Array.of(0, 2, 0) }),
      "label 2 in row 1 for 2 classes",
    ],
    ["no class", () => encode(rows, { classNames: [] }), "0 class names"],
    ["another input shape", () => encode(rows, { inputShape: [2, 2] }), "rows of 6 values for the input shape [2, 2]"],
    ["no row", () => encode({ inputs: new Uint8Array(), labels: new Uint8Array() }), "no rows"],
    ["bad metadata", () => encode(rows, { classCounts: [-1] }), "classCounts [-1] in its metadata"],
    ["a number that is none", () => encode(rows, { mean: Number.NaN }), "mean NaN in its metadata"],
    ["the wrong magic", () => encode().fill(0, 0, 4), "no Arrow magic at its start"],
    ["an IPC stream", () => Buffer.from(encode().subarray(8)), "no Arrow magic at its start"],
    ["bytes after its end", () => Buffer.concat([encode(), Buffer.from("x")]), "no Arrow magic at its end"],
    ["nothing", () => Buffer.alloc(0), "no Arrow magic at its start"],
  ])("with %s is refused", (_, make, reason) => {
    const error = failure(() => readShard(make(), "bad.arrow"));
    expect(error).toMatchObject({ operation: "readShard", fix: "Prepare the dataset again." });
    expect(error.received).toMatch(/^bad\.arrow \(\d+ bytes\) with /);
    expect(error.received).toContain(reason);
  });

  test("cut anywhere is refused", () => {
    const bytes = encode();
    for (let length = 0; length < bytes.length; length++) failure(() => readShard(bytes.subarray(0, length)));
  });

  test("cut anywhere and given its end again is refused or whole", () => {
    const bytes = encode();
    const end = bytes.subarray(bytes.length - 10);
    for (let length = 0; length < bytes.length - 10; length += 3) {
      failure(() => readShard(Buffer.concat([bytes.subarray(0, length), end])));
    }
  });

  test("changed anywhere ends in a value or a DataError, quickly", () => {
    const bytes = encode();
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 127, 128, 255)));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const altered = copy(bytes);
        for (const [at, value] of changes) altered[at] = value;
        try {
          const shard = readShard(altered);
          expect(shard.rows).toBeLessThanOrEqual(altered.length);
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test("with any crafted 32 or 64 bits is refused or read, without allocating for it", () => {
    const bytes = encode();
    const crafted = [0x7fffffffffffffffn, -1n, 0xffffffffn, 0x7fffffffn, 0x100000000n, 1n << 53n];
    for (let at = 0; at + 8 <= bytes.length; at += 4) {
      for (const value of crafted) {
        const altered = copy(bytes);
        new DataView(altered.buffer).setBigUint64(at, BigInt.asUintN(64, value), true);
        try {
          const { chunks } = readShard(altered);
          for (const { inputs, labels } of chunks) {
            expect([inputs.buffer, labels.buffer]).toEqual([altered.buffer, altered.buffer]);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }
    }
  });
});
