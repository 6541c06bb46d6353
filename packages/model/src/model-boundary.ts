/** What a model checks of what it is given: the inputs and the parameters. */

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
import type { Parameters } from "./layer.ts";
import type { Sequential } from "./sequential.ts";

/** Throws unless `x` holds examples of the model's input shape. */
export function checkInputs(operation: string, { inputShape }: { readonly inputShape: Shape }, x: Tensor): void {
  checkIsTensor(operation, "inputs", x);
  if (x.shape.length > 0 && sameShape(x.shape.slice(1), inputShape)) return;
  throw new ShapeError({
    operation,
    received: `inputs of shape ${formatShape(x.shape)}`,
    expected: `[${["N", ...inputShape].join(", ")}], N the number of examples`,
  });
}

/** Throws unless `parameters` are those of `model`, all of one float dtype. Returns that, or undefined where there are none. */
export function checkParameters(operation: string, model: Sequential, parameters: Parameters): FloatDType | undefined {
  const expected = parameterShapesOf(model);
  const missing = Object.keys(expected).filter((name) => !Object.hasOwn(parameters, name));
  const extra = Object.keys(parameters).filter((name) => !Object.hasOwn(expected, name));
  if (missing.length > 0 || extra.length > 0) {
    throw new ArgumentError({
      operation,
      received: `parameters ${list(Object.keys(parameters))}`,
      expected: list(Object.keys(expected)),
      fix: "Make them with initialize of the same model, or load those that were saved from it.",
    });
  }
  for (const name of Object.keys(expected)) checkIsParameter(operation, name, parameters[name]);
  let first: Tensor<Shape, FloatDType> | undefined;
  for (const [name, shape] of Object.entries(expected)) {
    const parameter = parameters[name]!;
    first ??= parameter;
    if (!sameShape(parameter.shape, shape)) {
      throw new ShapeError({
        operation,
        received: `parameter ${name} of shape ${formatShape(parameter.shape)}`,
        expected: formatShape(shape),
      });
    }
    const { dtype } = parameter;
    if (dtype !== first.dtype || (dtype !== "float32" && dtype !== "float64")) {
      throw new DTypeError({
        operation,
        received: `parameter ${name} in ${dtype}`,
        expected: "all parameters in float32, or all in float64",
      });
    }
  }
  return first?.dtype;
}

/** Throws unless `value` is a tensor: a copy of one may have lost what makes it one. */
function checkIsParameter(operation: string, name: string, value: unknown): void {
  if (value instanceof Tensor) return;
  const { shape, dtype, data } = (value ?? {}) as { readonly [key: string]: unknown };
  const wasTensor = Array.isArray(shape) && typeof dtype === "string";
  const lost = wasTensor && data === undefined;
  throw new ArgumentError({
    operation,
    received: `parameter ${name}, ${lost ? "what structuredClone or postMessage leaves of a tensor" : formatValue(value)}`,
    expected: "a tensor",
    fix: lost
      ? "Send saveSafetensors(parameters) and read it with loadSafetensors; a tensor never changes and needs no copy."
      : wasTensor
        ? "Read it with fromJson."
        : "Make one with tensor(values).",
  });
}

/** The names and shapes of a model's parameters, in the order of its layers. */
export function parameterShapesOf(model: Sequential): { readonly [name: string]: Shape } {
  return Object.fromEntries(
    model.layers.flatMap(({ name, parameterShapes }) =>
      Object.entries(parameterShapes).map(([parameter, shape]) => [`${name}.${parameter}`, shape]),
    ),
  );
}

function list(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}
