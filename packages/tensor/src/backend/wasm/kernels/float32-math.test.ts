import { expect, test } from "vitest";
import { exp32, log32, sigmoid32, tanh32 } from "../../../math/float32/scalar.ts";
import type { V128 } from "../assembler/expression.ts";
import { type FunctionBuilder, ModuleBuilder } from "../assembler/module.ts";
import { i32 } from "../assembler/scalar.ts";
import { v128 } from "../assembler/simd.ts";
import { webAssembly } from "../web-assembly.ts";
import { expF32x4, logF32x4, sigmoidF32x4, tanhF32x4, withFloat32Constants } from "./float32-math.ts";

type Emit = (f: FunctionBuilder, x: V128) => V128;

const count = 1 << 18;
const input = evenlySpread(count);

const functions: [string, Emit, (x: number) => number][] = [
  ["exp", expF32x4, exp32],
  ["log", logF32x4, log32],
  ["tanh", tanhF32x4, tanh32],
  ["sigmoid", sigmoidF32x4, sigmoid32],
];

test.each(functions)("%s on lanes has the bits of the scalar function", (name, emit, scalar) => {
  const values = runOver(input, (f, loop) => withFloat32Constants(f, [name, "add"], () => loop(emit)));
  expect(differing(values, scalar)).toEqual([]);
});

test.each(functions)("%s with its constants in place computes the same", (_, emit, scalar) => {
  const values = runOver(input, (_f, loop) => loop(emit));
  expect(differing(values, scalar)).toEqual([]);
});

test("constants are held while the body is emitted and no longer, the inner ones beside the outer", () => {
  const built: number[] = [];
  new ModuleBuilder({ minimumPages: 1, maximumPages: 1, shared: false }).define(0, (f) => {
    const x = f.let(v128.load(i32.const(0))).get;
    const record = (emit: Emit): void => {
      const before = constantsBuilt(f);
      emit(f, x);
      built.push(constantsBuilt(f) - before);
    };
    record(expF32x4);
    withFloat32Constants(f, ["exp"], () => {
      record(expF32x4);
      withFloat32Constants(f, ["log"], () => {
        record(expF32x4);
        record(logF32x4);
      });
      record(expF32x4);
    });
    record(expF32x4);
  });
  const [before, ...rest] = built;
  expect(before).toBeGreaterThan(10);
  expect(rest).toEqual([0, 0, 0, 0, before]);
});

/** How many vector constants stand in the code so far. */
function constantsBuilt(f: FunctionBuilder): number {
  return f.encode().filter((byte, i, bytes) => byte === 0xfd && bytes[i + 1] === 0x0c).length;
}

/** Runs a loop over all of `values`, two vectors a turn as V8 packs them. */
function runOver(values: Float32Array, define: (f: FunctionBuilder, loop: (emit: Emit) => void) => void): Float32Array {
  const bytes = values.byteLength;
  const pages = (2 * bytes) / 65536;
  const memory = new webAssembly!.Memory({ initial: pages, maximum: pages, shared: false });
  const module = new ModuleBuilder({ minimumPages: pages, maximumPages: pages, shared: false });
  const body = (f: FunctionBuilder): void => {
    const offset = f.let(i32.const(0));
    define(f, (emit) =>
      f.for(offset, i32.const(bytes), 32, () => {
        const inputs = [0, 16].map((start) => f.let(v128.load(offset.get, start)).get);
        const [low, high] = inputs.map((x) => emit(f, x));
        f.add(v128.store(offset.get, high!, bytes + 16), v128.store(offset.get, low!, bytes));
      }),
    );
  };
  module.define(0, body, "run");
  const { exports } = new webAssembly!.Instance(new webAssembly!.Module(module.encode()), { engine: { memory } });
  new Float32Array(memory.buffer).set(values);
  exports.run!();
  return new Float32Array(memory.buffer, bytes);
}

function differing(values: Float32Array, scalar: (x: number) => number): number[] {
  return [...input].filter((x, i) => !Object.is(values[i], Math.fround(scalar(x)))).slice(0, 10);
}

/** Float32 numbers evenly spread over all bit patterns, and as many evenly over ±20. */
function evenlySpread(length: number): Float32Array {
  const values = new Float32Array(length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < length / 2; i++) {
    bits[2 * i] = Math.floor((2 * i * 2 ** 32) / length) + (i % 11);
    values[2 * i + 1] = (80 * i) / length - 20;
  }
  return values;
}
