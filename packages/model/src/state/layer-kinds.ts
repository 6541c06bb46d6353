/** From configurations back to layers, models and initialisers: one row a kind. */

import { ArgumentError } from "@nn/tensor";
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
    sequential(inputShape, ...layers.map((layer: KindConfig) => layerFromConfig(layer, kinds))) as unknown as Layer,
  parallel: ({ merge, branches: [first, ...rest] }, kinds) =>
    parallel(
      merge,
      modelFromConfig(first, kinds) as never,
      ...rest.map((branch: KindConfig) => layerFromConfig(branch, kinds)),
    ) as unknown as Layer,
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
 * @throws ArgumentError for an unknown kind. @throws what the factory throws.
 * @example layerFromConfig({ kind: "dropout", config: { rate: 0.5 } })
 */
export function layerFromConfig({ kind, config }: KindConfig, kinds: LayerKinds = {}): Layer {
  return wayOf("layerFromConfig", "layer", kind, { ...layerKinds, ...kinds })(config, kinds);
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
function initializerFromConfig({ kind, config }: KindConfig): Initializer {
  return wayOf("layerFromConfig", "initializer", kind, initializerKinds)(config);
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
  const nodes = new Map<string, ModelNode>();
  const add = (source: string, node: unknown): void => {
    if (node !== null && typeof node === "object" && "source" in node) nodes.set(source, node as ModelNode);
    else for (const [name, part] of Object.entries(node as object)) nodes.set(`${source}.${name}`, part as ModelNode);
  };
  const given = Array.isArray(inputs) ? input(inputs) : mapValues(inputs, (shape) => input(shape as readonly number[]));
  add("input", given);
  const layers = new Map<string, Layer>();
  const counts = new Map<string, number>();
  for (const place of places) {
    const count = (counts.get(place.kind) ?? 0) + 1;
    counts.set(place.kind, count);
    const name = `${place.kind}${count}`;
    const sources: ModelNode[] = place.inputs.map((source: string) => nodes.get(source));
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
  const outputs =
    typeof output === "string" ? nodes.get(output)! : mapValues(output, (source) => nodes.get(source as string)!);
  return modelOf(given as never, outputs as never);
}

function mapValues<V>(record: object, value: (each: unknown) => V): { readonly [name: string]: V } {
  return Object.fromEntries(Object.entries(record).map(([name, each]) => [name, value(each)]));
}
