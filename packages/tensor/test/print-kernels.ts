/**
 * Run by `listing.test.ts` as a program of its own: compiles the step of the MNIST recipe and lets V8 print the machine
 * code of its kernels. Arguments: mode, and `wide` for 256 bits.
 */

import { setFlagsFromString } from "node:v8";
import { compileStep, fromArray, RandomState, relu, wasm, zeros } from "../src/index.ts";
import { firstTraining, type Labels, trainingStep } from "./classifier.ts";
import type { Wide } from "./random-graphs.ts";

const [mode, width] = process.argv.slice(2);
const backend = wasm({ mode: mode as "strict" | "fast", wide: width === "wide" });
const training = firstTraining([784, 256, 10], new RandomState(0));
const step = compileStep(
  trainingStep((x) => relu(x)),
  training,
  { backend },
);

// From here on V8 prints each function when it is first called, which with `--no-liftoff` is when it compiles it.
setFlagsFromString("--print-wasm-code");
step.run(zeros([64, 784]) as Wide, fromArray(new Uint8Array(64), [64]) as Labels);
