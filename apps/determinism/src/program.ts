/**
 * The program that every engine runs: trains what the task says on each engine that it names, and prints the hashes as
 * one line. Bundled, it is one file without imports that any Node and any browser run. The task comes as its argument,
 * or behind the # of the page's address.
 */

import { type ClassesTarget, type Dataset, datasetFromArrays } from "@nn/datasets";
import {
  batchNorm,
  crossEntropy,
  dense,
  dropout,
  flatten,
  heUniform,
  leakyRelu,
  parallel,
  relu,
  rescaling,
  residual,
  sequential,
  tanh,
  weightsSha256,
} from "@nn/model";
import { type Backend, compile, divide, fromArray, matmul, RandomState, reference, sqrt, wasm } from "@nn/tensor";
import { adamW, chain, clipByGlobalNorm, cosine, fit, sgd } from "@nn/train";
import { everyLayer } from "./every-layer.ts";
import type { EngineChoice, Task } from "./task.ts";

interface Host {
  readonly process?: { readonly argv: readonly string[] };
  readonly location: { readonly hash: string };
}

const { process, location } = globalThis as unknown as Host;
const task: Task = JSON.parse(process?.argv[2] ?? decodeURIComponent(location.hash.slice(1)));

/** Rows, their width, and classes. */
const NOISE = [150, 37, 5] as const;

const hashes: string[] = [];
for (const engine of task.engines) hashes.push(await onEngine(engine, { small, composed, mnist }[task.name]));
console.log(JSON.stringify(hashes));

async function onEngine(engine: EngineChoice, train: (backend: Backend) => Promise<string>): Promise<string> {
  if (engine.backend === "reference") return train(reference);
  const { backend: _, ...options } = engine;
  const backend = wasm({ adaptThreads: false, ...options });
  try {
    const hash = await train(backend);
    // A short training in a page is over before the workers have started.
    if (engine.threads !== 1 && task.name === "mnist" && backend.sharedRuns === 0) throw new Error("no run was shared");
    return hash;
  } finally {
    backend.close();
  }
}

/** Every kind of layer, sizes that fit no tile, a last batch that is smaller; and arithmetic that gives NaN. */
async function small(backend: Backend): Promise<string> {
  const random = new RandomState(3);
  const data = noise(random);
  const [, width, classes] = NOISE;
  // Something to learn after each, narrower every time.
  const layers = Object.values(everyLayer).flatMap((layer, i) => [layer, dense(101 - 10 * i)]);
  const model = sequential([width, 1], ...(layers as never[]), dense(classes));
  const run = await fit(model as never, data as never, {
    loss: crossEntropy(),
    optimizer: sgd({ learningRate: 0.3, momentum: 0.9 }),
    epochs: 3,
    batchSize: 64,
    validation: data as never,
    seed: 1,
    backend,
  });
  const square = fromArray(Float32Array.from(random.normal({ size: [19, 19] }).data), [19, 19]);
  const roots = compile((x: typeof square) => [sqrt(x), divide(x, 0), matmul(divide(x, 0), x)] as never, { backend });
  const [a, b, c] = roots(square) as never as (typeof square)[];
  return weightsSha256({ ...run.variables, a: a!, b: b!, c: c! });
}

/** Branches, running statistics, dropout in nested models, and an optimiser with scalars of the moment. */
async function composed(backend: Backend): Promise<string> {
  const [, width, classes] = NOISE;
  const model = sequential(
    [width, 1],
    flatten(),
    dense(33),
    batchNorm(),
    relu(),
    residual(sequential([33], dense(21), batchNorm(), tanh(), dropout(0.2), dense(33))),
    parallel("concatenate", sequential([33], leakyRelu(), dropout(0.2), dense(6)), dense(7)),
    dense(classes),
  );
  const optimizer = chain(
    clipByGlobalNorm(1),
    adamW({ learningRate: cosine({ peak: 0.03, warmup: 2 }), weightDecay: 0.01 }),
  );
  const data = noise(new RandomState(3));
  const run = await fit(model as never, data as never, {
    loss: crossEntropy(),
    optimizer,
    epochs: 3,
    batchSize: 64,
    validation: data as never,
    seed: 1,
    average: { decay: 0.9 },
    backend,
  });
  const average = Object.entries(run.average!).map(([name, tensor]) => [`average.${name}`, tensor]);
  return weightsSha256({ ...run.variables, ...Object.fromEntries(average) });
}

function noise(random: RandomState): Dataset {
  const [rows, width, classes] = NOISE;
  const inputs = fromArray(Float32Array.from(random.normal({ size: [rows, width] }).data), [rows, width, 1]);
  const labels = random.randint(0, classes, [rows]).data;
  const classNames = Array.from({ length: classes }, (_, i) => String(i));
  return datasetFromArrays({ name: "noise", inputs, labels, classNames }) as unknown as Dataset;
}

/** The first epoch of the recipe `mnist-mlp`. */
async function mnist(backend: Backend): Promise<string> {
  const model = sequential(
    [28, 28, 1],
    rescaling(1 / 255),
    flatten(),
    dense(256, { weightInitializer: heUniform() }),
    relu(),
    dense(10),
  );
  const run = await fit(model, await mnistData(), {
    loss: crossEntropy(),
    optimizer: sgd({ learningRate: 0.05, momentum: 0.9 }),
    epochs: 1,
    batchSize: 64,
    seed: 0,
    backend,
  });
  return run.weightsSha256;
}

let data: Promise<Dataset<readonly [28, 28, 1], ClassesTarget<10>>> | undefined;

function mnistData(): Promise<Dataset<readonly [28, 28, 1], ClassesTarget<10>>> {
  const fetched = async (part: string) => new Uint8Array(await (await fetch(`${task.origin}/${part}`)).arrayBuffer());
  const read = async () => {
    const [pixels, labels] = [await fetched("inputs"), await fetched("labels")];
    const classNames = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;
    const inputs = fromArray(pixels, [labels.length, 28, 28, 1]);
    return datasetFromArrays({ name: "mnist", inputs, labels, classNames });
  };
  data ??= read();
  return data;
}
