import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError } from "./errors.ts";
import { parseIdx } from "./idx.ts";

/** The bytes of an IDX file: big-endian header, then `payload`. */
function idx(type: number, shape: readonly number[], payload: readonly number[] | Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint8(2, type);
  header.setUint8(3, shape.length);
  shape.forEach((length, axis) => {
    header.setUint32(4 + 4 * axis, length);
  });
  return new Uint8Array([...new Uint8Array(header.buffer), ...payload]);
}

const float64 = (value: number) => [...new Uint8Array(new Float64Array([value]).buffer)].reverse();

describe("parseIdx", () => {
  test.each([
    { type: 0x08, shape: [2, 3], payload: [1, 2, 3, 4, 5, 255], dtype: "uint8", values: [1, 2, 3, 4, 5, 255] },
    { type: 0x09, shape: [2], payload: [0xff, 0x7f], dtype: "int32", values: [-1, 127] },
    { type: 0x0b, shape: [2], payload: [0xff, 0xfe, 0x01, 0x00], dtype: "int32", values: [-2, 256] },
    { type: 0x0c, shape: [1], payload: [0x80, 0, 0, 1], dtype: "int32", values: [-2147483647] },
    { type: 0x0d, shape: [1], payload: [0x3f, 0xc0, 0, 0], dtype: "float32", values: [1.5] },
    { type: 0x0e, shape: [2], payload: [...float64(-2.5), ...float64(0.1)], dtype: "float64", values: [-2.5, 0.1] },
    { type: 0x08, shape: [0, 28, 28], payload: [], dtype: "uint8", values: [] },
  ])("reads type $type of shape $shape", ({ type, shape, payload, dtype, values }) => {
    const result = parseIdx(idx(type, shape, payload));
    expect(result.shape).toEqual(shape);
    expect(result.dtype).toBe(dtype);
    expect([...result.data]).toEqual(values);
  });

  test("shares bytes instead of copying them", () => {
    const bytes = idx(0x08, [2], [7, 8]);
    expect(parseIdx(bytes).data.buffer).toBe(bytes.buffer);
    const inside = new Uint8Array([9, 9, 9, ...bytes]).subarray(3);
    expect([...parseIdx(inside).data]).toEqual([7, 8]);
  });

  test.each([
    { name: "nothing", bytes: new Uint8Array(), received: "0 bytes" },
    { name: "a wrong magic number", bytes: new Uint8Array([1, 0, 8, 1, 0, 0, 0, 0]), received: "0x01000801" },
    { name: "an unknown type", bytes: idx(0x0a, [1], [0]), received: "0x00000a01" },
    { name: "gzip", bytes: new Uint8Array([0x1f, 0x8b, 8, 0]), received: "0x1f8b0800", fix: /gzip/ },
    { name: "no dimension", bytes: idx(0x08, [], [1]), received: "no dimension" },
    { name: "half a header", bytes: idx(0x08, [2, 2], []).subarray(0, 7), received: "7 bytes", fix: /cut short/ },
    { name: "too few elements", bytes: idx(0x08, [2, 2], [1, 2, 3]), received: "15 bytes", fix: /cut short/ },
    { name: "too many elements", bytes: idx(0x08, [2], [1, 2, 3]), received: "11 bytes", fix: /after its end/ },
    { name: "a crafted size", bytes: idx(0x0e, [0xffffffff, 0xffffffff], [1]), received: "13 bytes", fix: /cut short/ },
  ])("refuses $name", ({ bytes, received, fix }) => {
    const error = failure(() => parseIdx(bytes));
    expect(error).toMatchObject({ operation: "parseIdx", received: expect.stringContaining(received) });
    if (fix) expect(error.fix).toMatch(fix);
  });

  test("refuses a file cut anywhere", () => {
    const bytes = idx(0x08, [3, 4, 2], new Uint8Array(24));
    for (let length = 0; length < bytes.length; length++) failure(() => parseIdx(bytes.subarray(0, length)));
  });

  test("any bytes end in a tensor or a DataError", () => {
    const crafted = fc
      .tuple(fc.constantFrom(8, 9, 11, 12, 13, 14, 10), fc.uint8Array({ minLength: 0, maxLength: 40 }))
      .map(([type, rest]) => new Uint8Array([0, 0, type, ...rest]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), crafted), (bytes) => {
        try {
          const result = parseIdx(bytes);
          expect(result.data.length).toBe(result.size);
        } catch (error) {
          expect(error).toBeInstanceOf(DataError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function failure(run: () => unknown): DataError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(DataError);
    return error as DataError;
  }
  throw new Error("nothing was thrown");
}
