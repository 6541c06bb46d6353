// NumPy's legacy generator, numpy.random.RandomState: the same numbers, bit for bit, for every seed and size.
// Not here: other distributions, generators without a seed, and the 64-bit integer streams.

import { allocate } from "../dtype.ts";
import { ArgumentError, checkFiniteNumber, checkInteger, checkSeed, describe } from "../errors.ts";
import { checkOptions } from "../options.ts";
import { checkShape, type Shape, sizeOf } from "../shape.ts";
import { fromArray, Tensor } from "../tensor.ts";
import { Mt19937Stream, type StreamState } from "./mt19937-stream.ts";

/** A shape, or one number for one axis. */
export type Size = number | Shape;

/** The shape that a {@link Size} stands for. */
export type ShapeOfSize<S extends Size> = S extends number
  ? [S]
  : S extends readonly [...infer Sizes extends Shape]
    ? Sizes
    : never;

/** Anything with elements to exchange: typed arrays and ordinary ones. */
export interface Exchangeable<T> {
  readonly length: number;
  [index: number]: T;
}

/**
 * A seeded stream of random numbers. Each call continues where the last one stopped, so calls do not commute.
 * All floating-point results are float64.
 * @example new RandomState(0).rand(2) // [0.5488135039273248, 0.7151893663724195]
 */
export class RandomState {
  readonly #stream: Mt19937Stream;

  /** @throws ArgumentError unless `seed` is an integer, 0 … 2³² − 1. */
  constructor(seed: number) {
    checkSeed("RandomState", seed);
    this.#stream = new Mt19937Stream(seed);
  }

  /** Uniform numbers in [0, 1), one axis per argument. @throws ShapeError for sizes that are not counts. */
  rand<const S extends Shape>(...shape: readonly [...S]): Tensor<S, "float64"> {
    return float64("rand", shape, () => this.#stream.nextDouble());
  }

  /** Standard normal numbers, one axis per argument. @throws ShapeError for sizes that are not counts. */
  randn<const S extends Shape>(...shape: readonly [...S]): Tensor<S, "float64"> {
    return float64("randn", shape, () => this.#stream.gauss());
  }

  /**
   * Normal numbers of mean `loc` (default 0) and standard deviation `scale` (default 1, at least 0): loc + scale · gauss.
   * `size` defaults to a scalar. @throws ArgumentError for a negative `scale` or a value that is not finite.
   */
  normal<const S extends Size = []>(
    options: { readonly loc?: number; readonly scale?: number; readonly size?: S } = {},
  ): Tensor<ShapeOfSize<S>, "float64"> {
    checkOptions("normal", options, { loc: true, scale: true, size: true });
    const { loc = 0, scale = 1, size } = options;
    checkFiniteNumber("normal", "loc", loc);
    checkFiniteNumber("normal", "scale", scale, { atLeast: 0 });
    return float64("normal", shapeOf(size), () => loc + scale * this.#stream.gauss());
  }

  /**
   * Uniform numbers from `low` (default 0) up to `high` (default 1): low + (high − low) · u, u in [0, 1).
   * `size` defaults to a scalar. @throws ArgumentError when `low` > `high` or a value or their difference is not finite.
   */
  uniform<const S extends Size = []>(
    options: { readonly low?: number; readonly high?: number; readonly size?: S } = {},
  ): Tensor<ShapeOfSize<S>, "float64"> {
    checkOptions("uniform", options, { low: true, high: true, size: true });
    const { low = 0, high = 1, size } = options;
    checkFiniteNumber("uniform", "low", low);
    checkFiniteNumber("uniform", "high", high);
    const range = high - low;
    if (!(range >= 0 && range < Infinity)) {
      const received = `low ${low} and high ${high}`;
      throw new ArgumentError({ operation: "uniform", received, expected: "low ≤ high, finitely far apart" });
    }
    return float64("uniform", shapeOf(size), () => low + range * this.#stream.nextDouble());
  }

  /**
   * Uniform integers from `low` up to, not including, `high`; with `high` null, from 0 up to `low`.
   * `size` defaults to a scalar. The numbers are those of NumPy's default int64 stream.
   * @throws ArgumentError unless −2³¹ ≤ low < high ≤ 2³¹, all integers.
   */
  randint<const S extends Size = []>(
    low: number,
    high: number | null = null,
    size?: S,
  ): Tensor<ShapeOfSize<S>, "int32"> {
    const first = high === null ? 0 : low;
    const end = high === null ? low : high;
    checkInteger("randint", "low", first, -(2 ** 31), 2 ** 31 - 1);
    checkInteger("randint", "high", end, -(2 ** 31), 2 ** 31);
    if (first >= end) {
      throw new ArgumentError({
        operation: "randint",
        received: `low ${first} and high ${end}`,
        expected: "low < high",
      });
    }
    const shape = shapeOf(size);
    checkShape("randint", shape);
    const data = allocate("int32", sizeOf(shape)) as Int32Array<ArrayBuffer>;
    for (let i = 0; i < data.length; i++) data[i] = first + this.#stream.interval(end - 1 - first);
    return fromArray<Int32Array, ShapeOfSize<S>>(data, shape);
  }

  /**
   * Puts the elements of an array into random order, in place. @throws ArgumentError for anything but an array or typed
   * array.
   */
  shuffle<T>(array: Exchangeable<T>): void {
    checkExchangeable("shuffle", array, "an array or a typed array");
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.#stream.interval(i);
      const held = array[i] as T;
      array[i] = array[j] as T;
      array[j] = held;
    }
  }

  /**
   * The integers 0 … `count` − 1 in random order, or a shuffled copy of an array.
   * @throws ArgumentError unless it is a count or an array.
   */
  permutation<const N extends number>(count: N): Tensor<[N], "int32">;
  permutation<A extends Exchangeable<unknown> & { slice(): A }>(array: A): A;
  permutation<T>(array: readonly T[]): T[];
  permutation(source: number | (Exchangeable<unknown> & { slice(): Exchangeable<unknown> })): unknown {
    if (typeof source !== "number") {
      checkExchangeable("permutation", source, "a count, an array or a typed array");
      const copy = source.slice();
      this.shuffle(copy);
      return copy;
    }
    checkInteger("permutation", "count", source, 0, 2 ** 31);
    const order = allocate("int32", source).map((_, i) => i) as Int32Array;
    this.shuffle(order);
    return fromArray(order, [source]);
  }

  /** Everything that the next draws depend on; the content of NumPy's `get_state()`. */
  getState(): StreamState {
    return this.#stream.getState();
  }

  /** Continues from a state taken earlier, here or in NumPy. @throws ArgumentError for anything else. */
  setState(state: StreamState): void {
    const { key, pos, hasGauss, cachedGaussian } = (state ?? {}) as Partial<StreamState>;
    if (key?.length !== 624 || pos === undefined || hasGauss === undefined || cachedGaussian === undefined) {
      const isState = typeof key?.length === "number" && key.length !== 624;
      throw new ArgumentError({
        operation: "setState",
        received: isState ? `${key.length} words in key` : describe(state),
        expected: isState ? "624" : "what getState gave",
      });
    }
    for (const word of key) checkInteger("setState", "key word", word, 0, 0xffffffff);
    checkInteger("setState", "pos", pos, 0, 624);
    checkInteger("setState", "hasGauss", hasGauss, 0, 1);
    checkFiniteNumber("setState", "cachedGaussian", cachedGaussian);
    this.#stream.setState(state);
  }
}

/** Throws unless `array` is an array or a typed array of numbers; a tensor is neither. */
function checkExchangeable(operation: string, array: unknown, expected: string): void {
  if (Array.isArray(array) || (ArrayBuffer.isView(array) && !(array instanceof DataView))) return;
  throw new ArgumentError({
    operation,
    received: describe(array),
    expected,
    ...(array instanceof Tensor && { fix: "Pass the elements of the tensor, x.data." }),
  });
}

function float64<S extends Shape>(operation: string, shape: readonly [...S], draw: () => number): Tensor<S, "float64"> {
  checkShape(operation, shape);
  const data = allocate("float64", sizeOf(shape)) as Float64Array<ArrayBuffer>;
  for (let i = 0; i < data.length; i++) data[i] = draw();
  return fromArray<Float64Array, S>(data, shape);
}

function shapeOf<S extends Size>(size: S | undefined): readonly [...ShapeOfSize<S>] {
  const shape: Shape = size === undefined ? [] : typeof size === "number" ? [size] : size;
  return shape as unknown as readonly [...ShapeOfSize<S>];
}
