import { readFileSync } from "node:fs";
import { ArgumentError, fromArray, type Shape, type Tensor, tensor } from "@nn/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import dtypeValues from "../../goldens/safetensors-dtypes.json" with { type: "json" };
import { loadSafetensors, type NamedTensors, saveSafetensors, weightsSha256 } from "../index.ts";

// Written by the reference implementation: see goldens/reference-safetensors.py.
const golden = new Uint8Array(readFileSync(new URL("../../goldens/safetensors.bin", import.meta.url)));

// Also written by it: see goldens/safetensors-dtypes.py.
const dtypesFile = new Uint8Array(readFileSync(new URL("../../goldens/safetensors-dtypes.bin", import.meta.url)));
const dtypeRows = dtypeValues as readonly {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}[];

const tensors: NamedTensors = {
  "dense1.weight": tensor([
    [1.5, -2.25, 0.1],
    [Infinity, 1e-40, -0],
  ]),
  "dense1.bias": tensor([0.1, -1e300, 5e-324], { dtype: "float64" }),
  step: tensor(-7, { dtype: "int32" }),
  mask: tensor([0, 1, 255], { dtype: "uint8" }),
  empty: fromArray(new Float32Array(0), [0, 4]),
  'ñandú "quoted"': tensor([2]),
};
const metadata = { recipe: "moons", note: "línea\nnueva" };

/** A file with this header, as text or bytes, before `size` bytes of values. */
function file(header: string | Uint8Array, size = 0, length?: bigint): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + size);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (shape: string, offsets: string, dtype = "F32"): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

function valuesOf(content: NamedTensors): unknown {
  return Object.entries(content).map(([name, { dtype, shape, data }]) => [name, dtype, shape, [...data]]);
}

function bytesOf({ data }: Tensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

describe("the reference implementation's file", () => {
  test("is read", () => {
    const content = loadSafetensors(golden);
    expect(content.metadata).toEqual(metadata);
    expect(new Set(Object.keys(content.parameters))).toEqual(new Set(Object.keys(tensors)));
    for (const [name, value] of Object.entries(tensors)) {
      const read = content.parameters[name]!;
      expect([read.dtype, read.shape, [...read.data]]).toEqual([value.dtype, value.shape, [...value.data]]);
    }
  });

  test("is written, byte for byte", () => {
    expect(saveSafetensors(tensors, { metadata })).toEqual(golden);
  });
});

describe("round trip", () => {
  test("whatever the order of the record, the bytes are the same", () => {
    const reversed = Object.fromEntries(Object.entries(tensors).reverse());
    expect(saveSafetensors(reversed, { metadata })).toEqual(saveSafetensors(tensors, { metadata }));
  });

  test("of nothing", () => {
    expect(loadSafetensors(saveSafetensors({}))).toEqual({ parameters: {}, metadata: {} });
  });

  test("from a part of a larger buffer, into copies", () => {
    const padded = new Uint8Array(golden.length + 3);
    padded.set(golden, 3);
    const content = loadSafetensors(padded.subarray(3));
    padded.fill(0);
    expect(valuesOf(content.parameters)).toEqual(valuesOf(loadSafetensors(Buffer.from(golden)).parameters));
  });

  test("of names that objects treat as their own", () => {
    const odd = Object.fromEntries(["__proto__", "constructor", "1", ""].map((name) => [name, tensor([1])]));
    const read = loadSafetensors(saveSafetensors(odd, { metadata: { toString: "x" } }));
    expect(Object.keys(read.parameters).sort()).toEqual(["", "1", "__proto__", "constructor"]);
    expect(read.metadata).toEqual({ toString: "x" });
  });

  test("of strings of some megabytes", () => {
    const strings = { plain: "x".repeat(10_000_000), escaped: '\\"'.repeat(5_000_000) };
    // Not toEqual, which would print them.
    const read = loadSafetensors(saveSafetensors({}, { metadata: strings })).metadata;
    expect(read.plain === strings.plain && read.escaped === strings.escaped).toBe(true);
  });

  test("of any tensors and strings", () => {
    const arrays = fc.oneof(
      fc.float32Array({ maxLength: 12 }),
      fc.float64Array({ maxLength: 12 }),
      fc.int32Array({ maxLength: 12 }),
      fc.uint8Array({ maxLength: 12 }),
    );
    const name = fc.string({ unit: "binary" }).filter((text) => text !== "__metadata__" && text.isWellFormed());
    const record = fc.dictionary(name, arrays, { maxKeys: 5 });
    fc.assert(
      fc.property(record, fc.dictionary(name, name, { maxKeys: 3 }), (data, strings) => {
        const given = Object.fromEntries(
          Object.entries(data).map(([key, each]) => [key, fromArray(each, [each.length]) as Tensor]),
        );
        const read = loadSafetensors(saveSafetensors(given, { metadata: strings }));
        const same = (a: Tensor | undefined, b: Tensor): boolean =>
          a?.dtype === b.dtype && Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
        return (
          Object.keys(read.parameters).length === Object.keys(given).length &&
          Object.entries(given).every(([key, value]) => same(read.parameters[key], value)) &&
          Object.keys(read.metadata).length === Object.keys(strings).length &&
          Object.entries(strings).every(([key, text]) => read.metadata[key] === text)
        );
      }),
      { numRuns: 100 },
    );
  });
});

const oneFloat = `{"a":${entry("[1]", "[0,4]")}}`;
const longName = "x".repeat(500);

describe("a crafted file is refused", () => {
  test.each<[string, Uint8Array, string]>([
    ["nothing", new Uint8Array(0), "0 bytes"],
    ["less than a length", new Uint8Array(7), "7 bytes"],
    ["no header", file(""), "the end"],
    ["a header of 2⁶⁴ − 1 bytes", file("{}", 0, 2n ** 64n - 1n), "18446744073709551615 bytes"],
    ["a header one byte longer than the file", file("{}", 0, 3n), "a header of 3 bytes in a file of 10"],
    ["a header cut short", file("{}", 0, 1n), "the end at character 1"],
    ["no object", file("[]"), "expected {"],
    ["text after the object", file("{} x"), "end of the header"],
    ["two objects", file("{}{}"), "end of the header"],
    ["bytes that are not UTF-8", file(new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])), "not UTF-8"],
    ["a byte order mark", file("\ufeff{}"), "expected {"],
    ["a comma at the end", file(`{"a":${entry("[1]", "[0,4]")},}`, 4), "a string"],
    ["nesting", file(`{"a":${"[".repeat(100_000)}}`), "expected {"],
    ["nesting in a shape", file(`{"a":${entry(`${"[".repeat(1000)}`, "[0,4]")}}`, 4), "an integer"],
    ["a name without its end", file('{"a'), "a string"],
    ["a control character in a name", file('{"a\u0001":1}'), "valid JSON"],
    ["a bad escape", file('{"\\x":1}'), "valid JSON"],
    ["a name twice", file(`{"a":${entry("[1]", "[0,4]")},"a":${entry("[1]", "[0,4]")}}`, 4), '"a" twice'],
    [
      "a name twice, once escaped",
      file(`{"a":${entry("[0]", "[0,0]")},"\\u0061":${entry("[0]", "[0,0]")}}`),
      '"a" twice',
    ],
    ["a key twice", file('{"a":{"dtype":"F32","dtype":"F64"}}'), '"dtype" twice'],
    ["metadata twice", file('{"__metadata__":{},"__metadata__":{}}'), '"__metadata__" twice'],
    ["metadata that is no string", file('{"__metadata__":{"a":1}}'), "a string"],
    ["metadata that is no object", file('{"__metadata__":"a"}'), "expected {"],
    ["an unknown key", file('{"a":{"dtype":"F32","strides":[1]}}'), '"strides"'],
    ["a missing key", file('{"a":{"dtype":"F32","shape":[1]}}', 4), 'incomplete entry for "a"'],
    ["one offset", file(`{"a":${entry("[1]", "[4]")}}`, 4), "incomplete"],
    ["three offsets", file(`{"a":${entry("[1]", "[0,4,4]")}}`, 4), "at most 2"],
    ["a dtype that is no string", file('{"a":{"dtype":32}}'), "a string"],
    ["a negative size", file(`{"a":${entry("[-1]", "[0,4]")}}`, 4), "an integer"],
    ["a broken size", file(`{"a":${entry("[1.0]", "[0,4]")}}`, 4), "an integer"],
    ["a size in powers of ten", file(`{"a":${entry("[1e0]", "[0,4]")}}`, 4), "an integer"],
    ["a size with a leading zero", file(`{"a":${entry("[01]", "[0,4]")}}`, 4), "expected"],
    ["a size of 2⁵³", file(`{"a":${entry("[9007199254740992]", "[0,4]")}}`, 4), "safe integers"],
    ["a size of 30 digits", file(`{"a":${entry(`[${"9".repeat(30)}]`, "[0,4]")}}`, 4), "an integer"],
    ["a size that is null", file(`{"a":${entry("[null]", "[0,4]")}}`, 4), "an integer"],
    ["a product that overflows", file(`{"a":${entry("[4294967296,4294967296,4294967296]", "[0,4]")}}`, 4), "4 bytes"],
    [
      "a product that a zero hides",
      file(`{"a":${entry("[9007199254740991,9007199254740991,0]", "[0,4]")}}`, 4),
      "4 bytes",
    ],
    ["too many axes", file(`{"a":${entry(`[${Array(65).fill(1)}]`, "[0,4]")}}`, 4), "at most 64"],
    ["a size above its bytes", file(`{"a":${entry("[2]", "[0,4]")}}`, 4), "4 bytes"],
    ["a size below its bytes", file(`{"a":${entry("[1]", "[0,8]")}}`, 8), "8 bytes"],
    ["an end before its begin", file(`{"a":${entry("[0]", "[0,0]")},"b":${entry("[1]", "[4,0]")}}`, 4), "byte 4 to 0"],
    ["values past the end", file(oneFloat, 3), "byte 0 to 4 of 3"],
    ["values far past the end", file(`{"a":${entry("[1073741824]", "[0,4294967296]")}}`, 4), "of 4"],
    ["bytes that belong to nothing", file(oneFloat, 5), "5 bytes of values"],
    ["a gap before", file(`{"a":${entry("[1]", "[4,8]")}}`, 8), "byte 4 to 8"],
    ["a gap between", file(`{"a":${entry("[1]", "[0,4]")},"b":${entry("[1]", "[8,12]")}}`, 12), "byte 8 to 12"],
    ["an overlap", file(`{"a":${entry("[2]", "[0,8]")},"b":${entry("[1]", "[4,8]")}}`, 8), "byte 4 to 8"],
    ["the same values twice", file(`{"a":${entry("[1]", "[0,4]")},"b":${entry("[1]", "[0,4]")}}`, 4), "byte 0 to 4"],
    ["a long name, shown short", file(`{"${longName}":${entry("[2]", "[0,4]")}}`, 4), "xxxx…"],
  ])("%s", (_, bytes, text) => {
    const act = (): unknown => loadSafetensors(bytes);
    expect(act).toThrow(ArgumentError);
    expect(act).toThrow(text);
    expect(act).toThrow(expect.objectContaining({ operation: "loadSafetensors" }));
    try {
      act();
    } catch (error) {
      expect((error as Error).message.length).toBeLessThan(400);
    }
  });

  test("what is no bytes", () => {
    expect(() => loadSafetensors("{}" as never)).toThrow(ArgumentError);
    expect(() => loadSafetensors(new ArrayBuffer(8) as never)).toThrow(ArgumentError);
  });

  test("a file cut anywhere", () => {
    for (let length = 0; length < golden.length; length++) {
      expect(() => loadSafetensors(golden.subarray(0, length))).toThrow(ArgumentError);
    }
  });

  test("a file changed anywhere gives values or an ArgumentError", () => {
    const change = fc.record({ at: fc.nat({ max: golden.length - 1 }), to: fc.nat({ max: 255 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = golden.slice();
        for (const { at, to } of changes) bytes[at] = to;
        try {
          for (const { data, size } of Object.values(loadSafetensors(bytes).parameters)) expect(data.length).toBe(size);
        } catch (error) {
          expect(error).toBeInstanceOf(ArgumentError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("dtypes of other programs", () => {
  test.each(dtypeRows.map((row) => [row.dtype, row] as const))("%s is read exactly", (code, { shape, data }) => {
    const { parameters } = loadSafetensors(dtypesFile);
    const read = parameters[code]!;
    expect(read.dtype).toBe(/^(F|BF)/.test(code) ? "float32" : code === "BOOL" ? "uint8" : "int32");
    expect(read.shape).toEqual(shape);
    expect([...read.data]).toEqual(data.map(Number));
  });

  /** A file of one tensor, "ids", with these bytes. */
  const one = (code: string, count: number, bytes: ArrayLike<number>): Uint8Array => {
    const whole = file(`{"ids":${entry(`[${count}]`, `[0,${bytes.length}]`, code)}}`, bytes.length);
    whole.set(bytes, whole.length - bytes.length);
    return whole;
  };
  const bytesOf64 = (...values: bigint[]): Uint8Array => new Uint8Array(BigInt64Array.from(values).buffer);

  test.each<[string, Uint8Array, string, string]>([
    ["I64", bytesOf64(1n, 2n ** 31n), "2147483648", "an integer from -2147483648 to 2147483647"],
    ["I64", bytesOf64(0n, -(2n ** 31n) - 1n), "-2147483649", "an integer from"],
    ["I64", bytesOf64(0n, 2n ** 53n + 1n), "9007199254740993", "an integer from"],
    ["U64", bytesOf64(0n, -1n), "18446744073709551615", "an integer from"],
    ["U32", new Uint8Array([0, 0, 0, 0, 0, 0, 0, 128]), "2147483648", "an integer from"],
    ["BOOL", new Uint8Array([1, 2]), "2", "0 or 1"],
  ])("a value of %s that does not fit is named", (code, bytes, value, expected) => {
    const act = (): unknown => loadSafetensors(one(code, 2, bytes));
    expect(act).toThrow(ArgumentError);
    expect(act).toThrow(`received ${value} in "ids" of dtype ${code}; expected ${expected}`);
  });

  test.each(["C64", "F4", "F6_E2M3", "F6_E3M2", "Q4_K", "f32"])("%s is not supported, which is no damage", (code) => {
    const act = (): unknown => loadSafetensors(one(code, 2, new Uint8Array(16)));
    expect(act).toThrow(`received dtype "${code}" of "ids", which is not supported`);
    expect(act).not.toThrow("damaged");
  });

  test("a tensor of another size than its dtype needs is damage", () => {
    expect(() => loadSafetensors(one("F16", 3, new Uint8Array(4)))).toThrow('4 bytes for "ids" of shape [3] in F16');
  });

  test("no elements of any dtype", () => {
    for (const { dtype } of dtypeRows) {
      expect(loadSafetensors(one(dtype, 0, [])).parameters.ids!.shape).toEqual([0]);
    }
  });
});

describe("a header of very many names", () => {
  const names = (count: number, value: string): string =>
    Array.from({ length: count }, (_, i) => `"${i.toString(36)}":${value}`).join(",");
  const empty = entry("[0]", "[0,0]");

  test("is refused where it passes the limit", () => {
    // What follows the 100,001st name is not looked at.
    expect(() => loadSafetensors(file(`{${names(100_001, empty)},!`))).toThrow("more than 100000 tensors");
    expect(() => loadSafetensors(file(`{"__metadata__":{${names(100_001, '""')},!`))).toThrow(
      "more than 100000 strings of metadata",
    );
  });

  test("is not written", () => {
    const metadata = Object.fromEntries(Array.from({ length: 100_001 }, (_, i) => [String(i), ""]));
    expect(() => saveSafetensors({}, { metadata })).toThrow("100001 strings of metadata");
  });
});

describe("what cannot be written is refused", () => {
  test.each<[string, NamedTensors, Record<string, unknown>]>([
    ["the name of the metadata", { __metadata__: tensor([1]) }, {}],
    ["half a character in a name", { "\ud800": tensor([1]) }, {}],
    ["half a character in metadata", {}, { a: "\udc00" }],
    ["metadata that is no string", {}, { a: 1 }],
    ["what structuredClone leaves of a tensor", structuredClone({ a: { ...tensor([1]) } }) as never, {}],
    ["an array for a tensor", { a: [1] as never }, {}],
    ["no tensors", undefined as never, {}],
    ["a tensor without a name", tensor([1]) as never, {}],
    ["an array of tensors", [tensor([1])] as never, {}],
    ["no metadata", {}, null as never],
  ])("%s", (_, parameters, strings) => {
    expect(() => saveSafetensors(parameters, { metadata: strings as Record<string, string> })).toThrow(ArgumentError);
  });
});

describe("weightsSha256", () => {
  test("hashes the file without metadata", () => {
    // From Python's hashlib, over the 8 + 64 + 8 bytes that the doc comment describes.
    expect(weightsSha256({ "dense1.bias": tensor([1, -2]) })).toBe(
      "68152fd1403ca4144ea9727ccd74c2f30afd8d95ea6f12c784cdc6e7d4209c39",
    );
  });

  test("depends on names, dtypes, shapes and every bit", () => {
    const sums = [
      { a: tensor([0, 1]) },
      { b: tensor([0, 1]) },
      { a: tensor([[0, 1]]) },
      { a: tensor([-0, 1]) },
      { a: tensor([0, 1], { dtype: "float64" }) },
      { a: tensor([0, 1 + 2 ** -23]) },
      { a: tensor([0]), b: tensor([1]) },
      {},
    ].map((each) => weightsSha256(each as NamedTensors));
    expect(new Set(sums).size).toBe(sums.length);
  });

  test("does not depend on the order of the record", () => {
    const [a, b] = [tensor([1]), tensor([2])];
    expect(weightsSha256({ a, b })).toBe(weightsSha256({ b, a }));
  });

  test("takes every NaN for the same, and leaves the weights alone", () => {
    const odd = new Float32Array(new Uint32Array([0x7fc00001, 0xffc12345, 0x3f800000]).buffer);
    const even = new Float32Array([Number.NaN, Number.NaN, 1]);
    const sumOf = (data: Float32Array): string => weightsSha256({ a: fromArray(data, [3]) as Tensor<Shape> });
    expect(sumOf(odd)).toBe(sumOf(even));
    expect(new Uint32Array(odd.buffer)[1]).toBe(0xffc12345);
    const wide = new Float64Array(new BigUint64Array([0x7ff8000000000001n]).buffer);
    expect(weightsSha256({ a: fromArray(wide, [1]) as Tensor })).toBe(
      weightsSha256({ a: tensor([Number.NaN], { dtype: "float64" }) as Tensor }),
    );
  });
});
