/**
 * Run by `listing.test.ts` as a program of its own: compiles the step of the MNIST recipe and lets V8 print the machine
 * code of its kernels. Arguments: mode, and `wide` for 256 bits.
 */

import { setFlagsFromString } from "node:v8";
import {
  add,
  compileStep,
  gradients,
  logSoftmax,
  matmul,
  mean,
  multiply,
  negative,
  oneHot,
  relu,
  subtract,
  sum,
  Tensor,
  wasm,
  zeros,
} from "../src/index.ts";

const [mode, width] = process.argv.slice(2);
const backend = wasm({ mode: mode as "strict" | "fast", wide: width === "wide" });

type Network = { w1: Tensor; b1: Tensor; w2: Tensor; b2: Tensor };
const network: Network = { w1: zeros([784, 256]), b1: zeros([256]), w2: zeros([256, 10]), b2: zeros([10]) };
const names = Object.keys(network) as (keyof Network)[];
const velocity = Object.fromEntries(names.map((name) => [name, zeros(network[name].shape)])) as Network;

const step = compileStep(
  ({ p, v }: { p: Network; v: Network }, x: Tensor, labels: Tensor<readonly [64], "uint8">) => {
    const hidden = relu(add(matmul(x, p.w1), p.b1));
    const logits = logSoftmax(add(matmul(hidden, p.w2), p.b2));
    const loss = negative(mean(sum(multiply(logits, oneHot(labels, 10)), { axis: 1 })));
    const gradient = gradients(loss as Tensor, p);
    const nextV = Object.fromEntries(
      names.map((name) => [name, add(multiply(v[name], 0.9), gradient[name])]),
    ) as Network;
    const nextP = Object.fromEntries(
      names.map((name) => [name, subtract(p[name], multiply(nextV[name], 0.05))]),
    ) as Network;
    return { state: { p: nextP, v: nextV }, outputs: loss };
  },
  { p: network, v: velocity },
  { backend },
);

// From here on V8 prints each function when it is first called, which with `--no-liftoff` is when it compiles it.
setFlagsFromString("--print-wasm-code");
step.run(zeros([64, 784]), new Tensor([64], "uint8", { data: new Uint8Array(64) }) as Tensor<readonly [64], "uint8">);
