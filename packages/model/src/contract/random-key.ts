/** Keys of random numbers: a draw is a function of (seed, step, path in the model, element) alone. */

import { checkInteger, type Tensor, threefry2x32 } from "@nn/tensor";

type Scalar = Tensor<readonly [], "int32">;

/** The key of one place in a model, as `uniform` of @nn/tensor takes it. */
export interface RandomKey {
  readonly seed: Scalar;
  readonly step: Scalar;
  /** Differs between the places of a model, 0 … 2³² − 1. */
  readonly stream: number;
  /**
   * The key of a part of this place, 0 … 2³¹ − 1. At the root, part i has stream i. Below the root the stream is a 31-bit hash
   * of the path with the highest bit set: it differs from every stream of the root, and two nested places share one with a
   * probability of 2⁻³¹.
   */
  split(part: number): RandomKey;
}

/** No place has this stream: the root. */
const ROOT = 0xffffffff;

/**
 * The key of a whole model at one step.
 * @example model.apply(variables, x, { training: true, key: randomKey(seed, step) })
 */
export function randomKey(seed: Scalar, step: Scalar): RandomKey {
  return keyAt(seed, step, ROOT);
}

function keyAt(seed: Scalar, step: Scalar, stream: number): RandomKey {
  return {
    seed,
    step,
    stream,
    split(part) {
      checkInteger("split", "part", part, 0, 0x7fffffff);
      return keyAt(seed, step, stream === ROOT ? part : hash(stream, part));
    },
  };
}

function hash(stream: number, part: number): number {
  const words = new Uint32Array(2);
  threefry2x32(stream, 0, part, 0, words);
  // Never ROOT, which has all bits set.
  return Math.min((words[0]! | 0x80000000) >>> 0, ROOT - 1);
}
