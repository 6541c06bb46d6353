/**
 * The float32 functions of `math/float32` as vector code: the same operations in the same order on every lane, so the
 * bits of the reference loops. No calls and no branches; only instructions that V8 can pack two to a 256-bit one.
 */

import type { Float32Arithmetic } from "../../../math/float32/arithmetic.ts";
import { exp, expNotLarge } from "../../../math/float32/exp.ts";
import { log } from "../../../math/float32/log.ts";
import { sigmoid } from "../../../math/float32/sigmoid.ts";
import { tanh } from "../../../math/float32/tanh.ts";
import type { V128 } from "../assembler/expression.ts";
import type { FunctionBuilder } from "../assembler/module.ts";
import { i32 } from "../assembler/scalar.ts";
import { f32x4, i32x4, v128 } from "../assembler/simd.ts";

/** Emits into `f`; every result goes to a local, so that using it twice computes it once. */
function vectorArithmetic(f: FunctionBuilder): Float32Arithmetic<V128, V128, V128> {
  const binary = (operation: (a: V128, b: V128) => V128) => (a: V128, b: V128) => f.let(operation(a, b)).get;
  return {
    constant: f32x4.const,
    add: binary(f32x4.add),
    subtract: binary(f32x4.sub),
    multiply: binary(f32x4.mul),
    divide: binary(f32x4.div),
    least: binary(f32x4.pmin),
    greatest: binary(f32x4.pmax),
    absolute: (a) => f.let(f32x4.abs(a)).get,
    negativeAbsolute: (a) => f.let(v128.or(a, i32x4.const(0x80000000))).get,
    withSign: (a, sign) => f.let(v128.or(a, v128.and(sign, i32x4.const(0x80000000)))).get,
    less: binary(f32x4.lt),
    select: (mask, then, otherwise) => f.let(v128.bitselect(then, otherwise, mask)).get,
    bits: (a) => a,
    fromBits: (a) => a,
    integer: i32x4.const,
    addBits: binary(i32x4.add),
    subtractBits: binary(i32x4.sub),
    shiftLeft: (a, count) => f.let(i32x4.shl(a, i32.const(count))).get,
    shiftRight: (a, count) => f.let(i32x4.shrS(a, i32.const(count))).get,
    convert: (a) => f.let(f32x4.convertI32x4S(a)).get,
  };
}

/** e^x of four lanes. */
export function expF32x4(f: FunctionBuilder, x: V128): V128 {
  return exp(vectorArithmetic(f), x);
}

/** e^x of four lanes, none above 89: one instruction less for softmax, with the same bits. */
export function expNotLargeF32x4(f: FunctionBuilder, x: V128): V128 {
  return expNotLarge(vectorArithmetic(f), x);
}

/** The natural logarithm of four lanes. */
export function logF32x4(f: FunctionBuilder, x: V128): V128 {
  return log(vectorArithmetic(f), x);
}

/** The hyperbolic tangent of four lanes. */
export function tanhF32x4(f: FunctionBuilder, x: V128): V128 {
  return tanh(vectorArithmetic(f), x);
}

/** 1 / (1 + e^−x) of four lanes. */
export function sigmoidF32x4(f: FunctionBuilder, x: V128): V128 {
  return sigmoid(vectorArithmetic(f), x);
}
