/** Loads and stores of the first lanes of a vector, where a row ends in the middle of one, and of uint8 as int32. */

import type { Node } from "../../../graph/graph.ts";
import type { I32, V128 } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/module.ts";
import { i32 } from "../assembler/scalar.ts";
import { f32x4, i8x16, i16x8, i32x4, v128 } from "../assembler/simd.ts";
import { type Lanes, storedForm } from "./lanes.ts";

/** Stores the first `lanes` lanes of a result, `column` columns from an address. */
export function storeResult(
  f: FunctionBuilder,
  output: Node,
  { address, offset }: { readonly address: I32; readonly offset: number },
  result: Lanes,
  lanes: number,
  column: number,
): void {
  const value = storedForm(result);
  if (output.dtype !== "uint8") storeLanes(f, address, value, lanes, offset + 4 * column);
  else if (lanes === 4) f.add(v128.store32Lane(address, firstBytes(value), 0, offset + column));
  else {
    for (let lane = 0; lane < lanes; lane++)
      f.add(i32.store8(address, i32x4.extractLane(value, lane), offset + column + lane));
  }
}

/** Stores the first `lanes` lanes. */
export function storeLanes(f: FunctionBuilder, address: I32, value: V128, lanes: number, offset: number): void {
  if (lanes === 4) f.add(v128.store(address, value, offset));
  if (lanes === 2 || lanes === 3) f.add(v128.store64Lane(address, value, 0, offset));
  if (lanes === 1 || lanes === 3) f.add(v128.store32Lane(address, value, lanes - 1, offset + 4 * (lanes - 1)));
}

/** The first `lanes` lanes, zeros behind them. */
export function loadLanes(address: I32, lanes: number, offset: number): V128 {
  if (lanes === 4) return v128.load(address, offset);
  if (lanes === 0) return f32x4.const(0);
  if (lanes === 1) return v128.load32Zero(address, offset);
  const two = v128.load64Zero(address, offset);
  return lanes === 2 ? two : v128.load32Lane(address, two, 2, offset + 8);
}

/** The lowest byte of each lane, one after another in the first lane. */
export function firstBytes(value: V128): V128 {
  return i8x16.shuffle(value, value, [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12]);
}

/** The first four bytes as four int32. */
export function widen(bytes: V128): V128 {
  return i32x4.extendLowI16x8U(i16x8.extendLowI8x16U(bytes));
}
