/** What a model checks of what it is given: the inputs and the variables. */

import {
  ArgumentError,
  DTypeError,
  type FloatDType,
  formatShape,
  type Shape,
  ShapeError,
  sameShape,
  Tensor,
} from "@nn/tensor";
import { checkIsTensor, formatValue } from "@nn/tensor/arguments";
import type { VariableDeclarations, Variables } from "./layer.ts";
import { formatShapes, type Model, namedShapes, type Shapes } from "./model.ts";

/** One tensor, or several by name. */
export type Tensors<T extends Tensor = Tensor> = T | { readonly [name: string]: T };

/** The tensors of `inputs` in the order of `shapes`. Throws unless they are batches of those shapes, all of one size. */
export function checkInputs(operation: string, shapes: Shapes, inputs: unknown): readonly Tensor[] {
  const expected = Array.isArray(shapes)
    ? `[${["N", ...(shapes as Shape)].join(", ")}], N the number of examples`
    : `${formatShapes(shapes)}, each with the number of examples before it`;
  let rows: number | undefined;
  return namedShapes(shapes).map(([name, shape]) => {
    const label = name === undefined ? "inputs" : `input ${name}`;
    const x = name === undefined ? inputs : (inputs as { readonly [name: string]: unknown } | undefined)?.[name];
    checkIsTensor(operation, label, x);
    const given: Shape = x.shape;
    rows ??= given[0];
    if (given.length === 0 || !sameShape(given.slice(1), shape) || given[0] !== rows) {
      throw new ShapeError({ operation, received: `${label} of shape ${formatShape(given)}`, expected });
    }
    return x;
  });
}

/** Throws unless `variables` are those declared, all of one float dtype. Returns that, or undefined where there are none. */
export function checkVariables(
  operation: string,
  declared: VariableDeclarations,
  variables: Variables,
): FloatDType | undefined {
  const missing = Object.keys(declared).filter((name) => !Object.hasOwn(variables, name));
  const extra = Object.keys(variables).filter((name) => !Object.hasOwn(declared, name));
  if (missing.length > 0 || extra.length > 0) {
    throw new ArgumentError({
      operation,
      received: `variables ${list(Object.keys(variables))}`,
      expected: list(Object.keys(declared)),
      fix: "Make them with initialize of the same model, or load those that were saved from it.",
    });
  }
  for (const name of Object.keys(declared)) checkIsVariable(operation, name, variables[name]);
  let first: Tensor<Shape, FloatDType> | undefined;
  for (const [name, { shape }] of Object.entries(declared)) {
    const variable = variables[name]!;
    first ??= variable;
    if (!sameShape(variable.shape, shape)) {
      throw new ShapeError({
        operation,
        received: `variable ${name} of shape ${formatShape(variable.shape)}`,
        expected: formatShape(shape),
      });
    }
    const { dtype } = variable;
    if (dtype !== first.dtype || (dtype !== "float32" && dtype !== "float64")) {
      throw new DTypeError({
        operation,
        received: `variable ${name} in ${dtype}`,
        expected: "all variables in float32, or all in float64",
      });
    }
  }
  return first?.dtype;
}

/** Throws unless `value` is a tensor: a copy of one may have lost what makes it one. */
function checkIsVariable(operation: string, name: string, value: unknown): void {
  if (value instanceof Tensor) return;
  const { shape, dtype, data } = (value ?? {}) as { readonly [key: string]: unknown };
  const wasTensor = Array.isArray(shape) && typeof dtype === "string";
  const lost = wasTensor && data === undefined;
  throw new ArgumentError({
    operation,
    received: `variable ${name}, ${lost ? "what structuredClone or postMessage leaves of a tensor" : formatValue(value)}`,
    expected: "a tensor",
    fix: lost
      ? "Send saveSafetensors(variables) and read it with loadSafetensors; a tensor never changes and needs no copy."
      : wasTensor
        ? "Read it with fromJson."
        : "Make one with tensor(values).",
  });
}

/** `values` in two parts: those that training changes through gradients, and the buffers. */
export function splitVariables<D extends FloatDType>(
  model: Pick<Model, "variables">,
  values: Variables<D>,
): { readonly parameters: Variables<D>; readonly buffers: Variables<D> } {
  const of = (role: "parameter" | "buffer"): Variables<D> =>
    Object.fromEntries(
      Object.entries(model.variables()).flatMap(([name, variable]) =>
        variable.role === role ? [[name, values[name]!]] : [],
      ),
    );
  return { parameters: of("parameter"), buffers: of("buffer") };
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
