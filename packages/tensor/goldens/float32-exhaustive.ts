/**
 * Runs the float32 kernels over every one of the 2^32 inputs, against the float64 functions of this package (within 0.55
 * units in the last place of float64), and prints for each its largest and mean error in units of the last place of the
 * rounded result, and the worst argument. One input in 61 also goes through the scalar functions, which must agree bit
 * for bit.
 *
 * Run: node --conditions=@nn/source goldens/float32-exhaustive.ts [function …]   (about twenty minutes)
 * With --experimental-wasm-revectorize it checks V8's 256-bit packing of the same kernels.
 */

import { ModuleBuilder } from "../src/backend/wasm/assembler/module.ts";
import { i32 } from "../src/backend/wasm/assembler/scalar.ts";
import { v128 } from "../src/backend/wasm/assembler/simd.ts";
import {
  expF32x4,
  logF32x4,
  sigmoidF32x4,
  tanhF32x4,
  withFloat32Constants,
} from "../src/backend/wasm/kernels/float32-math.ts";
import { webAssembly } from "../src/backend/wasm/web-assembly.ts";
import { exp } from "../src/math/exp.ts";
import { exp32, log32, sigmoid32, tanh32 } from "../src/math/float32/scalar.ts";
import { log } from "../src/math/log.ts";
import { tanh } from "../src/math/tanh.ts";

const blockSize = 1 << 16;

const cases = {
  exp: { emit: expF32x4, scalar: exp32, exact: exp },
  log: { emit: logF32x4, scalar: log32, exact: log },
  tanh: { emit: tanhF32x4, scalar: tanh32, exact: tanh },
  sigmoid: { emit: sigmoidF32x4, scalar: sigmoid32, exact: sigmoid },
};
type Name = keyof typeof cases;

function sigmoid(x: number): number {
  const e = exp(-Math.abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}

const memory = new webAssembly!.Memory({ initial: 8, maximum: 8, shared: false });
const input = new Float32Array(memory.buffer, 0, blockSize);
const inputBits = new Int32Array(memory.buffer, 0, blockSize);
const output = new Float32Array(memory.buffer, 4 * blockSize, blockSize);

/** The kernel of one function over the block. */
function kernelOf(name: Name): () => void {
  const module = new ModuleBuilder({ minimumPages: 8, maximumPages: 8, shared: false });
  module.define(
    0,
    (f) => {
      const offset = f.let(i32.const(0));
      withFloat32Constants(f, [name], () => {
        f.for(offset, i32.const(4 * blockSize), 32, () => {
          const inputs = [0, 16].map((bytes) => f.let(v128.load(offset.get, bytes)).get);
          const [low, high] = inputs.map((x) => cases[name].emit(f, x));
          f.add(v128.store(offset.get, high!, 4 * blockSize + 16), v128.store(offset.get, low!, 4 * blockSize));
        });
      });
    },
    name,
  );
  const { exports } = new webAssembly!.Instance(new webAssembly!.Module(module.encode()), { engine: { memory } });
  return exports[name]!;
}

/** The distance between float32 neighbours, by exponent. */
const units = Float64Array.from({ length: 256 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 150));
const rounded = new Float32Array(1);
const roundedBits = new Int32Array(rounded.buffer);

function check(name: Name): void {
  const { scalar, exact } = cases[name];
  const run = kernelOf(name);
  let [worst, worstAt, sum, counted] = [0, 0, 0, 0];
  for (let start = 0; start < 2 ** 32; start += blockSize) {
    for (let i = 0; i < blockSize; i++) inputBits[i] = start + i;
    run();
    for (let i = 0; i < blockSize; i++) {
      const x = input[i]!;
      const y = output[i]!;
      if (i % 61 === 0 && !Object.is(scalar(x), y)) throw new Error(`${name}(${x}): kernel ${y}, scalar ${scalar(x)}`);
      const reference = exact(x);
      rounded[0] = reference;
      if (y === rounded[0] && (y !== 0 || Object.is(y, rounded[0]))) {
        if (y - y !== 0) continue; // infinite
      } else if (Number.isNaN(reference) && Number.isNaN(y)) continue;
      else if (!Number.isFinite(y) || !Number.isFinite(rounded[0])) throw new Error(`${name}(${x}) = ${y}`);
      else if (y === 0 && rounded[0] === 0) throw new Error(`${name}(${x}): the sign of zero`);
      const error = Math.abs(y - reference) / units[(roundedBits[0]! >>> 23) & 255]!;
      sum += error;
      counted++;
      if (error > worst) [worst, worstAt] = [error, x];
    }
  }
  console.log(`${name}: largest ${worst.toFixed(3)} ulp at ${worstAt}, mean ${(sum / counted).toFixed(4)} ulp`);
}

const named = process.argv.slice(2) as Name[];
for (const name of named.length > 0 ? named : (Object.keys(cases) as Name[])) check(name);
