/**
 * From functions to programs: a function is traced once for each form and shape of its arguments, then runs as a program
 * of a backend.
 */

import type { Backend, Program, StoredValue } from "../backend/backend.ts";
import { defaultBackend } from "../backend/default.ts";
import { reference } from "../backend/reference/reference.ts";
import { nodeOf } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { topologicalOrder } from "./graph.ts";
import { checkFunction, traceAs, traceStep } from "./trace.ts";
import { leavesOf, mapTree, signatureOf, type Tree } from "./tree.ts";

/** Where and how a function is compiled. */
export interface CompileOptions {
  /** Default: a WebAssembly engine shared by all; the reference loops where there is none. Both give the same bits. */
  readonly backend?: Backend;
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
  const backend = options.backend ?? defaultBackend();
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
  const backend = options.backend ?? defaultBackend();
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
