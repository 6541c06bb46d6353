/** Every layer and model can be made again from its JSON. */

import { ArgumentError, RandomState } from "@nn/tensor";
import { describe, expect, test } from "vitest";
import {
  batchNorm,
  concatenate,
  configOf,
  defineLayer,
  dense,
  dropout,
  glorotUniform,
  heNormal,
  heUniform,
  input,
  type Layer,
  layerFromConfig,
  type Model,
  model,
  modelFromConfig,
  ones,
  parallel,
  positiveUniform,
  relu,
  residual,
  sequential,
  uniform,
  zeros,
} from "../index.ts";
import { layerTable } from "../layers/test-layers.ts";

const throughJson = (layer: Parameters<typeof configOf>[0]) => JSON.parse(JSON.stringify(configOf(layer)));

const layers: readonly Layer[] = [
  ...layerTable.map(({ layer }) => layer),
  ...[glorotUniform(), heNormal(), heUniform(), ones(), positiveUniform(), uniform(-1, 2), zeros()].map((each) =>
    dense(2, { weightInitializer: each, biasInitializer: each }),
  ),
  batchNorm({ momentum: 0.01, epsilon: 1e-3, affine: false }),
];

test.each(layers.map((layer, i) => [`${i} ${layer.call}`, layer] as const))("layer %s", (_, layer) => {
  const again = layerFromConfig(throughJson(layer));
  expect(throughJson(again)).toEqual(throughJson(layer));
  expect([again.kind, again.call]).toEqual([layer.kind, layer.call]);
  const [a, b] = [layer, again].map((each) => sequential([4], each).initialize({ seed: 5, dtype: "float64" }));
  expect(Object.entries(b!).map(([name, value]) => [name, value.toArray()])).toEqual(
    Object.entries(a!).map(([name, value]) => [name, value.toArray()]),
  );
});

describe("models", () => {
  const x = input([4]);
  const shared = dense(4);
  const inner = model(x, { a: shared(shared(x)), b: dropout(0.1)(x) });
  const outer = input([4]);
  const parts = inner(outer);
  const models = {
    sequential: sequential([4], dense(3), relu(), sequential([3], dense(2))),
    residual: residual(sequential([4], dense(4))),
    shortcut: residual(sequential([4], dense(2)), dense(2)),
    parallel: parallel("concatenate", sequential([4], dense(4)), dense(2)),
    functional: model({ outer }, concatenate(parts.a as never, parts.b as never)),
  };
  test.each(Object.entries(models))("%s: the same variables, outputs and JSON", (_, made) => {
    const one = made as unknown as Model;
    const again = modelFromConfig(throughJson(one));
    expect(throughJson(again)).toEqual(throughJson(one));
    const variables = one.initialize({ seed: 1 });
    expect(Object.keys(again.variables())).toEqual(Object.keys(variables));
    const rows = new RandomState(2).randn(3, 4);
    const inputs = Array.isArray(one.inputShape) ? rows : { outer: rows };
    expect(again.apply(variables, inputs as never)).toEqual(one.apply(variables, inputs as never));
  });
});

test("users bring their own kinds, nested ones too", () => {
  const double = () => defineLayer({ kind: "double", call: "double()", apply: (_variables, y) => y });
  const nested = sequential([2], residual(sequential([2], double())));
  const refused = () => layerFromConfig(throughJson(nested));
  expect(refused).toThrow(ArgumentError);
  expect(refused).toThrow('a layer of unknown kind "double"');
  expect(throughJson(layerFromConfig(throughJson(nested), { double }))).toEqual(throughJson(nested));
});

test.each<[unknown, string]>([
  [{ kind: "toString", config: {} }, 'unknown kind "toString"'],
  [{ kind: 7, config: {} }, "unknown kind 7"],
  [{ kind: "dense", config: { units: 0 } }, "units 0"],
  [
    {
      kind: "dense",
      config: {
        units: 1,
        weightInitializer: { kind: "magic", config: {} },
        biasInitializer: { kind: "zeros", config: {} },
      },
    },
    'an initializer of unknown kind "magic"',
  ],
  [null, "layer null"],
  ['{"kind":"relu"}', 'layer "{'],
  [{ kind: "dense" }, "config of layer dense undefined"],
  [{ kind: "dense", config: { units: 1, weightInitializer: 3 } }, "initializer 3"],
  [{ kind: "sequential", config: {} }, "layers undefined"],
  [{ kind: "sequential", config: { inputShape: [2], layers: 3 } }, "layers 3"],
  [{ kind: "sequential", config: { inputShape: [2], layers: [null] } }, "layer null"],
  [{ kind: "residual", config: {} }, "layer undefined"],
  [{ kind: "residual", config: { body: configOf(sequential([2], relu())) } }, "layer undefined"],
  [{ kind: "parallel", config: { merge: "add" } }, "branches undefined"],
  [{ kind: "parallel", config: { merge: "add", branches: [] } }, "layer undefined"],
  [{ kind: "model", config: {} }, "inputs undefined"],
  [{ kind: "model", config: { inputs: [2] } }, "places undefined"],
  [{ kind: "model", config: { inputs: [2], places: [null] } }, "layer null"],
  [
    { kind: "model", config: { inputs: [2], places: [configOf(relu())], output: "relu1" } },
    "inputs of relu1 undefined",
  ],
  [
    { kind: "model", config: { inputs: [2], places: [{ ...configOf(relu()), inputs: ["inptu"] }], output: "relu1" } },
    'the source "inptu" of type string; expected an input or an earlier place: input',
  ],
  [{ kind: "model", config: { inputs: [2], places: [], output: "relu1" } }, 'the source "relu1"'],
  [{ kind: "model", config: { inputs: { a: [2] }, places: [], output: { out: null } } }, "the source null"],
  [{ kind: "model", config: { inputs: { a: 3 }, places: [], output: "input.a" } }, "input: received shape 3"],
])("%j is refused", (config, text) => {
  const act = () => layerFromConfig(config as never);
  expect(act).toThrow(ArgumentError);
  expect(act).toThrow(text);
});

test("a layer is no model", () => {
  expect(() => modelFromConfig(configOf(relu()))).toThrow("a layer of kind relu");
});
