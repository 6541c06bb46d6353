/** Which variables a step changes: frozen parameters, buffers, and the average beside them. */

import { batchNorm, crossEntropy, defineLayer, dense, l2, ones, sequential, tanh, type Variables } from "@nn/model";
import { type Graph, multiply, type Node, type Tensor, topologicalOrder } from "@nn/tensor";
import { describe, expect, test } from "vitest";
import { adam } from "../optimizers/adam.ts";
import { groups } from "../optimizers/groups.ts";
import { sgd } from "../optimizers/sgd.ts";
import { countingBackend } from "../test-backend.ts";
import { halfCircles } from "../test-data.ts";
import { fit } from "./fit.ts";

const model = sequential([2], dense(4), tanh(), dense(3), tanh(), dense(2));
const data = halfCircles(20);
const options = { loss: crossEntropy(), optimizer: adam({ learningRate: 0.1 }), epochs: 2, batchSize: 10, seed: 1 };
const initial = model.initialize({ seed: 1 });

/** How many nodes of a step's graph there are of each operation. */
function countOps({ outputs, nextState }: Graph): { readonly [op: string]: number } {
  const counts: { [op: string]: number } = {};
  for (const node of topologicalOrder([...outputs, ...nextState])) {
    const name = nameOf(node);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function nameOf(node: Node): string {
  return node.op?.name ?? node.kind;
}

async function compiledWith(frozen: readonly string[]): Promise<Graph> {
  const backend = countingBackend();
  await fit(model, data, { ...options, frozen, backend });
  expect(backend.compiled).toHaveLength(1);
  return backend.compiled[0]!;
}

describe("frozen parameters", () => {
  test("keep their values; the others learn", async () => {
    const run = await fit(model, data, { ...options, frozen: ["dense1.*", "*.bias"] });
    for (const [name, value] of Object.entries(run.variables)) {
      const kept = name.startsWith("dense1.") || name.endsWith(".bias");
      if (kept) expect(value).toEqual(initial[name]);
      else expect(value).not.toEqual(initial[name]);
    }
    expect(Object.keys(run.variables)).toEqual(Object.keys(initial));
  });

  test("have no backward work in the program", async () => {
    const [all, first, firstTwo] = [
      countOps(await compiledWith([])),
      countOps(await compiledWith(["dense1.*"])),
      countOps(await compiledWith(["dense1.*", "dense2.*"])),
    ];
    // Forward 3; backward a product for each weight and, but for the first layer, one for its input.
    expect([all.matmul, first.matmul, firstTwo.matmul]).toEqual([8, 6, 4]);
    // Adam takes a root for each parameter that learns.
    expect([all.sqrt, first.sqrt, firstTwo.sqrt]).toEqual([6, 4, 2]);
  });

  test("in the middle, only their own gradient is left out", async () => {
    const counts = countOps(await compiledWith(["dense2.weight"]));
    expect(counts.matmul).toBe(7);
  });

  test("have no optimiser state: groups need no pattern for them", async () => {
    const optimizer = groups({ "dense2.*": sgd(), "dense3.*": sgd() });
    const run = await fit(model, data, { ...options, optimizer, frozen: ["dense1.*"] });
    expect(run.variables["dense1.weight"]).toEqual(initial["dense1.weight"]);
  });

  test("count in a penalty, and do not follow it", async () => {
    const run = await fit(model, data, { ...options, regularizer: l2(0.1), frozen: ["dense1.*"] });
    expect(run.variables["dense1.weight"]).toEqual(initial["dense1.weight"]);
  });

  test("may be all of them: the loss is told, nothing changes", async () => {
    const run = await fit(model, data, { ...options, frozen: ["*"] });
    expect(run.variables).toEqual(initial);
    expect(run.history).toHaveLength(2);
    expect(run.history[0]!.train.loss).toBeCloseTo(run.history[1]!.train.loss, 6);
  });

  test("may be declared by a layer", async () => {
    const scale = defineLayer({
      kind: "scale",
      call: "scale()",
      variables: (shape) => ({
        kept: { shape, initializer: ones(), role: "parameter", frozen: true },
        learned: { shape, initializer: ones(), role: "parameter" },
      }),
      apply: ({ kept, learned }, x) => multiply(multiply(x, kept as never), learned as never) as never,
    });
    const run = await fit(sequential([2], dense(2), scale), data, options);
    expect([...run.variables["scale1.kept"]!.data]).toEqual([1, 1]);
    expect([...run.variables["scale1.learned"]!.data]).not.toEqual([1, 1]);
  });

  test.each<[frozen: unknown, error: object]>([
    [["dense4.*"], { operation: "fit: frozen", received: 'pattern "dense4.*", which matches nothing' }],
    [["dense1"], { received: 'pattern "dense1", which matches nothing' }],
    [["dense1.*", "dense1.wieght"], { received: 'pattern "dense1.wieght", which matches nothing' }],
    [[1], { received: "pattern 1, which matches nothing" }],
    ["dense1.*", { operation: "fit", received: 'frozen "dense1.*" of type string', expected: "an array of patterns" }],
  ])("%o is refused", async (frozen, error) => {
    await expect(fit(model, data, { ...options, frozen: frozen as never })).rejects.toMatchObject({
      name: "ArgumentError",
      ...error,
    });
  });
});

describe("buffers", () => {
  const normal = sequential([2], dense(4), batchNorm(), tanh(), dense(2));

  test("move with every step, and are not the optimiser's", async () => {
    const run = await fit(normal, data, { ...options, optimizer: sgd({ learningRate: 0 }) });
    const before = normal.initialize({ seed: 1 });
    for (const [name, { role }] of Object.entries(normal.variables())) {
      if (role === "buffer") expect(run.variables[name]).not.toEqual(before[name]);
      else expect(run.variables[name]).toEqual(before[name]);
    }
  });

  test("are no parameters to freeze", async () => {
    await expect(fit(normal, data, { ...options, frozen: ["*.runningMean"] })).rejects.toMatchObject({
      received: 'pattern "*.runningMean", which matches nothing',
    });
  });

  test("a last batch of 1 row is refused by batchNorm, naming what to change", async () => {
    await expect(fit(normal, halfCircles(21), options)).rejects.toMatchObject({
      name: "ArgumentError",
      operation: "batchNorm()",
      fix: "Choose a batchSize that does not leave a last batch of 1 row.",
    });
    // Not taken.
    await fit(normal, halfCircles(21), { ...options, stepsPerEpoch: 2, validation: halfCircles(1) });
  });
});

describe("average", () => {
  const normal = sequential([2], dense(3), batchNorm(), dense(2));
  const given = { ...options, batchSize: 20, epochs: 4, dtype: "float64" } as const;

  test.each([0, 0.5, 0.9])("decay %d: the moving average of all variables after each step", async (decay) => {
    let expected: Variables = normal.initialize({ seed: 1, dtype: "float64" });
    for await (const event of fit.events(normal, data, { ...given, average: { decay } })) {
      if (event.type === "epoch") expected = mix(expected, event.variables, decay);
      if (event.type !== "end") continue;
      const { average, variables } = event.run;
      expect(Object.keys(average!).sort()).toEqual(Object.keys(normal.variables()).sort());
      for (const [name, value] of Object.entries(expected)) expect(average![name]!.data).toEqual(value.data);
      if (decay === 0)
        for (const [name, value] of Object.entries(variables)) expect(average![name]!.data).toEqual(value.data);
    }
  });

  test("does not change the run", async () => {
    const plain = await fit(normal, data, given);
    const averaged = await fit(normal, data, { ...given, average: { decay: 0.9 } });
    expect(averaged.weightsSha256).toBe(plain.weightsSha256);
    expect(plain.average).toBeUndefined();
  });

  test("keeps frozen parameters as they are", async () => {
    const run = await fit(normal, data, { ...given, frozen: ["dense1.*"], average: { decay: 0.5 } });
    expect(run.average!["dense1.weight"]!.data).toEqual(run.variables["dense1.weight"]!.data);
  });

  test.each([
    [{ decay: 1 }, "average.decay 1"],
    [{ decay: -0.1 }, "average.decay -0.1"],
    [{ decay: Number.NaN }, "average.decay NaN"],
    [{}, "average.decay undefined"],
    [{ decay: 0.9, rate: 1 }, 'the unknown option "rate"'],
    [0.9, "options 0.9"],
  ])("%o is refused", async (average, received) => {
    await expect(fit(normal, data, { ...given, average: average as never })).rejects.toMatchObject({
      name: "ArgumentError",
      received,
    });
  });

  function mix(before: Variables, now: Variables, decay: number): Variables {
    return Object.fromEntries(
      Object.entries(before).map(([name, value]) => [
        name,
        {
          ...value,
          data: value.data.map((each, i) => each * decay + now[name]!.data[i]! * (1 - decay)),
        } as unknown as Tensor,
      ]),
    ) as never;
  }
});
