/**
 * From functions to programs: a function is traced once for each form and shape of its arguments, then runs as a program
 * of a backend.
 */

import type { Backend, Program, StoredValue } from "../backend/backend.ts";
import { reference } from "../backend/reference/reference.ts";
import { ArgumentError, describe } from "../errors.ts";
import { nodeOf, placeholder } from "../op.ts";
import { identity } from "../ops/identity.ts";
import { formatShape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { type Graph, type Node, topologicalOrder } from "./graph.ts";
import { leavesOf, mapTree, signatureOf, type Tree } from "./tree.ts";

/** Where and how a function is compiled. */
export interface CompileOptions {
  /** Default: the reference backend. */
  readonly backend?: Backend;
}

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
  return traceAs("trace", f, args);
}

function traceAs<Args extends readonly Tree[], Result extends Tree>(
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

/**
 * `f` as a compiled function: traced at the first call with arguments of a given form, shapes and dtypes, run as a program
 * from then on. `f` must be pure: what it does besides its result happens only while it is traced. Called while another
 * function is traced, it becomes part of that graph.
 * @throws ArgumentError when an argument or result is not a tensor or an array or record of tensors.
 */
export function compile<Args extends readonly Tree[], Result extends Tree>(
  f: (...args: Args) => Result,
  options: CompileOptions = {},
): (...args: Args) => Result {
  checkFunction("compile", f);
  const backend = options.backend ?? reference;
  const programs = new Map<string, { readonly program: Program; readonly result: Result }>();
  return (...args) => {
    const leaves = leavesOf("compile", args);
    if (leaves.some((leaf) => leaf.node !== undefined)) return f(...args);
    const signature = signatureOf("compile", args);
    let compiled = programs.get(signature);
    if (compiled === undefined) {
      const { graph, result } = traceAs("compile", f, args);
      compiled = { program: backend.compile(graph, []), result };
      programs.set(signature, compiled);
    }
    return withValues("compile", compiled.result, compiled.program.run(leaves.map((leaf) => leaf.data)));
  };
}

/** A step with the state that it carries from one run to the next. */
export interface CompiledStep<State extends Tree, Inputs extends readonly Tree[], Outputs extends Tree> {
  /** Runs one step: computes the outputs, then replaces the state. The outputs are copies. A run that throws leaves the state as it was. */
  run(...inputs: Inputs): Outputs;
  /** A copy of the state as it is now. */
  state(): State;
}

/**
 * A step function compiled with its state inside: `step(state, …inputs)` gives the state to carry on and the outputs to
 * return. The state never leaves the backend between runs. Inputs may change shape from run to run (a last, smaller
 * batch): each form is traced once, over the same state.
 * @throws ArgumentError when a step returns a state of another form, shape or dtype than it was given.
 */
export function compileStep<State extends Tree, Inputs extends readonly Tree[], Outputs extends Tree>(
  step: (state: State, ...inputs: Inputs) => { readonly state: State; readonly outputs: Outputs },
  initialState: State,
  options: CompileOptions = {},
): CompiledStep<State, Inputs, Outputs> {
  checkFunction("compileStep", step);
  const backend = options.backend ?? reference;
  const stored: StoredValue[] = leavesOf("compileStep", initialState).map((leaf) => backend.store(leaf, leaf.data));
  const programs = new Map<string, { readonly program: Program; readonly outputs: Outputs }>();
  return {
    run(...inputs) {
      const signature = signatureOf("compileStep", inputs);
      let compiled = programs.get(signature);
      if (compiled === undefined) {
        const { graph, outputs } = traceStep(step, initialState, inputs);
        compiled = { program: backend.compile(graph, stored), outputs };
        programs.set(signature, compiled);
      }
      const values = compiled.program.run(leavesOf("compileStep", inputs).map((leaf) => leaf.data));
      return withValues("compileStep", compiled.outputs, values);
    },
    state() {
      return withValues(
        "compileStep",
        initialState,
        stored.map((value) => value.read()),
      );
    },
  };
}

function traceStep<State extends Tree, Inputs extends readonly Tree[], Outputs extends Tree>(
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

/** A traced result with its values, if it needs nothing that is yet to be given; else as it came. */
export function evaluate<Result extends Tree>(result: Result): Result {
  const outputs = leavesOf("evaluate", result).map(nodeOf);
  if (topologicalOrder(outputs).some((node) => node.kind === "placeholder")) return result;
  const program = reference.compile({ inputs: [], state: [], outputs, nextState: [] }, []);
  return withValues("evaluate", result, program.run([]));
}

/** `tree` with copies of `values` for its tensors. */
function withValues<T extends Tree>(operation: string, tree: T, values: readonly Tensor["data"][]): T {
  let next = 0;
  return mapTree(operation, tree, (leaf) => new Tensor(leaf.shape, leaf.dtype, { data: values[next++]!.slice() }));
}

/** Throws unless `f` is a function. */
export function checkFunction(operation: string, f: unknown): void {
  if (typeof f === "function") return;
  throw new ArgumentError({ operation, received: describe(f), expected: "a function of tensors" });
}
