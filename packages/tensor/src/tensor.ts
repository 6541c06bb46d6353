/**
 * The tensor: a dense row-major array with its shape in its type, or a symbol that stands for one while a function is
 * traced. Ordinary garbage-collected values; nothing to dispose. Arithmetic lives in `ops/`, not here.
 */

import { allocate, checkDType, type DataOf, type DType, type DTypeOf, dtypeOf, isFloat } from "./dtype.ts";
import { ArgumentError, checkInteger, checkNumber, describe, ShapeError } from "./errors.ts";
import type { JsonNumber, TensorJson } from "./from-json.ts";
import type { Node } from "./graph/graph.ts";
import { checkOptions } from "./options.ts";
import { checkShape, formatShape, type Shape, sizeOf } from "./shape.ts";
import { textInLine, textInRows, textWithoutValues } from "./tensor-text.ts";

/** Nested arrays of numbers, as `tensor` takes and `toArray` gives. */
export type Nested = number | readonly Nested[];

/** The shape of a nested array as far as the compiler knows it. */
export type ShapeOfNested<V> = V extends number
  ? []
  : V extends readonly []
    ? [0]
    : V extends readonly (infer Item)[]
      ? [V["length"], ...ShapeOfNested<Item>]
      : Shape;

/** An n-dimensional array of `shape` and `dtype`, dense and row-major. Treat it as immutable. */
export class Tensor<S extends Shape = Shape, D extends DType = DType> {
  readonly shape: Readonly<S>;
  readonly dtype: D;
  /** The graph node that this tensor stands for, while a function is traced; else undefined. */
  readonly node: Node | undefined;
  readonly #data: DataOf<D> | undefined;

  // What `console.log` shows in Node, by the name under which Node asks for it: as `toString`, in rows. A page's console shows
  // the fields.
  static {
    Object.defineProperty(Tensor.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value(this: Tensor, depth: number): string {
        return depth < 0
          ? textWithoutValues(this)
          : textInRows({ shape: this.shape, dtype: this.dtype, data: this.#data });
      },
    });
  }

  /** For the package itself; users call `tensor` or `fromArray`. */
  constructor(shape: Readonly<S>, dtype: D, content: { readonly data: DataOf<D> } | { readonly node: Node }) {
    this.shape = shape;
    this.dtype = dtype;
    this.#data = "data" in content ? content.data : undefined;
    this.node = "node" in content ? content.node : undefined;
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The elements, row-major: the tensor's own array, not a copy. @throws ArgumentError while the tensor is traced. */
  get data(): DataOf<D> {
    if (this.#data !== undefined) return this.#data;
    throw new ArgumentError({
      operation: "data",
      received: `a traced tensor of shape ${formatShape(this.shape)}, which has no values yet`,
      expected: "a tensor outside of compile and grad",
      fix: "Return it from the traced function and read the result.",
    });
  }

  /** The value of a tensor that holds exactly one element. @throws ShapeError for any other size. */
  item(): number {
    if (this.size === 1) return this.data[0]!;
    throw new ShapeError({
      operation: "item",
      received: `shape ${formatShape(this.shape)}`,
      expected: "exactly one element",
    });
  }

  /** The elements as nested arrays; a number for a scalar. @throws ArgumentError while the tensor is traced. */
  toArray(): Nested {
    const { data, shape } = this;
    const nest = (axis: number, offset: number): Nested => {
      if (axis === shape.length) return data[offset]!;
      const stride = sizeOf(shape.slice(axis + 1));
      return Array.from({ length: shape[axis]! }, (_, index) => nest(axis + 1, offset + index * stride));
    };
    return nest(0, 0);
  }

  /**
   * The values, shape and dtype in one line. Beyond 1,000 elements only the first and last three along each axis are shown.
   */
  toString(): string {
    return textInLine({ shape: this.shape, dtype: this.dtype, data: this.#data });
  }

  /**
   * What `JSON.stringify` writes: `{ shape, dtype, data }`, the elements row-major, with NaN, ±Infinity and −0 as strings.
   * `fromJson` reads it back. @throws ArgumentError while the tensor is traced.
   */
  toJSON(): TensorJson {
    const data = Array.from(this.data, (value) =>
      Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : ((Object.is(value, -0) ? "-0" : String(value)) as JsonNumber),
    );
    return { shape: Array.from(this.shape), dtype: this.dtype, data };
  }
}

/**
 * A tensor of nested numbers, in `dtype` (default `"float32"`). Integer dtypes cut fractions off towards 0 and take what is
 * left modulo their range, as typed arrays do; NaN and infinities become 0.
 * @throws ShapeError when rows differ in length. @throws ArgumentError when a leaf is not a number.
 * @example tensor([[1, 2], [3, 4]], { dtype: "float64" }) // Tensor<[2, 2], "float64">
 */
export function tensor<const V extends Nested, D extends DType = "float32">(
  values: V,
  options: { readonly dtype?: D } = {},
): Tensor<ShapeOfNested<V>, NoInfer<D>> {
  checkOptions("tensor", options, { dtype: true });
  const shape: number[] = [];
  for (let level: Nested = values; Array.isArray(level); level = level[0] as Nested) {
    shape.push(level.length);
    if (level.length === 0) break;
    // An array that holds itself never ends.
    if (shape.length > mostAxes) throw tooDeep();
  }
  const dtype = options.dtype ?? ("float32" as D);
  checkDType("tensor", dtype);
  const data = allocate(dtype, sizeOf(shape));
  let next = 0;
  const fill = (level: Nested, axis: number): void => {
    if (axis === shape.length) {
      if (typeof level !== "number") throw ragged(shape, level);
      data[next++] = level;
    } else {
      if (!Array.isArray(level) || level.length !== shape[axis]) throw ragged(shape, level);
      for (const item of level) fill(item, axis + 1);
    }
  };
  fill(values, 0);
  return new Tensor<ShapeOfNested<V>, D>(shape as never, dtype, { data });
}

/** NumPy's limit. */
const mostAxes = 64;

function tooDeep(): ShapeError {
  return new ShapeError({
    operation: "tensor",
    received: `arrays nested more than ${mostAxes} deep`,
    expected: `at most ${mostAxes} axes`,
  });
}

function ragged(shape: Shape, found: unknown): ShapeError {
  return new ShapeError({
    operation: "tensor",
    received: Array.isArray(found) ? `a row of ${found.length} items` : describe(found),
    expected: `numbers nested evenly, here in shape ${formatShape(shape)}`,
  });
}

/**
 * A tensor over `data`, without a copy: the dtype is that of the array's class, changes to `data` show in the tensor.
 * @throws ShapeError when `shape` does not hold exactly `data.length` elements.
 */
export function fromArray<A extends DataOf, const S extends Shape>(
  data: A,
  shape: readonly [...S],
): Tensor<S, DTypeOf<A>> {
  const dtype = dtypeOf(data);
  checkShape("fromArray", shape);
  if (sizeOf(shape) !== data.length) {
    throw new ShapeError({
      operation: "fromArray",
      received: `${data.length} elements for shape ${formatShape(shape)}`,
      expected: `${sizeOf(shape)} elements`,
    });
  }
  return new Tensor<S, DTypeOf<A>>(Array.from(shape) as never, dtype, { data: data as never });
}

interface DTypeOption<D extends DType> {
  /** Default `"float32"`. */
  readonly dtype?: D;
}

/**
 * A tensor of `shape` filled with `value`, in `dtype` (default `"float32"`), as are those of the functions below. Integer
 * dtypes take the value as `tensor` does.
 * @throws ShapeError for sizes that are not integers of at least 0, or more than 2³¹ − 1 elements together.
 */
export function full<const S extends Shape, D extends DType = "float32">(
  shape: readonly [...S],
  value: number,
  options: DTypeOption<D> = {},
): Tensor<S, NoInfer<D>> {
  checkNumber("full", value);
  return filled("full", shape, value, options);
}

/** A tensor of zeros. */
export function zeros<const S extends Shape, D extends DType = "float32">(
  shape: readonly [...S],
  options: DTypeOption<D> = {},
): Tensor<S, NoInfer<D>> {
  return filled("zeros", shape, 0, options);
}

/** A tensor of ones. */
export function ones<const S extends Shape, D extends DType = "float32">(
  shape: readonly [...S],
  options: DTypeOption<D> = {},
): Tensor<S, NoInfer<D>> {
  return filled("ones", shape, 1, options);
}

function filled<S extends Shape, D extends DType>(
  operation: string,
  shape: readonly [...S],
  value: number,
  options: DTypeOption<D>,
): Tensor<S, D> {
  checkOptions(operation, options, { dtype: true });
  checkShape(operation, shape);
  const dtype = options.dtype ?? ("float32" as D);
  checkDType(operation, dtype);
  const data = allocate(dtype, sizeOf(shape));
  if (!Object.is(value, 0)) data.fill(value);
  return new Tensor<S, D>(Array.from(shape) as never, dtype, { data });
}

/** The integers 0 … `count` − 1, of shape (count). @throws ArgumentError unless `count` is an integer of at least 0. */
export function arange<const N extends number, D extends DType = "float32">(
  count: N,
  options: DTypeOption<D> = {},
): Tensor<[N], NoInfer<D>> {
  checkInteger("arange", "count", count);
  const result = filled("arange", [count], 0, options);
  for (let i = 0; i < count; i++) result.data[i] = i;
  return result;
}

/** The identity matrix (count, count). @throws ArgumentError unless `count` is an integer of at least 0. */
export function eye<const N extends number, D extends DType = "float32">(
  count: N,
  options: DTypeOption<D> = {},
): Tensor<[N, N], NoInfer<D>> {
  checkInteger("eye", "count", count);
  const result = filled("eye", [count, count], 0, options);
  for (let i = 0; i < count; i++) result.data[i * count + i] = 1;
  return result;
}

/**
 * `count` evenly spaced numbers from `start` to `stop`, both included: `i · ((stop − start) / (count − 1)) + start`, the
 * last one exactly `stop` (NumPy's arithmetic). Integer dtypes round them down, as NumPy does, and take them modulo their
 * range.
 * @throws ArgumentError unless `count` is an integer of at least 0.
 */
export function linspace<const N extends number, D extends DType = "float32">(
  start: number,
  stop: number,
  count: N,
  options: DTypeOption<D> = {},
): Tensor<[N], NoInfer<D>> {
  checkNumber("linspace", start);
  checkNumber("linspace", stop);
  checkInteger("linspace", "count", count);
  const result = filled("linspace", [count], 0, options);
  const round = isFloat(result.dtype) ? (value: number) => value : Math.floor;
  const step = count > 1 ? (stop - start) / (count - 1) : 0;
  // A step too small for a number is taken as a part of the whole, as NumPy does.
  const at = (i: number): number => (step === 0 && count > 1 ? (i / (count - 1)) * (stop - start) : i * step) + start;
  for (let i = 0; i < count; i++) result.data[i] = round(at(i));
  if (count > 1) result.data[count - 1] = round(stop);
  return result;
}
