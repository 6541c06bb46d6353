/** The instructions on 128-bit vectors. Named as in the specification, camel-cased. */

import { float32, unsigned } from "./encoding.ts";
import { action, type Binary, code, type F32, type I32, type Statement, type Unary, type V128 } from "./expression.ts";
import { memoryArgument } from "./scalar.ts";

const opcode = (number: number): number[] => [0xfd, ...unsigned(number)];
const unary =
  (number: number) =>
  (a: V128): V128 =>
    code("v128", [a], ...opcode(number));
const binary =
  (number: number) =>
  (a: V128, b: V128): V128 =>
    code("v128", [a, b], ...opcode(number));
const shift =
  (number: number) =>
  (a: V128, count: I32): V128 =>
    code("v128", [a, count], ...opcode(number));
const load =
  (number: number, align: number) =>
  (address: I32, offset: number = 0): V128 =>
    code("v128", [address], ...opcode(number), ...memoryArgument(align, offset));
const storeLane =
  (number: number, align: number) =>
  (address: I32, value: V128, lane: number, offset: number = 0): Statement =>
    action([address, value], ...opcode(number), ...memoryArgument(align, offset), lane);

export const v128 = {
  /** Alignment is given as 4 bytes: vectors may start at any element. */
  load: load(0x00, 2) as (address: I32, offset?: number) => V128,
  load32Splat: load(0x09, 2) as (address: I32, offset?: number) => V128,
  load32Zero: load(0x5c, 2) as (address: I32, offset?: number) => V128,
  load64Zero: load(0x5d, 2) as (address: I32, offset?: number) => V128,
  store: (address: I32, value: V128, offset: number = 0): Statement =>
    action([address, value], ...opcode(0x0b), ...memoryArgument(2, offset)),
  /** `vector` with one lane loaded. */
  load32Lane: (address: I32, vector: V128, lane: number, offset: number = 0): V128 =>
    code("v128", [address, vector], ...opcode(0x56), ...memoryArgument(2, offset), lane),
  store32Lane: storeLane(0x5a, 2) as (address: I32, value: V128, lane: number, offset?: number) => Statement,
  store64Lane: storeLane(0x5b, 2) as (address: I32, value: V128, lane: number, offset?: number) => Statement,
  not: unary(0x4d) as Unary<"v128">,
  and: binary(0x4e) as Binary<"v128">,
  or: binary(0x50) as Binary<"v128">,
  xor: binary(0x51) as Binary<"v128">,
  /** Bits of `a` where `mask` has ones, of `b` elsewhere. */
  bitselect: (a: V128, b: V128, mask: V128): V128 => code("v128", [a, b, mask], ...opcode(0x52)),
} as const;

export const i8x16 = {
  /** Byte i of the result is byte `lanes[i]` of a (0–15) followed by b (16–31). */
  shuffle: (a: V128, b: V128, lanes: readonly number[]): V128 => code("v128", [a, b], ...opcode(0x0d), ...lanes),
} as const;

export const i16x8 = {
  extendLowI8x16U: unary(0x89) as Unary<"v128">,
} as const;

export const i32x4 = {
  splat: (a: I32): V128 => code("v128", [a], ...opcode(0x11)),
  const: (value: number): V128 => {
    const lane = [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff];
    return code("v128", [], ...opcode(0x0c), ...lane, ...lane, ...lane, ...lane);
  },
  extractLane: (a: V128, lane: number): I32 => code("i32", [a], ...opcode(0x1b), lane),
  replaceLane: (a: V128, lane: number, value: I32): V128 => code("v128", [a, value], ...opcode(0x1c), lane),
  eq: binary(0x37) as Binary<"v128">,
  gtS: binary(0x3b) as Binary<"v128">,
  extendLowI16x8U: unary(0xa9) as Unary<"v128">,
  /** The sign bits of the lanes, the first lane's lowest. */
  bitmask: (a: V128): I32 => code("i32", [a], ...opcode(0xa4)),
  shl: shift(0xab) as (a: V128, count: I32) => V128,
  shrS: shift(0xac) as (a: V128, count: I32) => V128,
  shrU: shift(0xad) as (a: V128, count: I32) => V128,
  add: binary(0xae) as Binary<"v128">,
  sub: binary(0xb1) as Binary<"v128">,
  mul: binary(0xb5) as Binary<"v128">,
  minS: binary(0xb6) as Binary<"v128">,
  maxS: binary(0xb8) as Binary<"v128">,
  neg: unary(0xa1) as Unary<"v128">,
  abs: unary(0xa0) as Unary<"v128">,
} as const;

export const f32x4 = {
  splat: (a: F32): V128 => code("v128", [a], ...opcode(0x13)),
  const: (value: number): V128 => {
    const lane = float32(value);
    return code("v128", [], ...opcode(0x0c), ...lane, ...lane, ...lane, ...lane);
  },
  extractLane: (a: V128, lane: number): F32 => code("f32", [a], ...opcode(0x1f), lane),
  eq: binary(0x41) as Binary<"v128">,
  ne: binary(0x42) as Binary<"v128">,
  lt: binary(0x43) as Binary<"v128">,
  gt: binary(0x44) as Binary<"v128">,
  le: binary(0x45) as Binary<"v128">,
  ge: binary(0x46) as Binary<"v128">,
  abs: unary(0xe0) as Unary<"v128">,
  neg: unary(0xe1) as Unary<"v128">,
  sqrt: unary(0xe3) as Unary<"v128">,
  add: binary(0xe4) as Binary<"v128">,
  sub: binary(0xe5) as Binary<"v128">,
  mul: binary(0xe6) as Binary<"v128">,
  div: binary(0xe7) as Binary<"v128">,
  /** NaN if either is NaN; `pmin` and `pmax` are one instruction on x86 and return `a` on NaN. */
  min: binary(0xe8) as Binary<"v128">,
  max: binary(0xe9) as Binary<"v128">,
  pmin: binary(0xea) as Binary<"v128">,
  pmax: binary(0xeb) as Binary<"v128">,
  convertI32x4S: unary(0xfa) as Unary<"v128">,
  /** Two float64 as float32 in the lower lanes, zeros in the upper. */
  demoteF64x2Zero: unary(0x5e) as Unary<"v128">,
  /** a · b + c, rounded once or twice as the machine likes: `fast` mode only. */
  relaxedMadd: (a: V128, b: V128, c: V128): V128 => code("v128", [a, b, c], ...opcode(0x105)),
} as const;
