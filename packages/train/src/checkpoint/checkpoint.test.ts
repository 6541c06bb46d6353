import {
  batchNorm,
  crossEntropy,
  dense,
  l2,
  loadSafetensors,
  type Model,
  relu,
  saveSafetensors,
  sequential,
  tanh,
} from "@nn/model";
import { ArgumentError, reference, tensor, wasm } from "@nn/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import { earlyStopping } from "../control/early-stopping.ts";
import type { TrainingEvent } from "../fit/events.ts";
import { fit } from "../fit/fit.ts";
import type { FitOptions } from "../fit/fit-options.ts";
import type { Run } from "../fit/run.ts";
import { topK } from "../metrics/top-k.ts";
import { adam } from "../optimizers/adam.ts";
import { chain } from "../optimizers/chain.ts";
import { decayWeights } from "../optimizers/decay-weights.ts";
import { sgd } from "../optimizers/sgd.ts";
import { cosine } from "../schedules/cosine.ts";
import { halfCircles } from "../test-data.ts";
import { data, eventsOf, type RunName, resultOf, runs } from "../test-runs.ts";
import { MemoryStore } from "./memory-store.ts";

const backend = reference;

async function collect(events: AsyncIterable<TrainingEvent<Run>>): Promise<{ run: Run; steps: number }> {
  let steps = 0;
  for await (const event of events) {
    if (event.type === "step") steps++;
    if (event.type === "end") return { run: event.run, steps };
  }
  throw new Error("a run without an end");
}

async function finished(name: RunName, changed: Parameters<typeof eventsOf>[2] = {}): Promise<MemoryStore> {
  const store = new MemoryStore();
  await collect(eventsOf(name, store, { backend, ...changed }));
  return store;
}

describe("a run that is over", () => {
  test.each(Object.keys(runs) as RunName[])("%s gives its run at once, and writes nothing", async (name) => {
    const store = await finished(name);
    const { bytes, writes } = store;
    const again = await collect(eventsOf(name, store, { backend }));
    expect(again.steps).toBe(0);
    expect(resultOf(again.run)).toEqual(resultOf((await collect(eventsOf(name, undefined, { backend }))).run));
    expect([store.bytes, store.writes]).toEqual([bytes, writes]);
  });

  test("goes on with more epochs", async () => {
    const store = await finished("sgd", { epochs: 2 });
    const more = await collect(eventsOf("sgd", store, { backend, epochs: 4 }));
    expect(more.steps).toBe(12);
    expect(resultOf(more.run)).toEqual(resultOf((await collect(eventsOf("sgd", undefined, { backend }))).run));
  });

  test("stays ended where a controller ended it, with more epochs too", async () => {
    const store = await finished("adamW");
    const more = await collect(eventsOf("adamW", store, { backend, epochs: 9 }));
    expect(more).toMatchObject({ steps: 0, run: { epochs: 3, stopped: expect.stringContaining("not improved") } });
  });

  test("with fewer epochs is refused, and kept", async () => {
    const store = await finished("sgd");
    const { bytes } = store;
    await expect(collect(eventsOf("sgd", store, { backend, epochs: 3 }))).rejects.toMatchObject({
      received: "epochs 3 for a run that has begun epoch 4, after 24 steps",
      expected: "at least 4",
    });
    expect(store.bytes).toBe(bytes);
  });

  test("starts from its first step with resume: false", async () => {
    const store = await finished("sgd");
    store.bytes = new Uint8Array(3);
    expect((await collect(eventsOf("sgd", store, { backend, resume: false }))).steps).toBe(24);
    expect((await collect(eventsOf("sgd", store, { backend }))).steps).toBe(0);
  });
});

test("tells where it goes on, and gives back what listeners attached", async () => {
  const store = new MemoryStore();
  const attached = {
    zero: -0,
    nan: Number.NaN,
    number: { number: "5" },
    $number: { $number: "7", $$number: 1 },
    one: { $number: "7" },
  };
  const events = eventsOf("sgd", store, { backend, everySteps: 1 });
  for await (const event of events) {
    if (event.type === "checkpoint") event.attach("mine", attached);
    if (event.type === "step" && event.step === 8) events.stop();
  }
  for await (const event of eventsOf("sgd", store, { backend })) {
    expect(event).toMatchObject({ type: "start", resumed: { step: 8, epoch: 2, attachments: { mine: attached } } });
    break;
  }
});

test("a controller that stops at an epoch's last step: the epoch is closed, also after a kill between", async () => {
  const atStep6 = {
    kind: "atStep6",
    config: {},
    begin: () => ({
      observe(event: TrainingEvent, run: { stop(reason: string): void }) {
        if (event.type === "step" && event.step === 6) run.stop("six");
      },
      state: () => ({ json: null }),
      restore: () => undefined,
    }),
  };
  const changed = { backend, control: [atStep6], everySteps: 6 };
  const store = new MemoryStore();
  const events = eventsOf("sgd", store, changed);
  for await (const event of events) if (event.type === "step" && event.step === 6) break;
  expect(store.bytes).toBeUndefined();
  const killed = eventsOf("sgd", store, changed);
  for (let isWritten = false; !isWritten; isWritten = store.bytes !== undefined) {
    await killed.next();
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { run, steps } = await collect(eventsOf("sgd", new MemoryStore(store.bytes), changed));
  expect([steps, run.epochs, run.stopped]).toEqual([0, 1, "six"]);
});

test("only the last of the checkpoints that come while one is written is written too", async () => {
  const store = new MemoryStore(undefined, 50);
  await collect(eventsOf("sgd", store, { backend, everySteps: 1 }));
  expect(store.writes).toBeLessThan(24);
  expect((await collect(eventsOf("sgd", store, { backend }))).steps).toBe(0);
});

describe("a checkpoint of another run is refused, with both values, and kept", () => {
  const optimizer = (rate: number, momentum = 0.9) => sgd({ learningRate: rate, momentum });
  const model = sequential([2], dense(4), tanh(), dense(2));
  const stored = new Map<object, Promise<MemoryStore>>();
  const run = (options: object, from: Partial<FitOptions> = {}) => {
    const {
      model: _model = runs.sgd.model,
      data: _data = data,
      ...rest
    } = options as { model?: Model; data?: typeof data };
    return fit.events(
      _model,
      _data as never,
      { ...runs.sgd.options, epochs: 1, backend, ...from, ...rest } as never,
    ) as never as AsyncIterable<TrainingEvent<Run>>;
  };
  const dataOf = (changed: object) => ({ ...data, batches: data.batches.bind(data), ...changed });
  const rows: readonly [field: string, wrote: object, now: object, found: string, wanted: string][] = [
    ["model", {}, { model: sequential([2], dense(5), tanh(), dense(2)) }, "model.config.layers.0.config.units 4", "5"],
    [
      "layers",
      {},
      { model: sequential([2], dense(4), relu(), dense(2)) },
      'model.config.layers.1.kind "tanh"',
      '"relu"',
    ],
    [
      "more layers",
      {},
      { model: sequential([2], dense(4), tanh(), dense(2), batchNorm()) },
      "model.config.layers.3 missing",
      '{"kind":"batchNorm"',
    ],
    ["optimiser", {}, { optimizer: adam({ learningRate: 0.3 }) }, 'optimizer.kind "sgd"', '"adam"'],
    ["rate", {}, { optimizer: optimizer(0.4) }, "optimizer.config.learningRate.value 0.3", "0.4"],
    ["momentum", {}, { optimizer: optimizer(0.3, 0.8) }, "optimizer.config.momentum 0.9", "0.8"],
    [
      "schedule",
      {},
      { optimizer: sgd({ learningRate: cosine({ peak: 0.3 }), momentum: 0.9 }) },
      'optimizer.config.learningRate.kind "constant"',
      '"cosine"',
    ],
    [
      "peak",
      { optimizer: adam({ learningRate: cosine({ peak: 0.3 }) }) },
      { optimizer: adam({ learningRate: cosine({ peak: 0.2 }) }) },
      "optimizer.config.learningRate.peak 0.3",
      "0.2",
    ],
    [
      "function",
      { optimizer: sgd({ learningRate: () => 0.1 }) },
      { optimizer: sgd({ learningRate: ({ step }) => 0.1 / (1 + step) }) },
      "learningRate.rate at step 2 0.1",
      "0.05",
    ],
    [
      "decay",
      { optimizer: chain(decayWeights({ learningRate: 0.1, weightDecay: 0.1 }), optimizer(0.1)) },
      { optimizer: chain(decayWeights({ learningRate: 0.2, weightDecay: 0.1 }), optimizer(0.1)) },
      "optimizer.config.transforms.0.config.learningRate.value 0.1",
      "0.2",
    ],
    ["batchSize", {}, { batchSize: 9 }, "batchSize 8", "9"],
    ["stepsPerEpoch", {}, { stepsPerEpoch: 3 }, "stepsPerEpoch 6", "3"],
    ["shuffle", {}, { shuffle: false }, "shuffle true", "false"],
    ["seed", {}, { seed: 4 }, "seed 3", "4"],
    ["dtype", {}, { dtype: "float64" }, 'dtype "float32"', '"float64"'],
    ["initialVariables", {}, { initialVariables: model.initialize({ seed: 5 }) }, "initialVariables null", '"'],
    ["frozen", {}, { frozen: ["dense1.*"] }, "frozen.0 missing", '"dense1.weight"'],
    ["average", { average: { decay: 0.9 } }, { average: { decay: 0.8 } }, "average.decay 0.9", "0.8"],
    ["no average", { average: { decay: 0.9 } }, {}, 'average {"decay":0.9}', "null"],
    ["control", {}, { control: [earlyStopping({ patience: 3 })] }, "control.0 missing", '{"kind":"earlyStopping"'],
    [
      "patience",
      { control: [earlyStopping({ patience: 3 })] },
      { control: [earlyStopping({ patience: 4 })] },
      "control.0.config.patience 3",
      "4",
    ],
    ["metrics", {}, { metrics: { first: topK(1) } }, "metrics.first missing", '{"kind":"topK"'],
    ["loss", {}, { loss: crossEntropy({ reduction: "sum" }) }, 'loss.config.reduction "mean"', '"sum"'],
    ["regularizer", {}, { regularizer: l2(0.01) }, "regularizer null", '"l2(0.01)"'],
    [
      "fingerprint",
      { data: dataOf({ fingerprint: "a" }) },
      { data: dataOf({ fingerprint: "b" }) },
      'data.fingerprint "a"',
      '"b"',
    ],
    ["rows", {}, { data: halfCircles(46) }, "data.size 45", "46"],
    ["validation", {}, { validation: halfCircles(21) }, "validation.size 20", "21"],
    ["no validation", {}, { validation: undefined }, 'validation {"size":20', "null"],
    ["mode", {}, { backend: wasm({ mode: "fast" }) }, 'mode "strict"', '"fast"'],
  ];
  test.each(rows)("%s", async (_, wrote, now, found, wanted) => {
    if (!stored.has(wrote)) {
      const store = new MemoryStore();
      stored.set(
        wrote,
        collect(run({ ...wrote, checkpoint: { in: store } })).then(() => store),
      );
    }
    const store = (await stored.get(wrote))!;
    const { bytes, writes } = store;
    const error = await collect(run({ ...now, checkpoint: { in: store } })).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as ArgumentError).received).toContain(`a checkpoint of another run: ${found}`);
    expect((error as ArgumentError).expected).toContain(wanted);
    expect([store.bytes, store.writes]).toEqual([bytes, writes]);
  });

  test("functions that agree on the steps that are done, and a schedule over another number of epochs, are the same", async () => {
    for (const learningRate of [({ step }: { step: number }) => 0.1 / (1 + step), cosine({ peak: 0.1 })]) {
      const store = new MemoryStore();
      await collect(run({ optimizer: sgd({ learningRate }), checkpoint: { in: store } }));
      const more = run({ optimizer: sgd({ learningRate }), epochs: 2, checkpoint: { in: store } });
      expect((await collect(more)).steps).toBe(6);
    }
  });
});

describe("a damaged file is refused, and kept", () => {
  let whole: Uint8Array;
  beforeAll(async () => {
    whole = (await finished("adamW", { epochs: 1 })).bytes!;
  });
  const check = async (bytes: Uint8Array, part = ""): Promise<void> => {
    const store = new MemoryStore(bytes);
    const error = await collect(eventsOf("adamW", store, { backend, epochs: 1 })).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as ArgumentError).operation).toBe("fit: checkpoint");
    expect((error as ArgumentError).message).toContain(part);
    expect([store.bytes, store.writes]).toEqual([bytes, 0]);
  };

  test("cut at any byte", async () => {
    for (let length = 0; length < whole.length; length += length < 16 ? 1 : 97) await check(whole.slice(0, length));
    await check(whole.slice(0, -1), "The file is damaged");
    await check(new Uint8Array([...whole, 0]));
  });

  test("with any bit flipped", async () => {
    for (let at = 0; at < whole.length; at += at < 160 ? 3 : 53) {
      const bytes = whole.slice();
      bytes[at]! ^= 1 << (at % 8);
      await check(bytes);
    }
  });

  test("of another format or version, or of nothing", async () => {
    const { parameters, metadata } = loadSafetensors(whole);
    await check(saveSafetensors(parameters, { metadata: { ...metadata, version: "2" } }), "version 2");
    await check(saveSafetensors({ w: tensor([1]) }), 'a safetensors file of format "none"');
    await check(new TextEncoder().encode("not a checkpoint at all"), "no checkpoint");
    await check("text" as never, "text");
  });
});

test.each([
  [{ in: "runs/cnn" }, 'in "runs/cnn"'],
  [{ in: {} }, "in a value"],
  [{}, "in undefined"],
  [{ in: new MemoryStore(), everySteps: 0 }, "everySteps 0"],
  [{ in: new MemoryStore(), resume: 1 }, "resume 1"],
  [{ in: new MemoryStore(), every: 1 }, 'unknown option "every"'],
  ["runs/cnn", '"runs/cnn"'],
])("options %j are refused at the call", (checkpoint, received) => {
  const options = { ...runs.sgd.options, checkpoint } as never;
  expect(() => fit.events(runs.sgd.model, data as never, options)).toThrow(
    expect.objectContaining({ operation: "fit: checkpoint", received: expect.stringContaining(received) }),
  );
});
