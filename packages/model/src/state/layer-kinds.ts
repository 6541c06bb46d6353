/** From configurations back to layers, models and initialisers: one row a kind. */

import { ArgumentError } from "@nn/tensor";
import { checkMembers, formatValue } from "@nn/tensor/arguments";
import { type MergeKind, mergeOf, mergeShapes } from "../compose/merge.ts";
import { model as modelOf } from "../compose/model.ts";
import { parallel } from "../compose/parallel.ts";
import { residual } from "../compose/residual.ts";
import { sequential } from "../compose/sequential.ts";
import type { KindConfig } from "../contract/config.ts";
import type { Layer } from "../contract/layer.ts";
import { isModel, type Model } from "../contract/model.ts";
import { input, type ModelNode, nodesOf } from "../contract/node.ts";
import { glorotUniform } from "../initializers/glorot-uniform.ts";
import { heNormal } from "../initializers/he-normal.ts";
import { heUniform } from "../initializers/he-uniform.ts";
import type { Initializer } from "../initializers/initializer.ts";
import { ones } from "../initializers/ones.ts";
import { positiveUniform } from "../initializers/positive-uniform.ts";
import { uniform } from "../initializers/uniform.ts";
import { zeros } from "../initializers/zeros.ts";
import { batchNorm } from "../layers/batch-norm.ts";
import { dense } from "../layers/dense.ts";
import { dropout } from "../layers/dropout.ts";
import { flatten } from "../layers/flatten.ts";
import { leakyRelu } from "../layers/leaky-relu.ts";
import { relu } from "../layers/relu.ts";
import { rescaling } from "../layers/rescaling.ts";
import { sigmoid } from "../layers/sigmoid.ts";
import { softmax } from "../layers/softmax.ts";
import { tanh } from "../layers/tanh.ts";

// biome-ignore lint/suspicious/noExplicitAny: each factory checks the arguments that a file gives it
type Arguments = any;

/** Makes a layer of its configuration. `kinds` has the ways of nested layers and of initialisers. */
export type LayerMaker = (config: Arguments, kinds: LayerKinds) => Layer;

/** Ways from kind to layer. */
export type LayerKinds = { readonly [kind: string]: LayerMaker };

const layerKinds: LayerKinds = {
  batchNorm: (config) => batchNorm(config),
  dense: ({ units, bias, weightInitializer, biasInitializer }) =>
    dense(units, {
      bias,
      ...(weightInitializer && { weightInitializer: initializerFromConfig(weightInitializer) }),
      ...(biasInitializer && { biasInitializer: initializerFromConfig(biasInitializer) }),
    }),
  dropout: ({ rate }) => dropout(rate),
  flatten,
  leakyRelu: ({ slope }) => leakyRelu(slope),
  relu,
  rescaling: ({ scale, offset }) => rescaling(scale, offset),
  sigmoid,
  softmax,
  tanh,
  sequential: ({ inputShape, layers }, kinds) =>
    sequential(
      inputShape,
      ...listOf("sequential", "layers", layers).map((layer) => layerFromConfig(layer, kinds)),
    ) as unknown as Layer,
  parallel: ({ merge, branches }, kinds) => {
    const [first, ...rest] = listOf("parallel", "branches", branches);
    return parallel(
      merge,
      modelFromConfig(first as KindConfig, kinds) as never,
      ...rest.map((branch) => layerFromConfig(branch, kinds)),
    ) as unknown as Layer;
  },
  residual: ({ body, shortcut }, kinds) =>
    residual(
      modelFromConfig(body, kinds) as never,
      shortcut === null ? undefined : layerFromConfig(shortcut, kinds),
    ) as unknown as Layer,
  model: functional as unknown as LayerMaker,
};

const initializerKinds: { readonly [kind: string]: (config: Arguments) => Initializer } = {
  glorotUniform,
  heNormal,
  heUniform,
  ones,
  positiveUniform,
  uniform: ({ low, high }) => uniform(low, high),
  zeros,
};

/**
 * The layer or model of a configuration, `{ kind, config }` of another one.
 * @param kinds ways to make layers that are not of this package.
 * @throws ArgumentError for an unknown kind, and for what is no configuration. @throws what the factory throws.
 * @example layerFromConfig({ kind: "dropout", config: { rate: 0.5 } })
 */
export function layerFromConfig(config: KindConfig, kinds: LayerKinds = {}): Layer {
  checkKindConfig("layer", config);
  return wayOf("layerFromConfig", "layer", config.kind, { ...layerKinds, ...kinds })(config.config, kinds);
}

/** As `layerFromConfig`, for models. @throws ArgumentError also for the kind of a layer. */
export function modelFromConfig(config: KindConfig, kinds: LayerKinds = {}): Model {
  const made = layerFromConfig(config, kinds);
  if (isModel(made)) return made;
  throw new ArgumentError({
    operation: "modelFromConfig",
    received: `a layer of kind ${config.kind}`,
    expected: "a model",
  });
}

/** The initialiser of a configuration. @throws ArgumentError for an unknown kind. */
function initializerFromConfig(config: KindConfig): Initializer {
  checkKindConfig("initializer", config);
  return wayOf("layerFromConfig", "initializer", config.kind, initializerKinds)(config.config);
}

/** A file may hold any JSON. */
function checkKindConfig(what: string, given: unknown): void {
  const expected = `the { kind, config } of ${what === "initializer" ? "an" : "a"} ${what}`;
  checkMembers("layerFromConfig", what, given, ["kind"], expected);
  const { kind, config } = given as KindConfig;
  checkMembers("layerFromConfig", `config of ${what} ${String(kind)}`, config, [], expected);
}

function listOf(kind: string, name: string, value: unknown): readonly KindConfig[] {
  if (Array.isArray(value)) return value;
  throw new ArgumentError({
    operation: `layerFromConfig: ${kind}`,
    received: `${name} ${formatValue(value)}`,
    expected: "an array of { kind, config }",
  });
}

function wayOf<Way>(operation: string, what: string, kind: unknown, ways: { readonly [kind: string]: Way }): Way {
  if (typeof kind === "string" && Object.hasOwn(ways, kind)) return ways[kind]!;
  throw new ArgumentError({
    operation,
    received: `${what === "initializer" ? "an" : "a"} ${what} of unknown kind ${JSON.stringify(kind)}`,
    expected: Object.keys(ways).sort().join(", "),
    fix: `Pass the way to make it: { ${typeof kind === "string" ? kind : "kind"}: (config) => … }.`,
  });
}

/** A functional model, called together again from its places. */
function functional({ inputs, places, output }: Arguments, kinds: LayerKinds): unknown {
  const operation = "layerFromConfig: model";
  const nodes = new Map<string, ModelNode>();
  const nodeAt = (source: unknown): ModelNode => {
    const node = nodes.get(source as string);
    if (node !== undefined) return node;
    throw new ArgumentError({
      operation,
      received: `the source ${formatValue(source)}`,
      expected: `an input or an earlier place: ${[...nodes.keys()].join(", ")}`,
    });
  };
  const add = (source: string, node: unknown): void => {
    if (node !== null && typeof node === "object" && "source" in node) nodes.set(source, node as ModelNode);
    else for (const [name, part] of Object.entries(node as object)) nodes.set(`${source}.${name}`, part as ModelNode);
  };
  checkMembers(operation, "inputs", inputs, [], "a shape, or a record of shapes");
  const given = Array.isArray(inputs) ? input(inputs) : mapValues(inputs, (shape) => input(shape as readonly number[]));
  add("input", given);
  listOf("model", "places", places);
  const layers = new Map<string, Layer>();
  const counts = new Map<string, number>();
  for (const place of places) {
    checkKindConfig("layer", place);
    const count = (counts.get(place.kind) ?? 0) + 1;
    counts.set(place.kind, count);
    const name = `${place.kind}${count}`;
    const sources: ModelNode[] = listOf("model", `inputs of ${name}`, place.inputs).map(nodeAt);
    const isMerge = place.kind === "add" || place.kind === "multiply" || place.kind === "concatenate";
    if (isMerge) {
      const merge = mergeOf("layerFromConfig", place.kind as MergeKind);
      add(
        name,
        nodesOf(
          merge,
          sources,
          mergeShapes(
            "layerFromConfig",
            merge,
            sources.map(({ shape }) => shape),
          ),
        ),
      );
      continue;
    }
    const layer = (place.sharedWith !== undefined && layers.get(place.sharedWith)) || layerFromConfig(place, kinds);
    layers.set(name, layer);
    const argument =
      isModel(layer) && !Array.isArray(layer.inputShape)
        ? Object.fromEntries(Object.keys(layer.inputShape).map((part, i) => [part, sources[i]]))
        : sources[0];
    add(name, (layer as unknown as (node: unknown) => unknown)(argument));
  }
  const outputs = typeof output === "object" && output !== null ? mapValues(output, nodeAt) : nodeAt(output);
  return modelOf(given as never, outputs as never);
}

function mapValues<V>(record: object, value: (each: unknown) => V): { readonly [name: string]: V } {
  return Object.fromEntries(Object.entries(record).map(([name, each]) => [name, value(each)]));
}
