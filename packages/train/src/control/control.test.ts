/** Controllers: counting as Keras does it, worked out by hand from its documented rule, and whole runs. */

import { crossEntropy, dense, network, sequential, tanh, type Variables } from "@nn/model";
import { describe, expect, test } from "vitest";
import { evaluate } from "../fit/evaluate.ts";
import type { EpochEvent, TrainingEvent } from "../fit/events.ts";
import { fit } from "../fit/fit.ts";
import { sgd } from "../optimizers/sgd.ts";
import { logRun } from "../run-log/log-run.ts";
import { halfCircles } from "../test-data.ts";
import type { ActiveController, Controller } from "./controller.ts";
import { earlyStopping } from "./early-stopping.ts";
import { reduceOnPlateau } from "./reduce-on-plateau.ts";

const outline = { directions: { loss: "minimize", accuracy: "maximize" }, validation: true } as const;

/** An epoch whose loss and accuracy are `value`; its variables are named after it. */
function epochOf(epoch: number, value: number): EpochEvent {
  const score = { loss: value, accuracy: value };
  const variables = { [`of epoch ${epoch}`]: undefined } as unknown as Variables;
  const times = { durationMs: 0, elapsedMs: 0 };
  return { type: "epoch", epoch, step: epoch, train: score, validation: score, variables, ...times } as EpochEvent;
}

/** Shows `values` one epoch after another; gives the epoch that was the last, if any, and why. */
function watch(
  active: ActiveController,
  values: readonly number[],
  first = 1,
): { readonly stoppedAt?: number; readonly reason?: string } {
  for (const [i, value] of values.entries()) {
    let reason: string | undefined;
    active.observe(epochOf(first + i, value), {
      stop(given) {
        reason = given;
      },
    });
    if (reason !== undefined) return { stoppedAt: first + i, reason };
  }
  return {};
}

const bestOf = (active: ActiveController): string | undefined => Object.keys(active.finalVariables ?? {})[0];

describe("earlyStopping", () => {
  // `at`: Keras's stopped_epoch + 1; `best`: its best_epoch + 1.
  test.each<[values: readonly number[], options: object, at: number | undefined, best: number]>([
    [[5, 4, 3, 2, 1], { patience: 1 }, undefined, 5],
    [[5, 4, 4, 3], { patience: 1 }, 3, 2],
    [[5, 4, 4, 3, 3, 3], { patience: 2 }, 6, 4],
    [[3, 4, 5, 6], { patience: 3 }, 4, 1],
    [[3, 4, 5, 2, 6, 6], { patience: 3 }, undefined, 4],
    [[3, 4, 5, 2, 6, 6, 6], { patience: 3 }, 7, 4],
    // An improvement of exactly minDelta is none, and the best stays where it was.
    [[3, 2.5, 2, 1.5], { patience: 2, minDelta: 0.5 }, undefined, 3],
    [[3, 2.5, 2.5, 2.25], { patience: 2, minDelta: 0.5 }, 3, 1],
    [[3, 2.75, 2.5, 2.25, 2], { patience: 3, minDelta: 0.5 }, undefined, 4],
    [[1, 2, 3, 3], { patience: 1, monitor: "train.accuracy" }, 4, 3],
    [[1, 0.5, 2, 1, 1], { patience: 2, monitor: "validation.accuracy" }, 5, 3],
    [[-1, -2, -2], { patience: 1 }, 3, 2],
  ])("%j with %o", (values, options, stoppedAt, best) => {
    const active = earlyStopping(options).begin(outline);
    expect(watch(active, values).stoppedAt).toBe(stoppedAt);
    expect(bestOf(active)).toBe(`of epoch ${best}`);
  });

  test("tells why it stopped", () => {
    const reasonOf = (options: object, values: readonly number[]) =>
      watch(earlyStopping(options).begin(outline), values).reason;
    expect(reasonOf({ patience: 1 }, [1, 1])).toBe("validation.loss has not improved for 1 epoch");
    expect(reasonOf({ patience: 2, monitor: "train.loss" }, [1, 1, 1])).toBe(
      "train.loss has not improved for 2 epochs",
    );
    expect(reasonOf({}, [1, Number.NaN])).toBe("validation.loss is NaN");
    expect(reasonOf({}, [Number.POSITIVE_INFINITY])).toBe("validation.loss is Infinity");
  });

  test("does not keep variables that nobody asked for", () => {
    const active = earlyStopping({ restoreBest: false, patience: 1 }).begin(outline);
    watch(active, [2, 1, 1]);
    expect(active.finalVariables).toBeUndefined();
    expect(active.state().variables).toBeUndefined();
  });
});

describe("reduceOnPlateau", () => {
  // The scale after each epoch.
  test.each<[values: readonly number[], options: object, scales: readonly number[]]>([
    [[5, 4, 3], { patience: 1, factor: 0.5 }, [1, 1, 1]],
    [[5, 5, 5, 5], { patience: 1, factor: 0.5 }, [1, 0.5, 0.25, 0.125]],
    [[5, 5, 5, 5, 5], { patience: 2, factor: 0.5 }, [1, 1, 0.5, 0.5, 0.25]],
    [[5, 6, 4, 6, 6], { patience: 2, factor: 0.5 }, [1, 1, 1, 1, 0.5]],
    // Cool-down: the epochs 3 and 4 are not counted; the last of them is, once it has counted down.
    [[5, 5, 5, 5, 5, 5], { patience: 1, factor: 0.5, cooldown: 2 }, [1, 0.5, 0.5, 0.25, 0.25, 0.125]],
    [[5, 5, 5, 5, 5, 5], { patience: 1, factor: 0.5, cooldown: 1 }, [1, 0.5, 0.25, 0.125, 0.0625, 0.03125]],
    [[5, 5, 5, 5, 5, 5, 5], { patience: 2, factor: 0.5, cooldown: 2 }, [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]],
    [[5, 5, 5, 5], { patience: 1, factor: 0.5, minScale: 0.3 }, [1, 0.5, 0.3, 0.3]],
    [[1, 0.99995, 0.9999, 0.9998], { patience: 1, factor: 0.5 }, [1, 0.5, 0.25, 0.25]],
    [[1, 1, 2], { patience: 1, factor: 0.5, monitor: "validation.accuracy" }, [1, 0.5, 0.5]],
    [[Number.NaN, 3, 3, 2], { patience: 1, factor: 0.5 }, [0.5, 0.5, 0.25, 0.25]],
  ])("%j with %o", (values, options, scales) => {
    const active = reduceOnPlateau(options).begin(outline);
    const seen = values.map((value, i) => {
      expect(watch(active, [value], i + 1)).toEqual({});
      return active.learningRateScale;
    });
    expect(seen).toEqual(scales);
  });

  test("reaches the step: the rate of every optimiser", async () => {
    const scales: number[] = [];
    const optimizer = sgd({
      learningRate({ learningRateScale }) {
        scales.push(learningRateScale);
        return 0.1;
      },
    });
    const control = [
      reduceOnPlateau({ monitor: "train.loss", patience: 1, factor: 0.5, minDelta: 1e6 }),
      reduceOnPlateau({ monitor: "train.loss", patience: 2, factor: 0.1, minDelta: 1e6 }),
    ];
    const run = await fit(model, data, { ...options, epochs: 4, optimizer, control });
    expect(scales).toEqual([1, 1, 1, 1, 0.5, 0.5, 0.25 * 0.1, 0.25 * 0.1]);
    const equal = sgd({ learningRate: ({ epoch }) => [0.1, 0.1, 0.05, 0.1 * (0.25 * 0.1)][epoch]! });
    expect((await fit(model, data, { ...options, epochs: 4, optimizer: equal })).weightsSha256).toBe(run.weightsSha256);
  });
});

const model = sequential([2], dense(4), tanh(), dense(2));
const data = halfCircles(20);
const options = { loss: crossEntropy(), optimizer: sgd({ learningRate: 0.5 }), epochs: 3, batchSize: 10, seed: 1 };

async function eventsOf<E>(events: AsyncIterable<E>): Promise<E[]> {
  const all: E[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe("a run that is stopped early", () => {
  /** Learns for three epochs, then only gets worse. */
  const given = {
    ...options,
    epochs: 50,
    optimizer: sgd({ learningRate: ({ epoch }) => (epoch < 3 ? 0.5 : 200) }),
    validation: halfCircles(30, 9),
  };

  test("gets the variables of its best epoch", async () => {
    const events = await eventsOf(fit.events(model, data, { ...given, control: [earlyStopping({ patience: 3 })] }));
    const epochs = events.filter((event) => event.type === "epoch");
    const { run } = events.find((event) => event.type === "end")!;
    const losses = run.history.map(({ validation }) => validation!.loss);
    const best = losses.indexOf(Math.min(...losses));
    expect(run.epochs).toBe(best + 1 + 3);
    expect(run.epochs).toBeLessThan(50);
    expect(run.stopped).toBe("validation.loss has not improved for 3 epochs");
    expect(run.variables).toEqual(epochs[best]!.variables);
    expect(run.variables).not.toEqual(epochs.at(-1)!.variables);
    const { loss } = await evaluate(run.network, given.validation, { loss: crossEntropy() });
    expect(loss).toBe(losses[best]);
    expect(run.network.variables).toEqual(network(model, run.variables).variables);
  });

  test("or those of its last", async () => {
    const control = [earlyStopping({ patience: 3, restoreBest: false })];
    const events = await eventsOf(fit.events(model, data, { ...given, control }));
    const { run } = events.find((event) => event.type === "end")!;
    expect(run.variables).toEqual(events.filter((event) => event.type === "epoch").at(-1)!.variables);
  });

  test("a run that ends by itself also gets its best epoch, and was not stopped", async () => {
    const run = await fit(model, data, { ...given, epochs: 5, control: [earlyStopping({ patience: 30 })] });
    const losses = run.history.map(({ validation }) => validation!.loss);
    const { loss } = await evaluate(run.network, given.validation, { loss: crossEntropy() });
    expect(loss).toBe(Math.min(...losses));
    expect(run).toMatchObject({ epochs: 5, stopped: undefined });
  });

  test("one controller in two runs counts anew, also at the same time", async () => {
    const control = [earlyStopping({ patience: 2 }), reduceOnPlateau({ patience: 1, factor: 0.5 })];
    const first = await fit(model, data, { ...given, control });
    const [second, third] = await Promise.all([1, 2].map(() => fit(model, data, { ...given, control })));
    for (const run of [second!, third!]) {
      expect(run).toMatchObject({ epochs: first.epochs, stopped: first.stopped, weightsSha256: first.weightsSha256 });
    }
  });

  test.each<[Controller, readonly number[], readonly number[]]>([
    [earlyStopping({ patience: 3 }), [3, 2, 4], [4, 4, 1]],
    [reduceOnPlateau({ patience: 2, cooldown: 2 }), [3, 2, 2], [2, 2, 2, 2, 2]],
  ])("a state that was kept goes on where it was: $kind", (controller, before, after) => {
    const [whole, first, second] = [1, 2, 3].map(() => controller.begin(outline));
    watch(whole!, before);
    watch(first!, before);
    const { json, variables } = first!.state();
    second!.restore({ json: JSON.parse(JSON.stringify(json)), ...(variables && { variables }) });
    expect(watch(second!, after, 4)).toEqual(watch(whole!, after, 4));
    expect(second!.state()).toEqual(whole!.state());
    expect(second!.learningRateScale).toBe(whole!.learningRateScale);
    expect(bestOf(second!)).toBe(bestOf(whole!));
  });
});

describe("stop() on the stream", () => {
  const stopAt = async (position: number, reason?: string) => {
    const seen: TrainingEvent["type"][] = [];
    const stream = fit.events(model, data, options);
    let run: Awaited<ReturnType<typeof fit>> | undefined;
    for await (const event of stream) {
      if (seen.push(event.type) === position) stream.stop(reason);
      if (event.type === "end") run = event.run as never;
    }
    return { seen, run: run! };
  };

  test.each<[position: number, seen: readonly string[], steps: number, epochs: number]>([
    [1, ["start", "end"], 0, 0],
    [2, ["start", "step", "end"], 1, 0],
    [3, ["start", "step", "step", "epoch", "end"], 2, 1],
    [4, ["start", "step", "step", "epoch", "end"], 2, 1],
    [5, ["start", "step", "step", "epoch", "step", "end"], 3, 1],
  ])("at event %d the run still ends with a run", async (position, expected, steps, epochs) => {
    const { seen, run } = await stopAt(position);
    expect(seen).toEqual(expected);
    expect(run).toMatchObject({ steps, epochs, stopped: "asked to stop" });
    expect(run.history).toHaveLength(epochs);
    expect(Object.keys(run.variables)).toEqual(Object.keys(model.variables()));
  });

  test("with a reason; after the last step it changes nothing", async () => {
    expect((await stopAt(2, "enough")).run.stopped).toBe("enough");
    const { run } = await stopAt(10);
    expect(run).toMatchObject({ steps: 6, epochs: 3, stopped: undefined });
  });

  test("before the first event", async () => {
    const stream = fit.events(model, data, options);
    stream.stop();
    expect((await eventsOf(stream)).map(({ type }) => type)).toEqual(["start", "end"]);
  });

  test("reaches the run through logRun", async () => {
    const written: string[] = [];
    const log = new Proxy(
      {},
      { get: (_, name) => (name === "then" ? undefined : () => void written.push(String(name))) },
    );
    const stream = logRun(fit.events(model, data, options), log as never);
    const seen: string[] = [];
    for await (const event of stream) if (seen.push(event.type) === 2) stream.stop();
    expect(seen.at(-1)).toBe("end");
    expect(seen.filter((type) => type === "step")).toHaveLength(1);
  });
});

describe("is refused", () => {
  test.each<[monitor: string, expected: string]>([
    ["validation.acuracy", "train.loss, validation.loss, train.accuracy, validation.accuracy"],
    ["loss", "train.loss, validation.loss, train.accuracy, validation.accuracy"],
    ["test.loss", "train.loss, validation.loss, train.accuracy, validation.accuracy"],
    ["val_loss", "train.loss, validation.loss, train.accuracy, validation.accuracy"],
  ])("the monitor %s, naming the known ones", async (monitor, expected) => {
    for (const make of [earlyStopping, reduceOnPlateau]) {
      const control = [make({ monitor: monitor as never })];
      await expect(fit(model, data, { ...options, validation: data, control })).rejects.toMatchObject({
        name: "ArgumentError",
        operation: make.name,
        received: `monitor "${monitor}"`,
        expected,
      });
    }
  });

  test("validation without validation data", async () => {
    await expect(fit(model, data, { ...options, control: [earlyStopping()] })).rejects.toMatchObject({
      received: 'monitor "validation.loss"',
      expected: "train.loss, train.accuracy",
      fix: "Pass validation data to fit.",
    });
  });

  test("a run whose metrics were not asked for", async () => {
    const control = [earlyStopping({ monitor: "train.accuracy" })];
    await expect(fit(model, data, { ...options, metrics: {}, control })).rejects.toMatchObject({
      expected: "train.loss",
    });
  });

  test.each<[name: string, act: () => unknown, received: string]>([
    ["patience", () => earlyStopping({ patience: 0 }), "patience 0"],
    ["patience", () => earlyStopping({ patience: 1.5 }), "patience 1.5"],
    ["minDelta", () => earlyStopping({ minDelta: -1 }), "minDelta -1"],
    ["restoreBest", () => earlyStopping({ restoreBest: 1 as never }), "restoreBest 1"],
    [
      "another name",
      () => earlyStopping({ restoreBestWeights: true } as never),
      'the unknown option "restoreBestWeights"',
    ],
    ["null", () => earlyStopping(null as never), "options null"],
    ["factor", () => reduceOnPlateau({ factor: 1 }), "factor 1"],
    ["factor", () => reduceOnPlateau({ factor: 0 }), "factor 0"],
    ["cooldown", () => reduceOnPlateau({ cooldown: -1 }), "cooldown -1"],
    ["minScale", () => reduceOnPlateau({ minScale: 2 }), "minScale 2"],
    ["null", () => reduceOnPlateau(null as never), "options null"],
  ])("%s out of range: %#", (_, act, received) => {
    expect(act).toThrow(expect.objectContaining({ name: "ArgumentError", received }));
  });

  test("what is no controller", async () => {
    const act = (control: unknown) => fit(model, data, { ...options, control: control as never });
    await expect(act([earlyStopping])).rejects.toMatchObject({
      received: "control 1 the function earlyStopping",
      fix: "Call it: earlyStopping().",
    });
    await expect(act(earlyStopping({ monitor: "train.loss" }))).rejects.toMatchObject({
      received: "control a value of class Object",
      expected: "an array of controllers",
    });
  });
});
