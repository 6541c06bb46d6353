/**
 * How the command talks to its contenders: one JSON object a line, requests on standard input, replies on standard output,
 * one reply for each request. Values travel in files, since some are megabytes: problems as safetensors, results as bare
 * little-endian float32.
 */

/** A small classifier with one hidden layer, trained by plain gradient descent on the mean cross-entropy. */
export interface TrainingProblem {
  readonly kind: "training";
  readonly activation: "relu" | "sigmoid";
  readonly learningRate: number;
  /**
   * A safetensors file: `inputs` (batches, N, D) float32, `labels` (batches, N) uint8, and the first parameters
   * `weight1` (D, H), `bias1` (H), `weight2` (H, K), `bias2` (K), float32. Step i takes batch i modulo their number.
   */
  readonly file: string;
  /** Steps that the check takes. */
  readonly checkSteps: number;
  /** Steps that a timed run takes: what a step costs may depend on the parameters, so all take the same way from the first. */
  readonly runSteps: number;
}

/** A product of two matrices. */
export interface ProductProblem {
  readonly kind: "product";
  /** A safetensors file: `a` (m, k) and `b` (k, n), float32. */
  readonly file: string;
}

export type Problem = TrainingProblem | ProductProblem;

export type Request =
  /** Makes ready to work on a problem. */
  | { readonly do: "prepare"; readonly problem: Problem }
  /**
   * Writes what the problem comes to into a file: the loss before each of `checkSteps` steps, then the parameters in the
   * order above; or the product. Training begins at the first parameters and the first batch.
   */
  | { readonly do: "check"; readonly file: string }
  /**
   * So many runs of so many iterations each, and how long they took. Training begins each run at the first parameters and
   * the first batch; the way back there is not timed, nor is one iteration before a run of several.
   */
  | { readonly do: "time"; readonly runs: number; readonly iterations: number };

export type Reply =
  | { readonly version?: string; readonly durationMs?: number }
  /** The contender cannot; why. */
  | { readonly error: string };
