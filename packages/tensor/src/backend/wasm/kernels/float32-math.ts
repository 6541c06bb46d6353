/**
 * The float32 functions of `math/float32` as vector code: the same operations in the same order on every lane, so the
 * bits of the reference loops. No calls and no branches; only instructions that V8 can pack two to a 256-bit one.
 */

import type { Float32Arithmetic, Float32Function } from "../../../math/float32/arithmetic.ts";
import { exp } from "../../../math/float32/exp.ts";
import { log } from "../../../math/float32/log.ts";
import { sigmoid } from "../../../math/float32/sigmoid.ts";
import { tanh } from "../../../math/float32/tanh.ts";
import type { V128 } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/module.ts";
import { i32 } from "../assembler/scalar.ts";
import { f32x4, i32x4, v128 } from "../assembler/simd.ts";

/** e^x of four lanes. */
export function expF32x4(f: FunctionBuilder, x: V128): V128 {
  return exp(emitting(f), x);
}

/** The natural logarithm of four lanes. */
export function logF32x4(f: FunctionBuilder, x: V128): V128 {
  return log(emitting(f), x);
}

/** The hyperbolic tangent of four lanes. */
export function tanhF32x4(f: FunctionBuilder, x: V128): V128 {
  return tanh(emitting(f), x);
}

/** 1 / (1 + e^−x) of four lanes. */
export function sigmoidF32x4(f: FunctionBuilder, x: V128): V128 {
  return sigmoid(emitting(f), x);
}

const functions: { readonly [name: string]: Float32Function } = { exp, log, tanh, sigmoid };

/** By function being built: the constants, by their bits, that `withFloat32Constants` holds in locals. */
const constantsOf = new WeakMap<FunctionBuilder, ReadonlyMap<number, V128>>();

/**
 * Emits `body` with the constants of the functions named held in locals, which are set first. Put a loop into `body`: V8
 * builds a constant in three instructions wherever it stands, so that a loop with its constants inside takes twice as
 * long. Names of other operations are ignored.
 */
export function withFloat32Constants(f: FunctionBuilder, names: readonly string[], body: () => void): void {
  const outer = constantsOf.get(f);
  const constants = new Map(outer);
  for (const name of names) {
    for (const bits of constantsIn(functions[name])) {
      if (!constants.has(bits)) constants.set(bits, f.let(i32x4.const(bits)).get);
    }
  }
  constantsOf.set(f, constants);
  body();
  if (outer === undefined) constantsOf.delete(f);
  else constantsOf.set(f, outer);
}

/** The constants that a function asks for, by their bits. */
function constantsIn(target: Float32Function | undefined): Set<number> {
  const found = new Set<number>();
  target?.(
    vectorArithmetic(
      (expression) => expression,
      (bits) => {
        found.add(bits);
        return nothing;
      },
    ),
    nothing,
  );
  return found;
}

const nothing: V128 = { type: "v128", bytes: [] };

/** Every result goes to a local, so that using it twice computes it once. */
function emitting(f: FunctionBuilder): Float32Arithmetic<V128, V128, V128> {
  const held = constantsOf.get(f);
  return vectorArithmetic(
    (expression) => f.let(expression).get,
    (bits) => held?.get(bits) ?? i32x4.const(bits),
  );
}

const float = new Float32Array(1);
const bitsOfFloat = new Int32Array(float.buffer);
const signBit = -0x80000000;

function vectorArithmetic(
  keep: (expression: V128) => V128,
  integer: (bits: number) => V128,
): Float32Arithmetic<V128, V128, V128> {
  const binary = (operation: (a: V128, b: V128) => V128) => (a: V128, b: V128) => keep(operation(a, b));
  return {
    constant: (value) => {
      float[0] = value;
      return integer(bitsOfFloat[0]!);
    },
    add: binary(f32x4.add),
    subtract: binary(f32x4.sub),
    multiply: binary(f32x4.mul),
    divide: binary(f32x4.div),
    subtractExactly: binary(f32x4.sub),
    multiplyExactly: binary(f32x4.mul),
    least: binary(f32x4.pmin),
    greatest: binary(f32x4.pmax),
    negativeAbsolute: (a) => keep(v128.or(a, integer(signBit))),
    withSign: (a, sign) => keep(v128.or(a, v128.and(sign, integer(signBit)))),
    less: binary(f32x4.lt),
    select: (mask, then, otherwise) => keep(v128.bitselect(then, otherwise, mask)),
    selectNegative: (sign, then, otherwise) => keep(v128.bitselect(then, otherwise, i32x4.shrS(sign, i32.const(31)))),
    bits: (a) => a,
    fromBits: (a) => a,
    integer,
    addBits: binary(i32x4.add),
    subtractBits: binary(i32x4.sub),
    shiftLeft: (a, count) => keep(i32x4.shl(a, i32.const(count))),
    shiftRight: (a, count) => keep(i32x4.shrS(a, i32.const(count))),
    convert: (a) => keep(f32x4.convertI32x4S(a)),
  };
}
