/**
 * From functions to programs: a function is traced once for each form and shape of its arguments, then runs as a program
 * of a backend.
 */

import type { Backend, Program, StoredValue } from "../backend/backend.ts";
import { reference } from "../backend/reference/reference.ts";
import { ArgumentError } from "../errors.ts";
import { nodeOf, placeholder } from "../op.ts";
import { identity } from "../ops/identity.ts";
import { Tensor } from "../tensor.ts";
import type { Graph } from "./graph.ts";
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

/**
 * The graph of `f` on arguments shaped as `args`; the first `stateCount` leaves of `args` are the graph's state, replaced
 * by the first leaves of the result.
 */
export function trace<Args extends readonly Tree[], Result extends Tree>(
  f: (...args: Args) => Result,
  args: Args,
): Trace<Result> {
  const placeholders: Tensor[] = [];
  const symbols = mapTree("trace", args as readonly Tree[], (leaf) => {
    const symbol = placeholder(leaf);
    placeholders.push(symbol);
    return symbol;
  });
  const result = f(...(symbols as unknown as Args));
  const outputs = leavesOf("trace", result).map(nodeOf);
  return { graph: { inputs: leavesOf("trace", symbols).map(nodeOf), state: [], outputs, nextState: [] }, result };
}

/**
 * `f` as a compiled function: traced at the first call with arguments of a given form, shapes and dtypes, run as a program
 * from then on. `f` must be pure: what it does besides its result happens only while it is traced.
 */
export function compile<Args extends readonly Tree[], Result extends Tree>(
  f: (...args: Args) => Result,
  options: CompileOptions = {},
): (...args: Args) => Result {
  const backend = options.backend ?? reference;
  const programs = new Map<string, { readonly program: Program; readonly result: Result }>();
  return (...args) => {
    const leaves = leavesOf("compile", args);
    // Called while another function is traced: become part of that graph.
    if (leaves.some((leaf) => leaf.node !== undefined)) return f(...args);
    const signature = signatureOf("compile", args);
    let compiled = programs.get(signature);
    if (compiled === undefined) {
      const { graph, result } = trace(f, args);
      compiled = { program: backend.compile(graph, []), result };
      programs.set(signature, compiled);
    }
    return withValues("compile", compiled.result, compiled.program.run(leaves.map((leaf) => leaf.data)));
  };
}

/** A step with the state that it carries from one run to the next. */
export interface CompiledStep<State extends Tree, Inputs extends readonly Tree[], Outputs extends Tree> {
  /** Runs one step: computes the outputs, then replaces the state. The outputs are copies. */
  run(...inputs: Inputs): Outputs;
  /** A copy of the state as it is now. */
  state(): State;
}

/**
 * A step function compiled with its state inside: `step(state, …inputs)` gives the state to carry on and the outputs to
 * return. The state never leaves the backend between runs. Inputs may change shape from run to run (a last, smaller
 * batch): each form is traced once, over the same state.
 * @throws ArgumentError when a step returns a state of another form than it was given.
 */
export function compileStep<State extends Tree, Inputs extends readonly Tree[], Outputs extends Tree>(
  step: (state: State, ...inputs: Inputs) => { readonly state: State; readonly outputs: Outputs },
  initialState: State,
  options: CompileOptions = {},
): CompiledStep<State, Inputs, Outputs> {
  const backend = options.backend ?? reference;
  const stateSignature = signatureOf("compileStep", initialState);
  const stored: StoredValue[] = leavesOf("compileStep", initialState).map((leaf) => backend.store(leaf, leaf.data));
  const programs = new Map<string, { readonly program: Program; readonly outputs: Outputs }>();

  const compileFor = (inputs: Inputs): { readonly program: Program; readonly outputs: Outputs } => {
    const state = mapTree("compileStep", initialState, placeholder);
    const symbols = mapTree("compileStep", inputs as readonly Tree[], placeholder) as unknown as Inputs;
    const result = step(state, ...symbols);
    const nextSignature = signatureOf("compileStep", result.state);
    if (nextSignature !== stateSignature) {
      throw new ArgumentError({
        operation: "compileStep",
        received: `a next state ${nextSignature}`,
        expected: stateSignature,
      });
    }
    const stateNodes = leavesOf("compileStep", state).map(nodeOf);
    const inputNodes = leavesOf("compileStep", symbols).map(nodeOf);
    const program = backend.compile(
      {
        inputs: inputNodes,
        state: stateNodes,
        outputs: leavesOf("compileStep", result.outputs).map(nodeOf),
        // A state passed on as it came needs no copy; one that takes another's place needs a value of its own.
        nextState: leavesOf("compileStep", result.state).map((leaf, i) =>
          leaf.node !== stateNodes[i] && leaf.node?.kind === "placeholder" ? nodeOf(identity(leaf)) : nodeOf(leaf),
        ),
      },
      stored,
    );
    return { program, outputs: result.outputs };
  };

  return {
    run(...inputs) {
      const signature = signatureOf("compileStep", inputs);
      let compiled = programs.get(signature);
      if (compiled === undefined) {
        compiled = compileFor(inputs);
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

/** Computes a traced result at once, its placeholders `symbols` having the values of `args`. */
export function evaluate<Result, Args extends Tree>(result: Result, symbols: Args, args: Args): Result {
  const tree = result as unknown as Tree;
  const inputs = leavesOf("evaluate", symbols).map(nodeOf);
  const outputs = leavesOf("evaluate", tree).map(nodeOf);
  const program = reference.compile({ inputs, state: [], outputs, nextState: [] }, []);
  const values = program.run(leavesOf("evaluate", args).map((leaf) => leaf.data));
  return withValues("evaluate", tree, values) as unknown as Result;
}

/** `tree` with copies of `values` for its tensors. */
function withValues<T extends Tree>(operation: string, tree: T, values: readonly Tensor["data"][]): T {
  let next = 0;
  return mapTree(operation, tree, (leaf) => new Tensor(leaf.shape, leaf.dtype, { data: values[next++]!.slice() }));
}
