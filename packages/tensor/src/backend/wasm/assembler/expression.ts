/**
 * Typed pieces of code. An expression leaves one value on the stack, a statement none; the compiler refuses an f32 where
 * a v128 is due. Both are plain bytes: composing them is concatenation.
 */

/** The types of WebAssembly values that kernels use. */
export type ValueType = "i32" | "f32" | "f64" | "v128";

/** Code that leaves one value of type `T` on the stack. */
export interface Expression<T extends ValueType> {
  readonly type: T;
  readonly bytes: readonly number[];
}

/** Code that leaves the stack as it was. */
export interface Statement {
  readonly bytes: readonly number[];
}

export type I32 = Expression<"i32">;
export type F32 = Expression<"f32">;
export type F64 = Expression<"f64">;
export type V128 = Expression<"v128">;

/** An instruction on one operand. */
export type Unary<T extends ValueType> = (a: Expression<T>) => Expression<T>;

/** An instruction on two operands. */
export type Binary<T extends ValueType> = (a: Expression<T>, b: Expression<T>) => Expression<T>;

/** The code of `operands` one after another, then `opcode`. */
export function code<T extends ValueType>(
  type: T,
  operands: readonly Expression<ValueType>[],
  ...opcode: readonly number[]
): Expression<T> {
  return { type, bytes: [...operands.flatMap((operand) => operand.bytes), ...opcode] };
}

/** As `code`, for code without a result. */
export function action(operands: readonly Expression<ValueType>[], ...opcode: readonly number[]): Statement {
  return { bytes: [...operands.flatMap((operand) => operand.bytes), ...opcode] };
}
