/** The kernel of `uniform`: threefry2x32 on four elements at a time, as `random/threefry.ts` computes it. */

import type { I32, V128 } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/module.ts";
import { i32 } from "../assembler/scalar.ts";
import { f32x4, i32x4, v128 } from "../assembler/simd.ts";

/** Elements that one item of the kernel draws: two vectors that V8 can pack into one. */
export const uniformElements = 8;

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** Body of a function (first, end) over items of eight elements, from the scalars at `seed` and `step`. */
export function emitUniform(
  f: FunctionBuilder,
  from: { readonly seed: number; readonly step: number },
  to: number,
  stream: number,
): void {
  const [item, end] = [f.parameter(0), f.parameter(1)];
  const keys = [i32.load(i32.const(from.seed)), i32.const(stream)].map((key) => f.let(i32x4.splat(key)).get);
  const [key0, key1] = keys as [V128, V128];
  const key2 = f.let(v128.xor(v128.xor(i32x4.const(0x1bd11bda), key0), key1)).get;
  const counter0 = f.let(i32x4.splat(i32.load(i32.const(from.step)))).get;
  const lanes = f.let(i32x4.splat(i32.const(0)));
  for (let lane = 1; lane < 4; lane++) f.add(lanes.set(i32x4.replaceLane(lanes.get, lane, i32.const(lane))));
  f.for(item, end.get, 1, () => {
    const first = i32.mul(item.get, i32.const(uniformElements));
    const drawn = [0, 4].map((offset) => {
      const counter1 = i32x4.add(i32x4.splat(i32.add(first, i32.const(offset))), lanes.get);
      const word = firstWord(f, [key0, key1, key2], counter0, counter1);
      const unit = f32x4.mul(f32x4.convertI32x4S(i32x4.shrU(word, i32.const(8))), f32x4.const(2 ** -24));
      return f.let(unit).get;
    });
    const address: I32 = i32.mul(item.get, i32.const(4 * uniformElements));
    f.add(v128.store(address, drawn[1]!, to + 16), v128.store(address, drawn[0]!, to));
  });
}

/** The first of the two words for each lane's counter. */
function firstWord(f: FunctionBuilder, keys: readonly V128[], counter0: V128, counter1: V128): V128 {
  const x0 = f.let(i32x4.add(counter0, keys[0]!));
  const x1 = f.let(i32x4.add(counter1, keys[1]!));
  for (let group = 1; group <= 5; group++) {
    for (const bits of rotations[(group + 1) % 2]!) {
      f.add(x0.set(i32x4.add(x0.get, x1.get)));
      const rotated = v128.or(i32x4.shl(x1.get, i32.const(bits)), i32x4.shrU(x1.get, i32.const(32 - bits)));
      f.add(x1.set(v128.xor(rotated, x0.get)));
    }
    f.add(x0.set(i32x4.add(x0.get, keys[group % 3]!)));
    f.add(x1.set(i32x4.add(x1.get, i32x4.add(keys[(group + 1) % 3]!, i32x4.const(group)))));
  }
  return x0.get;
}
