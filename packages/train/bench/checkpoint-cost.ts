/**
 * What checkpoints cost a training loop: steps of 784-256-10 in batches of 64 on one engine, with momentum. Prints the processor
 * time of the training thread that a step and a checkpoint take, so that other programs on the machine do not count.
 *
 *     node --conditions=@nn/source bench/checkpoint-cost.ts [steps 2000] [everySteps 50]
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classes, crossEntropy, dense, relu, sequential } from "@nn/model";
import { RandomState, wasm } from "@nn/tensor";
import { fit, sgd, type TrainingData } from "../src/index.ts";
import { folder } from "../src/node.ts";

const [steps = 2000, everySteps = 50] = process.argv.slice(2).map(Number);
const batchSize = 64;
const random = new RandomState(0);
const batch = {
  inputs: random.randn(batchSize, 784),
  targets: random.randint(0, 10, batchSize),
  size: batchSize,
};
const data = {
  size: steps * batchSize,
  inputShape: [784],
  target: classes(10),
  *batches({ from = 0, to = steps }) {
    for (let i = from; i < to; i++) yield batch;
  },
} as unknown as TrainingData<readonly [784]>;

const path = mkdtempSync(join(tmpdir(), "nn-checkpoint-cost-"));
const model = sequential([784], dense(256), relu(), dense(10));
const optimizer = sgd({ learningRate: 0.01, momentum: 0.9 });
const checkpoint = { in: folder(path), everySteps };
const events = fit.events(
  model,
  data as never,
  {
    loss: crossEntropy(),
    optimizer,
    epochs: 1,
    batchSize,
    shuffle: false,
    backend: wasm(),
    checkpoint,
  } as never,
);

const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
const ofSteps: number[] = [];
const ofCheckpoints: number[] = [];
let before = "";
let since = threadMs();
for await (const event of events) {
  const took = threadMs() - since;
  // What follows a checkpoint's event is its copy and the next step.
  if (event.type === "step") (before === "checkpoint" ? ofCheckpoints : ofSteps).push(took);
  before = event.type;
  since = threadMs();
}
rmSync(path, { recursive: true });

const mean = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / values.length;
const stepMs = mean(ofSteps);
const checkpointMs = mean(ofCheckpoints) - stepMs;
const share = (100 * checkpointMs) / (500 * stepMs);
console.log(
  `a step ${stepMs.toFixed(3)} ms, a checkpoint ${checkpointMs.toFixed(2)} ms (${ofCheckpoints.length} of them)`,
);
console.log(`every 500 steps: ${share.toFixed(2)} % of the time`);
