/** Symbolic values of the functional style: what a layer gives when it is called with what another gave. */

import { ArgumentError, checkInteger, type FormatShape, formatShape, type Shape, ShapeError } from "@nn/tensor";
import { formatValue } from "@nn/tensor/arguments";
import type { ApplyRule, CallOf, Layer, RuleOf, ShapeRule, Unfit } from "./layer.ts";
import { formatShapes, isModel, type Merge, type Model, type Shapes } from "./model.ts";

/** A value that a model will compute, of shape `S` (batch axis excluded). */
export interface ModelNode<S extends Shape = Shape> {
  readonly shape: S;
  /** What gives it; undefined for an input. */
  readonly source: NodeSource | undefined;
}

/** One application of a layer. All nodes of one application share it. */
export interface NodeSource {
  readonly layer: Layer | Merge | Model;
  readonly inputs: readonly ModelNode[];
  readonly outputShape: Shapes;
  /** Of a part of several outputs: its name. */
  readonly part?: string;
  /** The same for all parts of one application. */
  readonly application: object;
}

/**
 * An input of a functional model.
 * @throws ArgumentError unless every size is an integer of at least 1.
 * @example const image = input([28, 28, 1]);
 */
export function input<const S extends Shape>(shape: readonly [...S]): ModelNode<S> {
  if (!Array.isArray(shape)) {
    throw new ArgumentError({
      operation: "input",
      received: `shape ${formatValue(shape)}`,
      expected: "an array with the sizes of one input, without the batch",
      fix: "Give the sizes as an array: input([2]).",
    });
  }
  for (const size of shape) checkInteger("input", "a size of shape", size, 1);
  return { shape: shape as Shape as S, source: undefined };
}

/** What a mismatch says when a layer is called with a node, at both times. */
type CallMessage<
  Call extends string,
  Input extends Shape,
  What extends Unfit,
> = `${Call}: received an input of shape ${FormatShape<Input>}; expected ${What["expected"]}. ${What["fix"]}`;

/** `unknown` where a layer takes inputs of shape `S`, else the message. */
type CheckCall<L, S extends Shape> =
  ApplyRule<RuleOf<L>, S> extends infer Next ? (Next extends Unfit ? CallMessage<CallOf<L>, S, Next> : unknown) : never;

/** The nodes of outputs of shapes `S`: one, or several by name. */
export type NodesOf<S> = S extends Shape
  ? ModelNode<S>
  : S extends { readonly [name: string]: Shape }
    ? { readonly [Name in keyof S]: ModelNode<S[Name]> }
    : ModelNode;

/** What a call of layer `L` with a node of shape `S` gives. */
type CallResult<L, S extends Shape> = NodesOf<ApplyRule<RuleOf<L>, S>>;

/** A layer that can be called with a node. */
export type CallableLayer<Call extends string = string, Rule extends ShapeRule = ShapeRule> = Layer<Call, Rule> &
  (<S extends Shape>(node: ModelNode<S> & CheckCall<Layer<Call, Rule>, S>) => CallResult<Layer<Call, Rule>, S>);

/** A model that can be called with a node, or with a node for each of its inputs. */
export type CallableModel<In extends Shapes, Out extends Shapes, Kind extends string> = Model<In, Out, Kind> &
  ((nodes: NodesOf<In>) => NodesOf<Out>);

/** `layer` as a function of nodes that also is the layer. */
export function callable<L extends object>(layer: L): L {
  const call = (nodes: ModelNode | { readonly [name: string]: ModelNode }): unknown =>
    applyToNodes(call as unknown as Layer | Model, nodes);
  return Object.defineProperties(call, {
    ...Object.getOwnPropertyDescriptors(layer),
    name: { value: (layer as { readonly call?: string }).call ?? "layer" },
  }) as unknown as L;
}

function applyToNodes(layer: Layer | Model, nodes: ModelNode | { readonly [name: string]: ModelNode }): unknown {
  if (isModel(layer) && !Array.isArray(layer.inputShape)) {
    const named = nodes as { readonly [name: string]: ModelNode };
    const inputs = Object.entries(layer.inputShape as { readonly [name: string]: Shape }).map(([name, shape]) => {
      const node = named?.[name];
      if (!isNode(node)) {
        throw new ArgumentError({
          operation: layer.call,
          received: `no node for input ${name}`,
          expected: `nodes ${formatShapes(layer.inputShape)}`,
        });
      }
      checkFits(
        layer.call,
        node.shape,
        formatShape(node.shape) === formatShape(shape)
          ? shape
          : { expected: formatShape(shape), fix: `It is input ${name}.` },
      );
      return node;
    });
    return nodesOf(layer, inputs, layer.outputShape);
  }
  if (!isNode(nodes)) {
    throw new ArgumentError({
      operation: layer.call,
      received: nodes === null ? "null" : `a value of type ${typeof nodes}`,
      expected: "a node: input(shape), or what another layer gave",
      fix: "To compute values, put the layer into a model and use apply.",
    });
  }
  return nodesOf(layer, [nodes], checkFits(layer.call, nodes.shape, layer.infer(nodes.shape)));
}

/** The nodes of one application. */
export function nodesOf(layer: Layer | Merge | Model, inputs: readonly ModelNode[], outputShape: Shapes): unknown {
  const application = {};
  if (Array.isArray(outputShape)) {
    return { shape: outputShape as Shape, source: { layer, inputs, outputShape, application } } satisfies ModelNode;
  }
  return Object.fromEntries(
    Object.entries(outputShape as { readonly [name: string]: Shape }).map(([part, shape]) => [
      part,
      { shape, source: { layer, inputs, outputShape, application, part } } satisfies ModelNode,
    ]),
  );
}

export function isNode(value: unknown): value is ModelNode {
  return typeof value === "object" && value !== null && "shape" in value && "source" in value;
}

function checkFits(operation: string, given: Shape, output: Shape | Unfit): Shape {
  if (!("expected" in output)) return output;
  throw new ShapeError({ operation, received: `an input of shape ${formatShape(given)}`, ...output });
}
