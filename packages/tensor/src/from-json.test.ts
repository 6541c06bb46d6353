import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  arange,
  fromArray,
  fromJson,
  ShapeError,
  type Tensor,
  type TensorJson,
  tensor,
  trace,
  zeros,
} from "./index.ts";

const text = '{"shape":[2,3],"dtype":"float32","data":[1,"NaN","Infinity","-Infinity","-0",0.10000000149011612]}';

test("JSON.stringify writes shape, dtype and elements", () => {
  const x = tensor([
    [1, Number.NaN, Infinity],
    [-Infinity, -0, 0.1],
  ]);
  expect(JSON.stringify(x)).toBe(text);
  expect(JSON.stringify({ labels: [tensor(7, { dtype: "uint8" })] })).toBe(
    '{"labels":[{"shape":[],"dtype":"uint8","data":[7]}]}',
  );
});

test.each<[string, Tensor]>([
  ["float32 with every kind of number", fromJson(JSON.parse(text))],
  ["float64", tensor([0.1, 5e-324, -1.7976931348623157e308, -0, Number.NaN], { dtype: "float64" }) as Tensor],
  ["int32", tensor([-(2 ** 31), 2 ** 31 - 1], { dtype: "int32" }) as Tensor],
  ["uint8", tensor([[0], [255]], { dtype: "uint8" }) as Tensor],
  ["a scalar", tensor(3) as Tensor],
  ["no elements", zeros([2, 0]) as Tensor],
  ["a part of a buffer", fromArray(Float32Array.of(1, 2, 3).subarray(1), [2]) as Tensor],
])("fromJson reads it back, bit for bit: %s", (_, x) => {
  const read = fromJson(JSON.parse(JSON.stringify(x)));
  expect([read.shape, read.dtype, read.data]).toEqual([x.shape, x.dtype, x.data]);
});

describe("what JSON.stringify did not write is refused", () => {
  const vector = { shape: [1], dtype: "float32", data: [1] };
  test.each<[string, unknown, string, string]>([
    ["the text", text, "of type string", "Parse it"],
    ["nothing", undefined, "undefined", "{ shape, dtype, data }"],
    ["null", null, "null", "{ shape, dtype, data }"],
    ["a tensor", arange(2), "a value of class Tensor", "{ shape, dtype, data }"],
    ["no data", { shape: [1], dtype: "float32" }, "a value of class Object", "{ shape, dtype, data }"],
    ["data of another size", { ...vector, shape: [2] }, "1 elements for shape [2]", "2 elements"],
    ["a shape of strings", { ...vector, shape: ["1"] }, '"1" of type string', "integers of at least 0"],
    ["no shape", { ...vector, shape: undefined }, "shape undefined", "an array of sizes"],
    ["an unknown dtype", { ...vector, dtype: "float16" }, '"float16"', "float64, float32"],
    ["another text", { ...vector, data: ["1"] }, '"1" of type string at position 0', '"NaN"'],
    ["null for NaN", { ...vector, data: [null] }, "null at position 0", '"NaN"'],
    ["a fraction in integers", { ...vector, dtype: "int32", data: [0.5] }, "0.5 at position 0", "an integer from"],
    ["NaN in integers", { ...vector, dtype: "uint8", data: ["NaN"] }, '"NaN"', "an integer from 0 to 255"],
    ["256 in uint8", { ...vector, dtype: "uint8", data: [256] }, "256 at position 0", "an integer from 0 to 255"],
  ])("%s", (_, json, received, expected) => {
    const act = (): Tensor => fromJson(json as TensorJson);
    expect(act).toThrow(ArgumentError);
    expect(act).toThrow(received);
    expect(act).toThrow(expected);
  });

  test("sizes are a ShapeError", () => {
    expect(() => fromJson({ shape: [3], dtype: "float32", data: [] })).toThrow(ShapeError);
  });
});

test("a traced tensor has no JSON", () => {
  const act = (): unknown =>
    trace(
      (x: Tensor) => {
        JSON.stringify(x);
        return x;
      },
      [zeros([2])],
    );
  expect(act).toThrow("has no values yet");
});
