/**
 * The number of elements of a shape, for the compiler: long multiplication on decimal digits, since the compiler has no
 * arithmetic of its own. Its twin at run time is `sizeOf` of @nn/tensor.
 */

import type { Shape } from "@nn/tensor";

/** The product of all sizes; `number` where one is unknown or the product has no exact literal. */
export type SizeOf<S extends Shape, Product extends number = 1> = number extends S["length"]
  ? number
  : S extends readonly [infer Head extends number, ...infer Tail extends Shape]
    ? SizeOf<Tail, Multiply<Product, Head>>
    : Product;

/** A · B for whole numbers of at least 0; `number` for anything else. */
export type Multiply<A extends number, B extends number> = A extends 1
  ? B
  : B extends 1
    ? A
    : Digits<`${A}`> extends infer DigitsA extends Digit[]
      ? Digits<`${B}`> extends infer DigitsB extends Digit[]
        ? 0 extends A | B
          ? 0
          : ToNumber<MultiplyDigits<DigitsA, DigitsB>>
        : number
      : number;

/** A + B for whole numbers of at least 0; `number` for anything else. */
export type Add<A extends number, B extends number> =
  Digits<`${A}`> extends infer DigitsA extends Digit[]
    ? Digits<`${B}`> extends infer DigitsB extends Digit[]
      ? ToNumber<AddDigits<DigitsA, DigitsB>>
      : number
    : number;

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/** Digits, the least significant first; `unknown` where the text is not all digits. */
type Digits<Text extends string, Found extends Digit[] = []> = Text extends `${infer First extends Digit}${infer Rest}`
  ? Digits<Rest, [First, ...Found]>
  : Text extends ""
    ? Found
    : unknown;

type ToNumber<D extends readonly Digit[], Text extends string = ""> = D extends readonly [
  infer First extends Digit,
  ...infer Rest extends Digit[],
]
  ? ToNumber<Rest, `${First}${Text}`>
  : Text extends `${infer Value extends number}`
    ? Value
    : number;

/** A · b₀ + 10 · (A · (b₁ b₂ …)). */
type MultiplyDigits<A extends Digit[], B extends Digit[]> = B extends [
  infer First extends Digit,
  ...infer Rest extends Digit[],
]
  ? Rest extends []
    ? Scale<A, First>
    : AddDigits<Scale<A, First>, [0, ...MultiplyDigits<A, Rest>]>
  : [];

/** A · b for one digit b. */
type Scale<A extends Digit[], B extends Digit, Carry extends Digit = 0> = A extends [
  infer First extends Digit,
  ...infer Rest extends Digit[],
]
  ? Products[First][B] extends [infer Ones extends Digit, infer Tens extends Digit]
    ? Sums[Ones][Carry] extends [infer Low extends Digit, infer Over extends Digit]
      ? [Low, ...Scale<Rest, B, Sums[Tens][Over][0]>]
      : never
    : never
  : Carry extends 0
    ? []
    : [Carry];

type AddDigits<A extends Digit[], B extends Digit[], Carry extends Digit = 0> = A extends [
  infer FirstA extends Digit,
  ...infer RestA extends Digit[],
]
  ? B extends [infer FirstB extends Digit, ...infer RestB extends Digit[]]
    ? Sums[FirstA][FirstB] extends [infer Ones extends Digit, infer Tens extends Digit]
      ? Sums[Ones][Carry] extends [infer Low extends Digit, infer Over extends Digit]
        ? [Low, ...AddDigits<RestA, RestB, Sums[Tens][Over][0]>]
        : never
      : never
    : Carry extends 0
      ? A
      : AddDigits<A, [Carry]>
  : Carry extends 0
    ? B
    : AddDigits<B, [Carry]>;

// biome-ignore format: a table
/** a + b as [ones, tens]. */
type Sums = [
  [[0, 0], [1, 0], [2, 0], [3, 0], [4, 0], [5, 0], [6, 0], [7, 0], [8, 0], [9, 0]],
  [[1, 0], [2, 0], [3, 0], [4, 0], [5, 0], [6, 0], [7, 0], [8, 0], [9, 0], [0, 1]],
  [[2, 0], [3, 0], [4, 0], [5, 0], [6, 0], [7, 0], [8, 0], [9, 0], [0, 1], [1, 1]],
  [[3, 0], [4, 0], [5, 0], [6, 0], [7, 0], [8, 0], [9, 0], [0, 1], [1, 1], [2, 1]],
  [[4, 0], [5, 0], [6, 0], [7, 0], [8, 0], [9, 0], [0, 1], [1, 1], [2, 1], [3, 1]],
  [[5, 0], [6, 0], [7, 0], [8, 0], [9, 0], [0, 1], [1, 1], [2, 1], [3, 1], [4, 1]],
  [[6, 0], [7, 0], [8, 0], [9, 0], [0, 1], [1, 1], [2, 1], [3, 1], [4, 1], [5, 1]],
  [[7, 0], [8, 0], [9, 0], [0, 1], [1, 1], [2, 1], [3, 1], [4, 1], [5, 1], [6, 1]],
  [[8, 0], [9, 0], [0, 1], [1, 1], [2, 1], [3, 1], [4, 1], [5, 1], [6, 1], [7, 1]],
  [[9, 0], [0, 1], [1, 1], [2, 1], [3, 1], [4, 1], [5, 1], [6, 1], [7, 1], [8, 1]],
];

// biome-ignore format: a table
/** a · b as [ones, tens]. */
type Products = [
  [[0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0]],
  [[0, 0], [1, 0], [2, 0], [3, 0], [4, 0], [5, 0], [6, 0], [7, 0], [8, 0], [9, 0]],
  [[0, 0], [2, 0], [4, 0], [6, 0], [8, 0], [0, 1], [2, 1], [4, 1], [6, 1], [8, 1]],
  [[0, 0], [3, 0], [6, 0], [9, 0], [2, 1], [5, 1], [8, 1], [1, 2], [4, 2], [7, 2]],
  [[0, 0], [4, 0], [8, 0], [2, 1], [6, 1], [0, 2], [4, 2], [8, 2], [2, 3], [6, 3]],
  [[0, 0], [5, 0], [0, 1], [5, 1], [0, 2], [5, 2], [0, 3], [5, 3], [0, 4], [5, 4]],
  [[0, 0], [6, 0], [2, 1], [8, 1], [4, 2], [0, 3], [6, 3], [2, 4], [8, 4], [4, 5]],
  [[0, 0], [7, 0], [4, 1], [1, 2], [8, 2], [5, 3], [2, 4], [9, 4], [6, 5], [3, 6]],
  [[0, 0], [8, 0], [6, 1], [4, 2], [2, 3], [0, 4], [8, 4], [6, 5], [4, 6], [2, 7]],
  [[0, 0], [9, 0], [8, 1], [7, 2], [6, 3], [5, 4], [4, 5], [3, 6], [2, 7], [1, 8]],
];
