/** The instructions on scalars: i32, f32, f64. Named as in the specification, camel-cased. */

import { float32, float64, signed, unsigned } from "./encoding.ts";
import { action, type Binary, code, type F32, type F64, type I32, type Statement, type Unary } from "./expression.ts";

const i32Binary =
  (opcode: number) =>
  (a: I32, b: I32): I32 =>
    code("i32", [a, b], opcode);
const f32Unary =
  (opcode: number) =>
  (a: F32): F32 =>
    code("f32", [a], opcode);
const f32Binary =
  (opcode: number) =>
  (a: F32, b: F32): F32 =>
    code("f32", [a, b], opcode);
const f32Compare =
  (opcode: number) =>
  (a: F32, b: F32): I32 =>
    code("i32", [a, b], opcode);

/** Alignment (as a power of two) and constant offset of a memory access. */
export function memoryArgument(align: number, offset: number): number[] {
  return [align, ...unsigned(offset)];
}

export const i32 = {
  const: (value: number): I32 => code("i32", [], 0x41, ...signed(value)),
  eqz: (a: I32): I32 => code("i32", [a], 0x45),
  eq: i32Binary(0x46) as Binary<"i32">,
  ne: i32Binary(0x47) as Binary<"i32">,
  ltS: i32Binary(0x48) as Binary<"i32">,
  ltU: i32Binary(0x49) as Binary<"i32">,
  gtS: i32Binary(0x4a) as Binary<"i32">,
  gtU: i32Binary(0x4b) as Binary<"i32">,
  leU: i32Binary(0x4d) as Binary<"i32">,
  add: i32Binary(0x6a) as Binary<"i32">,
  sub: i32Binary(0x6b) as Binary<"i32">,
  mul: i32Binary(0x6c) as Binary<"i32">,
  divU: i32Binary(0x6e) as Binary<"i32">,
  remU: i32Binary(0x70) as Binary<"i32">,
  and: i32Binary(0x71) as Binary<"i32">,
  or: i32Binary(0x72) as Binary<"i32">,
  xor: i32Binary(0x73) as Binary<"i32">,
  shl: i32Binary(0x74) as Binary<"i32">,
  shrS: i32Binary(0x75) as Binary<"i32">,
  shrU: i32Binary(0x76) as Binary<"i32">,
  load: (address: I32, offset: number = 0): I32 => code("i32", [address], 0x28, ...memoryArgument(2, offset)),
  load8U: (address: I32, offset: number = 0): I32 => code("i32", [address], 0x2d, ...memoryArgument(0, offset)),
  store: (address: I32, value: I32, offset: number = 0): Statement =>
    action([address, value], 0x36, ...memoryArgument(2, offset)),
  store8: (address: I32, value: I32, offset: number = 0): Statement =>
    action([address, value], 0x3a, ...memoryArgument(0, offset)),
} as const;

export const f32 = {
  const: (value: number): F32 => code("f32", [], 0x43, ...float32(value)),
  eq: f32Compare(0x5b) as (a: F32, b: F32) => I32,
  lt: f32Compare(0x5d) as (a: F32, b: F32) => I32,
  gt: f32Compare(0x5e) as (a: F32, b: F32) => I32,
  abs: f32Unary(0x8b) as Unary<"f32">,
  neg: f32Unary(0x8c) as Unary<"f32">,
  sqrt: f32Unary(0x91) as Unary<"f32">,
  add: f32Binary(0x92) as Binary<"f32">,
  sub: f32Binary(0x93) as Binary<"f32">,
  mul: f32Binary(0x94) as Binary<"f32">,
  div: f32Binary(0x95) as Binary<"f32">,
  min: f32Binary(0x96) as Binary<"f32">,
  max: f32Binary(0x97) as Binary<"f32">,
  load: (address: I32, offset: number = 0): F32 => code("f32", [address], 0x2a, ...memoryArgument(2, offset)),
  store: (address: I32, value: F32, offset: number = 0): Statement =>
    action([address, value], 0x38, ...memoryArgument(2, offset)),
} as const;

export const f64 = {
  const: (value: number): F64 => code("f64", [], 0x44, ...float64(value)),
  add: (a: F64, b: F64): F64 => code("f64", [a, b], 0xa0),
  mul: (a: F64, b: F64): F64 => code("f64", [a, b], 0xa2),
  load: (address: I32, offset: number = 0): F64 => code("f64", [address], 0x2b, ...memoryArgument(3, offset)),
  store: (address: I32, value: F64, offset: number = 0): Statement =>
    action([address, value], 0x39, ...memoryArgument(3, offset)),
} as const;

/** Copies `bytes` bytes from one address to another. */
export function memoryCopy(to: I32, from: I32, bytes: I32): Statement {
  return action([to, from, bytes], 0xfc, 0x0a, 0x00, 0x00);
}

/** Sets `bytes` bytes to the lowest byte of `value`. */
export function memoryFill(to: I32, value: I32, bytes: I32): Statement {
  return action([to, value, bytes], 0xfc, 0x0b, 0x00);
}

/** Atomic instructions on a word of shared memory. */
export const atomic = {
  load: (address: I32): I32 => code("i32", [address], 0xfe, 0x10, ...memoryArgument(2, 0)),
  store: (address: I32, value: I32): Statement => action([address, value], 0xfe, 0x17, ...memoryArgument(2, 0)),
  /** Orders what stands before it and what stands behind it: some ten nanoseconds. */
  fence: action([], 0xfe, 0x03, 0x00) as Statement,
  /** Adds and gives the old value. */
  add: (address: I32, value: I32): I32 => code("i32", [address, value], 0xfe, 0x1e, ...memoryArgument(2, 0)),
  /** Wakes all that sleep on the word; gives their number. */
  notify: (address: I32): I32 => code("i32", [address, i32.const(-1)], 0xfe, 0x00, ...memoryArgument(2, 0)),
} as const;

/** Forgets a value. */
export function drop(value: I32): Statement {
  return action([value], 0x1a);
}

/** `a` where `condition` is not 0, else `b`. */
export function select(a: I32, b: I32, condition: I32): I32 {
  return code("i32", [a, b, condition], 0x1b);
}
