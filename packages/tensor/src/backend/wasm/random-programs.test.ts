/**
 * Random programs have the reference's bits. A failure prints its seed and a small program that fails; more of them run in
 * `random-programs.slow.test.ts` and by `pnpm --filter @nn/tensor fuzz`.
 */

import { expect, test } from "vitest";
import { type Program, Ref } from "../../../test/fuzz/program.ts";
import { randomProgram } from "../../../test/fuzz/random-program.ts";
import { runPrograms } from "../../../test/fuzz/run-programs.ts";
import { shrunk } from "../../../test/fuzz/smaller-programs.ts";
import { sizeOf } from "../../index.ts";
import { wasm } from "./wasm.ts";

test("300 of them", async () => {
  const { failure } = await runPrograms(() => wasm(), { first: 0, count: 300 });
  expect(failure).toBeUndefined();
});

test("they hold what kernels find hard", () => {
  const programs = Array.from({ length: 200 }, (_, seed) => randomProgram(seed));
  const leaves = programs.flatMap((program) => program.leaves);
  const calls = programs.flatMap((program) => program.calls);
  const meetsItself = ({ leaves, calls }: Program): boolean =>
    calls.some(({ args }) => {
      const [a, b] = args;
      if (!(a instanceof Ref && b instanceof Ref)) return false;
      const views = ({ index }: Ref): number | undefined => {
        const call = calls[index - leaves.length];
        return call?.name === "reshape" ? (call.args[0] as Ref).index : undefined;
      };
      return views(a) === b.index || views(b) === a.index;
    });
  expect(programs.filter(meetsItself).length).toBeGreaterThan(20);
  expect(new Set(programs.map(({ kind }) => kind)).size).toBe(3);
  expect(new Set(leaves.map(({ dtype }) => dtype)).size).toBe(4);
  expect(leaves.filter(({ shape }) => sizeOf(shape) === 0).length).toBeGreaterThan(3);
  expect(leaves.filter(({ shape }) => shape.length === 4).length).toBeGreaterThan(3);
  expect(leaves.filter(({ shape }) => shape.some((length) => length > 400)).length).toBeGreaterThan(3);
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -0, 2 ** -149])
    expect(leaves.some(({ dtype, data }) => dtype === "float32" && data.some((each) => Object.is(each, value)))).toBe(
      true,
    );
  for (const name of [
    "matmul",
    "softmax",
    "sum",
    "max",
    "where",
    "concat",
    "slice",
    "transpose",
    "cast",
    "oneHot",
    "uniform",
  ])
    expect(calls.some((call) => call.name === name)).toBe(true);
});

test("a program that fails is reduced to what makes it fail", () => {
  const fails = ({ calls }: Program): boolean => calls.some(({ name }) => name === "matmul");
  const large = Array.from({ length: 200 }, (_, seed) => randomProgram(seed)).find(
    (program) => program.calls.length > 20 && fails(program),
  )!;
  const { calls, leaves, outputs } = shrunk(large, fails);
  expect([calls.map(({ name }) => name), leaves.length, outputs.length]).toEqual([["matmul"], 2, 1]);
});
