/**
 * Reverse-mode differentiation: walks a traced graph from the loss back, asking each operation for its derivative, and
 * records the gradient as more graph.
 */

import { isFloat } from "../dtype.ts";
import { ArgumentError, DTypeError, ShapeError } from "../errors.ts";
import { bindPlaceholder, checkTensor, nodeOf, placeholder } from "../op.ts";
import { add } from "../ops/arithmetic.ts";
import { sumToShape } from "../ops/broadcast-to.ts";
import { identity } from "../ops/identity.ts";
import { reshape } from "../ops/reshape.ts";
import { zerosLike } from "../ops/zeros-like.ts";
import { formatShape } from "../shape.ts";
import { ones, Tensor } from "../tensor.ts";
import { evaluate } from "./compile.ts";
import { type Node, topologicalOrder } from "./graph.ts";
import { structuralMask, withStructuralZeros } from "./structural-zeros.ts";
import { checkFunction } from "./trace.ts";
import { leavesOf, mapTree, type Tree } from "./tree.ts";

/**
 * The gradient of the scalar `loss` with respect to each tensor of `wrt`, all traced in one function. Tensors that the
 * loss does not depend on get zeros. Where one of `wrt` is computed from another, the gradient ends there: the other's is
 * along the paths that do not lead through it.
 * @throws ShapeError unless `loss` has one element. @throws ArgumentError where an operation on the way has no derivative.
 */
export function gradients<T extends Tree>(loss: Tensor, wrt: T): T {
  checkTensor("grad", loss);
  if (loss.size !== 1) {
    throw new ShapeError({
      operation: "grad",
      received: `a loss of shape ${formatShape(loss.shape)}`,
      expected: "a scalar",
      fix: "Reduce it with mean or sum.",
    });
  }
  if (!isFloat(loss.dtype)) {
    throw new DTypeError({ operation: "grad", received: `a loss in ${loss.dtype}`, expected: "float32 or float64" });
  }
  for (const leaf of leavesOf("grad", wrt)) checkParameter(leaf);
  const sources = new Set(leavesOf("grad", wrt).map(nodeOf));
  const order = topologicalOrder([nodeOf(loss)]);

  // Only what lies between the sources and the loss is differentiated.
  const onPath = new Set<Node>();
  for (const node of order) {
    if (sources.has(node) || node.inputs.some((input) => onPath.has(input))) onPath.add(node);
  }

  const gradientOf = new Map<Node, Tensor>([[nodeOf(loss), ones(loss.shape, { dtype: loss.dtype })]]);
  for (const node of order.reverse()) {
    const dOutput = gradientOf.get(node);
    if (dOutput === undefined || !onPath.has(node) || sources.has(node)) continue;
    const { op } = node;
    if (op?.derivative === undefined) {
      if (op === undefined || !isFloat(node.dtype)) continue;
      throw new ArgumentError({
        operation: "grad",
        received: `the operation ${op.name}`,
        expected: "operations that have a derivative between the parameters and the loss",
      });
    }
    const inputs = node.inputs.map(tensorOf);
    const dInputs = op.derivative({ inputs, output: tensorOf(node), dOutput, attributes: node.attributes });
    const mask = structuralMask(dOutput);
    node.inputs.forEach((input, index) => {
      const given = dInputs[index];
      if (given === undefined || !onPath.has(input)) return;
      const dInput = op.elementwise
        ? sumToShape(mask === undefined ? given : withStructuralZeros(given, mask), input.shape)
        : given;
      const sum = gradientOf.get(input);
      gradientOf.set(input, sum === undefined ? dInput : add(sum, dInput));
    });
  }
  return mapTree("grad", wrt, (source) => gradientOf.get(nodeOf(source)) ?? zerosLike(source));
}

function checkParameter(leaf: Tensor): void {
  if (!isFloat(leaf.dtype)) {
    throw new DTypeError({
      operation: "grad",
      received: `a parameter in ${leaf.dtype}`,
      expected: "float32 or float64",
      fix: "Pass it as a later argument.",
    });
  }
  if (leaf.node === undefined) {
    throw new ArgumentError({
      operation: "gradients",
      received: "a parameter that is not traced",
      expected: "the parameters of the traced function that gave the loss",
      fix: "Use grad, which traces.",
    });
  }
}

function tensorOf(node: Node): Tensor {
  return new Tensor(node.shape, node.dtype, { node });
}

/** A loss with its gradient. */
export type ValueAndGradient<P> = {
  readonly value: Tensor<[]>;
  readonly gradient: P;
};

/**
 * The function that gives the loss and its gradient with respect to the first argument, a tensor or a record of tensors.
 * It can be called on tensors, compiled, or differentiated again.
 * @throws ShapeError unless the loss has one element. @throws DTypeError unless loss and parameters are floats.
 * @throws ArgumentError where an operation between the parameters and the loss has no derivative.
 */
export function valueAndGrad<P extends Tree, Rest extends readonly Tree[]>(
  f: (parameters: P, ...rest: Rest) => Tensor,
): (parameters: P, ...rest: Rest) => ValueAndGradient<P> {
  checkFunction("grad", f);
  return (parameters, ...rest) => {
    const given = leavesOf("grad", parameters);
    leavesOf("grad", rest);
    // New names for the parameters: what the other arguments owe to the same tensors is not differentiated.
    const named = mapTree("grad", parameters, (leaf) => (leaf.node === undefined ? placeholder(leaf) : identity(leaf)));
    const value = f(named, ...rest);
    const gradient = gradients(value, named);
    const result = { value: value.shape.length === 0 ? (value as Tensor<[]>) : reshape(value, []), gradient };
    leavesOf("grad", named).forEach((symbol, i) => {
      if (given[i]!.node === undefined) bindPlaceholder(symbol, given[i]!.data);
    });
    return evaluate(result);
  };
}

/** The function that gives the gradient of `f` with respect to its first argument: `valueAndGrad` without the value. */
export function grad<P extends Tree, Rest extends readonly Tree[]>(
  f: (parameters: P, ...rest: Rest) => Tensor,
): (parameters: P, ...rest: Rest) => P {
  const both = valueAndGrad(f);
  return (parameters, ...rest) => both(parameters, ...rest).gradient;
}
