/** From functions to graphs: a function is called once with symbols in place of tensors, and what it does is recorded. */

import { ArgumentError, describe } from "../errors.ts";
import { nodeOf, placeholder } from "../op.ts";
import { identity } from "../ops/identity.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { type Graph, type Node, topologicalOrder } from "./graph.ts";
import { leavesOf, mapTree, signatureOf, type Tree } from "./tree.ts";

/** A function traced on arguments of one form, with the form of its result. */
export interface Trace<Result extends Tree> {
  readonly graph: Graph;
  readonly result: Result;
}

/** The graph of `f` on arguments shaped as `args`. @throws ArgumentError when `f` uses a traced tensor that is not among them. */
export function trace<Args extends readonly Tree[], Result extends Tree>(
  f: (...args: Args) => Result,
  args: Args,
): Trace<Result> {
  checkFunction("trace", f);
  if (!Array.isArray(args)) {
    throw new ArgumentError({
      operation: "trace",
      received: `arguments ${describe(args)}`,
      expected: "an array of them",
    });
  }
  return traceAs("trace", f, args);
}

/** As `trace`, for errors of `operation`. */
export function traceAs<Args extends readonly Tree[], Result extends Tree>(
  operation: string,
  f: (...args: Args) => Result,
  args: Args,
): Trace<Result> {
  const symbols = mapTree(operation, args as readonly Tree[], placeholder);
  const result = f(...(symbols as unknown as Args));
  const graph = {
    inputs: leavesOf(operation, symbols).map(nodeOf),
    state: [],
    outputs: leavesOf(operation, result).map(nodeOf),
    nextState: [],
  };
  checkClosed(operation, graph);
  return { graph, result };
}

/** Throws when the graph reaches a placeholder that is not its own: a symbol of another trace, whose value it cannot know. */
function checkClosed(operation: string, graph: Graph): void {
  const own = new Set([...graph.inputs, ...graph.state]);
  for (const node of topologicalOrder([...graph.outputs, ...graph.nextState])) {
    if (node.kind !== "placeholder" || own.has(node)) continue;
    throw new ArgumentError({
      operation,
      received: `a function that uses a traced tensor of shape ${formatShape(node.shape)} from outside of it`,
      expected: "a function of its arguments",
      fix: "Pass that tensor as an argument.",
    });
  }
}

/** The graph of a step over its state, as `compileStep` compiles it, with the form of its outputs. */
export function traceStep<State extends Tree, Inputs extends readonly Tree[], Outputs extends Tree>(
  step: (state: State, ...inputs: Inputs) => { readonly state: State; readonly outputs: Outputs },
  initialState: State,
  inputs: Inputs,
): { readonly graph: Graph; readonly outputs: Outputs } {
  const state = mapTree("compileStep", initialState, placeholder);
  const symbols = mapTree("compileStep", inputs as readonly Tree[], placeholder) as unknown as Inputs;
  const result = step(state, ...symbols);
  if (typeof result !== "object" || result === null || !("state" in result && "outputs" in result)) {
    throw new ArgumentError({
      operation: "compileStep",
      received: `a step that returned ${describe(result)}`,
      expected: "{ state, outputs }",
    });
  }
  const [received, expected] = [signatureOf("compileStep", result.state), signatureOf("compileStep", state)];
  if (received !== expected) {
    throw new ArgumentError({ operation: "compileStep", received: `a next state ${received}`, expected });
  }
  const stateNodes = leavesOf("compileStep", state).map(nodeOf);
  const isState = new Set(stateNodes);
  // What a state held before the run, under a name of its own: the run replaces the state.
  const held = (leaf: Tensor): Node => nodeOf(isState.has(nodeOf(leaf)) ? identity(leaf) : leaf);
  const graph = {
    inputs: leavesOf("compileStep", symbols).map(nodeOf),
    state: stateNodes,
    outputs: leavesOf("compileStep", result.outputs).map(held),
    // A state passed on as it came needs no copy.
    nextState: leavesOf("compileStep", result.state).map((leaf, i) =>
      leaf.node === stateNodes[i] ? stateNodes[i]! : held(leaf),
    ),
  };
  checkClosed("compileStep", graph);
  return { graph, outputs: result.outputs };
}

/** Throws unless `f` is a function. */
export function checkFunction(operation: string, f: unknown): void {
  if (typeof f === "function") return;
  throw new ArgumentError({ operation, received: describe(f), expected: "a function of tensors" });
}
