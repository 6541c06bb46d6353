/** The functional style: a model of any graph of layers, from the nodes of its inputs to those of its outputs. */

import { ArgumentError, type Shape, ShapeError } from "@nn/tensor";
import { configOf } from "../contract/config.ts";
import type { Place, Shapes } from "../contract/model.ts";
import { type CallableModel, isNode, type ModelNode } from "../contract/node.ts";
import { composeModel } from "./compose-model.ts";
import { PlaceNames, placeOf } from "./place-layers.ts";

type Nodes = ModelNode | { readonly [name: string]: ModelNode };

/** The shapes of nodes: one, or several by name. */
type ShapesOf<N> =
  N extends ModelNode<infer S> ? S : { readonly [Name in keyof N]: N[Name] extends ModelNode<infer S> ? S : never };

/**
 * The model that computes `outputs` from `inputs`, each a node or a record of nodes. A layer called twice shares its
 * variables; its random numbers differ from call to call.
 * @throws ArgumentError when the outputs need an input that is not listed or do not need one that is, or a shared layer
 * would need variables of two shapes.
 * @example const x = input([4]); const deep = model(x, add(dense(4)(x), x)); // Model<[4], [4]>
 */
export function model<In extends Nodes, Out extends Nodes>(
  inputs: In,
  outputs: Out,
): CallableModel<ShapesOf<In>, ShapesOf<Out>, "model"> {
  const builder = new Builder(sourcesOf("inputs", inputs, "input"));
  const named = namedNodes("outputs", outputs);
  const sources = named.map(([name, node]) => [name, builder.sourceOf(node)] as const);
  builder.checkUsed();
  const inputShape = shapesOf(inputs);
  const output = isNode(outputs)
    ? sources[0]![1]
    : Object.fromEntries(sources.map(([name, source]) => [name!, source]));
  const { places } = builder;
  const config = {
    inputs: inputShape as never,
    places: places.map(({ layer, inputs, sharedWith }) => ({
      ...configOf(layer),
      inputs,
      ...(sharedWith !== undefined && { sharedWith }),
    })),
    output,
  };
  return composeModel({ kind: "model", config, inputShape, places, output }) as never;
}

function namedNodes(what: string, nodes: Nodes): readonly (readonly [name: string | undefined, node: ModelNode])[] {
  if (isNode(nodes)) return [[undefined, nodes]];
  const named = Object.entries((nodes ?? {}) as { readonly [name: string]: ModelNode });
  const wrong = named.find(([name, node]) => !isNode(node) || !/^\w+$/.test(name));
  if (named.length > 0 && wrong === undefined) return named;
  throw new ArgumentError({
    operation: "model",
    received:
      wrong === undefined
        ? `no ${what}`
        : `${what} with ${wrong[0]}, which is no node or has another name than letters, digits and _`,
    expected: "a node or a record of nodes",
  });
}

function sourcesOf(what: string, nodes: Nodes, prefix: string): Map<ModelNode, string> {
  const sources = new Map<ModelNode, string>();
  for (const [name, node] of namedNodes(what, nodes)) {
    const source = name === undefined ? prefix : `${prefix}.${name}`;
    const other = sources.get(node);
    if (other !== undefined) {
      throw new ArgumentError({
        operation: "model",
        received: `one node as ${other} and ${source}`,
        expected: "a node of its own for each input",
        fix: "Call input(shape) for each.",
      });
    }
    sources.set(node, source);
  }
  return sources;
}

function shapesOf(nodes: Nodes): Shapes {
  if (isNode(nodes)) return nodes.shape;
  return Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, node.shape]));
}

/** Places in the order in which the outputs need them. */
class Builder {
  readonly places: Place[] = [];
  readonly #inputs: ReadonlyMap<ModelNode, string>;
  readonly #used = new Set<ModelNode>();
  readonly #names = new PlaceNames();
  readonly #byApplication = new Map<object, string>();
  readonly #byLayer = new Map<object, Place>();

  constructor(inputs: ReadonlyMap<ModelNode, string>) {
    this.#inputs = inputs;
  }

  sourceOf(node: ModelNode): string {
    const input = this.#inputs.get(node);
    if (input !== undefined) {
      this.#used.add(node);
      return input;
    }
    const { source } = node;
    if (source === undefined) {
      throw new ArgumentError({
        operation: "model",
        received: `outputs that need an input of shape [${node.shape.join(", ")}]`,
        expected: "every input that the outputs need",
        fix: "List it among the inputs.",
      });
    }
    const name = this.#byApplication.get(source.application) ?? this.#place(source);
    return source.part === undefined ? name : `${name}.${source.part}`;
  }

  #place(source: NonNullable<ModelNode["source"]>): string {
    const { layer, outputShape, application } = source;
    const inputs = source.inputs.map((each) => this.sourceOf(each));
    const name = this.#names.next(layer);
    const place = placeOf(name, layer, inputs, source.inputs[0]!.shape, outputShape);
    const first = this.#byLayer.get(layer);
    if (first === undefined || Object.keys(place.variables).length === 0) {
      this.#byLayer.set(layer, place);
      this.places.push(place);
    } else {
      checkShared(first, place);
      this.places.push({ ...place, variables: {}, sharedWith: first.name });
    }
    this.#byApplication.set(application, name);
    return name;
  }

  checkUsed(): void {
    const unused = [...this.#inputs].find(([node]) => !this.#used.has(node));
    if (unused === undefined) return;
    throw new ArgumentError({
      operation: "model",
      received: `${unused[1]}, which no output needs`,
      expected: "inputs that the outputs are computed from",
      fix: "Leave it out.",
    });
  }
}

function checkShared(first: Place, { layer, inputShape, variables }: Place): void {
  const shapes = (each: Place["variables"]): string =>
    JSON.stringify(Object.entries(each).map(([name, { shape }]) => [name, shape]));
  if (shapes(first.variables) === shapes(variables)) return;
  throw new ShapeError({
    operation: `model: ${layer.call}, called again`,
    received: `an input of shape [${(inputShape as Shape).join(", ")}], for which its variables would have other shapes`,
    expected: "inputs for which they have the same",
    fix: "Call the factory again for a layer with variables of its own.",
  });
}
