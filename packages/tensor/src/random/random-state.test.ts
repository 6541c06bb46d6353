import { describe, expect, expectTypeOf, test } from "vitest";
import golden from "../../goldens/random-state.json" with { type: "json" };
import { ArgumentError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import type { StreamState } from "./mt19937-stream.ts";
import { RandomState } from "./random-state.ts";

type Method = "rand" | "randn" | "normal" | "uniform" | "randint" | "permutation";

function draw(seed: number, method: string, args: readonly unknown[]): number[] {
  const state = new RandomState(seed) as unknown as Record<Method, (...args: unknown[]) => Tensor>;
  return Array.from(state[method as Method](...args).data);
}

describe.each(golden.seeds)("seed $seed", ({ seed, cases, spread, sequence }) => {
  test.each(cases)("$method $args", ({ method, args, values }) => {
    expect(draw(seed, method, args)).toEqual(values);
  });

  test.each(["rand", "randn"] as const)("%s stays right over 20000 draws", (method) => {
    const every997th = draw(seed, method, [20_000]).filter((_, i) => i % 997 === 0);
    expect(every997th).toEqual(spread[method]);
  });

  test("one stream through different draws", () => {
    const state = new RandomState(seed);
    const letters = [..."abcdefghijk"];
    expect(state.randn(3).toArray()).toEqual(sequence.randn);
    state.shuffle(letters);
    expect(letters).toEqual(sequence.shuffled);
    expect(state.randint(0, 100, 5).toArray()).toEqual(sequence.randint);
    expect(state.normal({ loc: 10, scale: 2, size: 4 }).toArray()).toEqual(sequence.normal);
    expect(state.rand(2).toArray()).toEqual(sequence.rand);
  });
});

describe("state", () => {
  const { seed, state, next } = golden.stateAfter401Normals;

  test("is NumPy's", () => {
    const ours = new RandomState(seed);
    ours.randn(401);
    expect(ours.getState()).toEqual(state);
    expect(ours.randn(5).toArray()).toEqual(next);
  });

  test("continues from JSON", () => {
    const ours = new RandomState(0);
    ours.setState(JSON.parse(JSON.stringify(state)));
    expect(ours.randn(5).toArray()).toEqual(next);
  });

  test.each([
    ["a short key", { key: [1] }, "624"],
    ["a word that is not one", { key: state.key.with(3, 2 ** 32) }, "0 to 4294967295"],
    ["a position past the key", { pos: 625 }, "0 to 624"],
    ["a flag that is not one", { hasGauss: 2 }, "0 to 1"],
    ["a number that is not one", { cachedGaussian: Number.NaN }, "a finite number"],
  ])("refuses %s", (_, change, expected) => {
    const broken = { ...state, ...change } as StreamState;
    expect(() => new RandomState(0).setState(broken)).toThrow(expected);
  });
});

describe("shapes", () => {
  const state = new RandomState(0);

  test.each([
    ["a scalar", state.rand(), []],
    ["a scalar by default", state.normal(), []],
    ["one axis by number", state.uniform({ size: 4 }), [4]],
    ["axes by array", state.randint(5, null, [2, 0]), [2, 0]],
    ["nothing", state.permutation(0), [0]],
  ])("%s", (_, tensor, shape) => {
    expect(tensor.shape).toEqual(shape);
  });

  test("are in the types", () => {
    expectTypeOf(state.rand(2, 3)).toEqualTypeOf<Tensor<[2, 3], "float64">>();
    expectTypeOf(state.normal({ size: 4 })).toEqualTypeOf<Tensor<[4], "float64">>();
    expectTypeOf(state.uniform({ size: [1, 2] })).toEqualTypeOf<Tensor<[1, 2], "float64">>();
    expectTypeOf(state.randint(5)).toEqualTypeOf<Tensor<[], "int32">>();
    expectTypeOf(state.permutation(3)).toEqualTypeOf<Tensor<[3], "int32">>();
  });
});

describe("arrays", () => {
  test("permutation copies an array and keeps its kind", () => {
    const source = Float32Array.of(0, 1, 2, 3, 4, 5, 6);
    const shuffled = new RandomState(42).permutation(source);
    expect(shuffled).toBeInstanceOf(Float32Array);
    expect(Array.from(shuffled)).toEqual(draw(42, "permutation", [7]));
    expect(Array.from(source)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(new RandomState(42).permutation(["a", "b"])).toHaveLength(2);
  });

  test("shuffle works in place", () => {
    const array = Int32Array.of(0, 1, 2, 3, 4, 5, 6);
    new RandomState(42).shuffle(array);
    expect(Array.from(array)).toEqual(draw(42, "permutation", [7]));
  });
});

test.each<[string, () => unknown, string, string]>([
  ["a negative seed", () => new RandomState(-1), "RandomState", "-1"],
  ["a seed of 33 bits", () => new RandomState(2 ** 32), "RandomState", "4294967296"],
  ["a broken seed", () => new RandomState(0.5), "RandomState", "0.5"],
  ["a seed that is no number", () => new RandomState("7" as unknown as number), "RandomState", "7"],
  ["a negative size", () => new RandomState(0).rand(2, -1), "rand", "[2, -1]"],
  ["a broken size", () => new RandomState(0).randn(1.5), "randn", "[1.5]"],
  ["a negative scale", () => new RandomState(0).normal({ scale: -1 }), "normal", "scale -1"],
  ["a scale of NaN", () => new RandomState(0).normal({ scale: Number.NaN }), "normal", "scale NaN"],
  ["low above high", () => new RandomState(0).uniform({ low: 2, high: 1 }), "uniform", "low 2 and high 1"],
  ["too wide a range", () => new RandomState(0).uniform({ low: -1e308, high: 1e308 }), "uniform", "low -1e+308"],
  ["an empty range", () => new RandomState(0).randint(3, 3), "randint", "low 3 and high 3"],
  ["an empty range from 0", () => new RandomState(0).randint(0), "randint", "low 0 and high 0"],
  ["a broken limit", () => new RandomState(0).randint(0, 1.5), "randint", "1.5"],
  ["a limit beyond int32", () => new RandomState(0).randint(0, 2 ** 31 + 1), "randint", "2147483649"],
  ["a negative count", () => new RandomState(0).permutation(-2), "permutation", "-2"],
])("refuses %s", (_, call, operation, received) => {
  expect(call).toThrow(ArgumentError);
  expect(call).toThrow(expect.objectContaining({ operation, received: expect.stringContaining(received) }));
});
