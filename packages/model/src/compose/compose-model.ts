/**
 * The one machine beneath `sequential`, `residual`, `parallel` and `model`: places in order, each applied to what
 * earlier ones gave. What differs between the four is how they are written and typed.
 */

import {
  ArgumentError,
  cast,
  DTypeError,
  type FloatDType,
  formatShape,
  RandomState,
  type Shape,
  ShapeError,
  sameShape,
  Tensor,
} from "@nn/tensor";
import { checkMembers, checkOptions, checkSeed, formatValue } from "@nn/tensor/arguments";
import { checkInputs, checkVariables, type Tensors } from "../contract/check-variables.ts";
import type { Config } from "../contract/config.ts";
import type { Applied, Context, Layer, Variable, VariableDeclarations, Variables } from "../contract/layer.ts";
import {
  formatShapes,
  type InitializeOptions,
  isModel,
  type Merge,
  type Model,
  namedShapes,
  type Place,
  type Shapes,
} from "../contract/model.ts";
import { callable } from "../contract/node.ts";

/** What makes a model. */
export interface Composition {
  readonly kind: string;
  readonly config: Config;
  readonly inputShape: Shapes;
  readonly places: readonly Place[];
  /** The sources of the outputs: one, or several by name. */
  readonly output: string | { readonly [name: string]: string };
}

type FloatTensor = Tensor<Shape, FloatDType>;

/** The model of a composition. @throws ArgumentError when two places or variables have the same name. */
export function composeModel(composition: Composition): Model {
  const { kind, config, inputShape, places, output } = composition;
  const declared = declarationsOf(places);
  const shapes = shapesOf(inputShape, places);
  const outputShape =
    typeof output === "string"
      ? shapes.get(output)!
      : Object.fromEntries(Object.entries(output).map(([name, source]) => [name, shapes.get(source) as Shape]));
  const last = typeof output === "string" ? places.find(({ name }) => name === output) : undefined;
  return callable({
    kind,
    call: `${kind}(…)`,
    config,
    inputShape,
    outputShape,
    places,
    probabilities: last?.layer.probabilities === true,
    infer: (given: Shape) =>
      formatShapes(given) === formatShapes(inputShape)
        ? outputShape
        : {
            expected: `shape ${formatShapes(inputShape)}, the input of the model`,
            fix: "Make the model for the shape before it.",
          },
    variables: () => declared,
    initialize: (options: InitializeOptions) => initialize(declared, options),
    apply(variables: Variables, inputs: Tensors, context: Context = { training: false }) {
      checkMembers("apply", "variables", variables, [], "the variables of the model, by name");
      checkMembers("apply", "context", context, ["training"], "{ training: false }, or { training: true, key }");
      const given = checkInputs("apply", inputShape, inputs);
      const dtype = checkVariables("apply", declared, variables);
      const applied = applyPlaces(composition, variables, given, dtype, context);
      return context.training ? applied : applied.output;
    },
  }) as unknown as Model;
}

/** The declarations of all places, by path. */
function declarationsOf(places: readonly Place[]): VariableDeclarations {
  const declared = new Map<string, Variable>();
  for (const { name, variables } of places) {
    for (const [variable, declaration] of Object.entries(variables)) declared.set(`${name}.${variable}`, declaration);
  }
  return Object.fromEntries(declared);
}

/** The shape of every source: inputs, places and the parts of places with several outputs. */
function shapesOf(inputShape: Shapes, places: readonly Place[]): Map<string, Shapes> {
  const shapes = new Map<string, Shapes>();
  const add = (source: string, shape: Shapes): void => {
    shapes.set(source, shape);
    for (const [name, part] of namedShapes(shape)) if (name !== undefined) shapes.set(`${source}.${name}`, part);
  };
  add("input", inputShape);
  for (const { name, outputShape } of places) add(name, outputShape);
  return shapes;
}

function initialize(declared: VariableDeclarations, options: InitializeOptions): Variables {
  checkOptions("initialize", options, { seed: true, dtype: true });
  const { seed, dtype = "float32" } = options;
  checkSeed("initialize", seed);
  if (dtype !== "float32" && dtype !== "float64") {
    throw new DTypeError({
      operation: "initialize",
      received: `dtype ${formatValue(dtype)}`,
      expected: "float32 or float64",
    });
  }
  const random = new RandomState(seed);
  const values = Object.entries(declared).map(([name, { shape, initializer }]) => {
    const value = initializer.draw(random, shape);
    if (sameShape(value.shape, shape)) return [name, cast(value, dtype)] as const;
    throw new ShapeError({
      operation: `initialize: ${name}`,
      received: `${initializer.call} that draws shape ${formatShape(value.shape)}`,
      expected: formatShape(shape),
    });
  });
  return Object.fromEntries(values);
}

function applyPlaces(
  { inputShape, places, output }: Composition,
  variables: Variables,
  given: readonly Tensor[],
  dtype: FloatDType | undefined,
  context: Context,
): Applied<Tensors<FloatTensor>> {
  const values = new Map<string, FloatTensor>();
  namedShapes(inputShape).forEach(([name], i) => {
    const x = given[i]!;
    values.set(
      name === undefined ? "input" : `input.${name}`,
      cast(x, dtype ?? (x.dtype === "float64" ? "float64" : "float32")),
    );
  });
  const buffers: { [name: string]: FloatTensor } = {};
  places.forEach((place, index) => {
    const inputs = place.inputs.map((source) => values.get(source)!);
    const owner = place.sharedWith === undefined ? place : places.find(({ name }) => name === place.sharedWith)!;
    const own: { [name: string]: FloatTensor } = {};
    for (const name of Object.keys(owner.variables)) {
      const path = `${owner.name}.${name}`;
      own[name] = buffers[path] ?? variables[path]!;
    }
    const applied = applyPlace(
      place,
      own,
      inputs,
      context.training ? { training: true, key: context.key.split(index) } : context,
    );
    for (const [name, value] of Object.entries(applied.buffers)) {
      checkBuffer(place, name, owner.variables[name], value, own[name]?.dtype);
      buffers[`${owner.name}.${name}`] = value;
    }
    if (applied.output instanceof Tensor) values.set(place.name, applied.output);
    else for (const [name, part] of Object.entries(applied.output)) values.set(`${place.name}.${name}`, part);
  });
  const outputs =
    typeof output === "string"
      ? values.get(output)!
      : Object.fromEntries(Object.entries(output).map(([name, source]) => [name, values.get(source)!]));
  return { output: outputs, buffers };
}

/** The output of one place, and next buffers where its layer gives any while training. */
function applyPlace(
  { name, layer, inputs: sources }: Place,
  own: Variables,
  inputs: readonly FloatTensor[],
  context: Context,
): Applied<Tensors<FloatTensor>> {
  if (sources.length > 1 && !isModel(layer)) return { output: (layer as Merge).apply(inputs), buffers: {} };
  let x: Tensors<FloatTensor> = inputs[0]!;
  if (isModel(layer) && !Array.isArray(layer.inputShape)) {
    x = Object.fromEntries(Object.keys(layer.inputShape).map((name, i) => [name, inputs[i]!]));
  }
  const result = (layer as Layer).apply(own, x as FloatTensor, context) as
    | Tensors<FloatTensor>
    | Applied<Tensors<FloatTensor>>;
  if (typeof result !== "object" || result === null) {
    throw new ArgumentError({
      operation: `${layer.call} at ${name}`,
      received: `output ${formatValue(result)}`,
      expected: "a tensor, or { output, buffers }",
    });
  }
  // A model's outputs may have these two names.
  const isApplied = isModel(layer) ? context.training : "output" in result && "buffers" in result;
  if (result instanceof Tensor || !isApplied) {
    return { output: result as Tensors<FloatTensor>, buffers: {} };
  }
  const applied = result as unknown as Applied<Tensors<FloatTensor>>;
  return context.training ? applied : { output: applied.output, buffers: {} };
}

function checkBuffer(
  { name: place, layer }: Place,
  name: string,
  declared: Variable | undefined,
  value: FloatTensor,
  dtype: FloatDType | undefined,
): void {
  const operation = `${layer.call} at ${place}`;
  if (declared?.role !== "buffer") {
    throw new ArgumentError({
      operation,
      received: `a next value of ${name}`,
      expected: "next values of its buffers only",
      fix:
        declared === undefined
          ? "Declare it in variables."
          : 'Declare it with role "buffer", or leave it to the optimiser.',
    });
  }
  if (!(value instanceof Tensor) || !sameShape(value.shape, declared.shape)) {
    throw new ShapeError({
      operation,
      received: `a next value of buffer ${name} of shape ${value instanceof Tensor ? formatShape(value.shape) : "none"}`,
      expected: formatShape(declared.shape),
    });
  }
  if (value.dtype === dtype) return;
  throw new DTypeError({
    operation,
    received: `a next value of buffer ${name} in ${value.dtype}`,
    expected: String(dtype),
  });
}
