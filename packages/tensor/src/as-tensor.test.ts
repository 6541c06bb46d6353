import { expect, test } from "vitest";
import { asTensor } from "./as-tensor.ts";
import { tensor } from "./tensor.ts";

test("a tensor is given back, nested arrays become one", () => {
  const x = tensor([1, 2], { dtype: "int32" });
  expect(asTensor("predict", "inputs", x)).toBe(x);
  expect(asTensor("predict", "inputs", [[1, 2]])).toEqual(tensor([[1, 2]]));
  expect(asTensor("predict", "inputs", [0.1], "float64").data).toEqual(Float64Array.of(0.1));
});

const nested = "a tensor or nested arrays of numbers";

test.each<[unknown, object]>([
  [undefined, { name: "ArgumentError", received: "inputs undefined", expected: nested, fix: undefined }],
  ["12", { name: "ArgumentError", received: 'inputs "12" of type string', expected: nested }],
  [{ shape: [1] }, { name: "ArgumentError", received: "inputs a value of class Object", expected: nested }],
  [
    Float32Array.of(1),
    {
      name: "ArgumentError",
      received: "inputs a value of class Float32Array",
      fix: "Give it a shape: fromArray(values, shape).",
    },
  ],
  [[[1, 2], [3]], { name: "ShapeError", received: "inputs with a row of 1 items" }],
  [[["1"]], { name: "ShapeError", received: 'inputs with "1" of type string' }],
  [[[1n]], { name: "ShapeError", received: "inputs with 1n of type bigint" }],
])("%o is refused in the name of the operation", (value, error) => {
  expect(() => asTensor("predict", "inputs", value)).toThrow(
    expect.objectContaining({ operation: "predict", ...error }),
  );
});
