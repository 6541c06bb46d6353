/**
 * From functions to programs: a function is traced once for each form and shape of its arguments, then runs as a program
 * of a backend.
 */

import type { Backend, Program, StoredValue } from "../backend/backend.ts";
import { chosenBackend } from "../backend/default.ts";
import { reference } from "../backend/reference/reference.ts";
import type { DataOf } from "../dtype.ts";
import { ArgumentError } from "../errors.ts";
import { nodeOf } from "../op.ts";
import { checkOptions } from "../options.ts";
import { Tensor } from "../tensor.ts";
import { builderOf, type Form, formOf, matchForm } from "./argument-form.ts";
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
 * function is traced, it becomes part of that graph. The programs of the 128 forms that were called last are kept.
 * @throws ArgumentError when an argument or result is not a tensor or an array or record of tensors.
 */
export function compile<Args extends readonly Tree[], Result extends Tree>(
  f: (...args: Args) => Result,
  options: CompileOptions = {},
): (...args: Args) => Result {
  checkFunction("compile", f);
  checkOptions("compile", options, { backend: true });
  const backend = chosenBackend("compile", options.backend);
  const programs = new Programs<Args, Result>("compile", (args) => {
    const { graph, result } = traceAs("compile", f, args);
    return { program: backend.compile(graph, []), result };
  });
  return (...args) => {
    if (!programs.matchesLast(args) && leavesOf("compile", args).some((leaf) => leaf.node !== undefined)) {
      return f(...args);
    }
    return programs.run(args);
  };
}

/** A step with the state that it carries from one run to the next. */
export interface CompiledStep<State extends Tree, Inputs extends readonly Tree[], Outputs extends Tree> {
  /** Runs one step: computes the outputs, then replaces the state. The outputs are copies. A run that throws leaves the state as it was, unless it lost a thread. */
  run(...inputs: Inputs): Outputs;
  /** A copy of the state as it is now. */
  state(): State;
  /**
   * Replaces the state by a copy of `state`. All of it is checked before any of it is written.
   * @throws ArgumentError, ShapeError or DTypeError when `state` has another form, shape or dtype than the initial one.
   */
  write(state: State): void;
  /**
   * Gives the memory of the step's programs back to the backend, which takes it anyhow when it needs it. The state stays
   * what it is, and a later run compiles again.
   */
  release(): void;
}

/**
 * A step function compiled with its state inside: `step(state, …inputs)` gives the state to carry on and the outputs to
 * return. The state never leaves the backend between runs. Inputs may change shape from run to run (a last, smaller
 * batch): each form is traced once, over the same state, and its program is kept, as `compile` keeps them.
 * @throws ArgumentError when a step returns a state of another form, shape or dtype than it was given.
 */
export function compileStep<State extends Tree, Inputs extends readonly Tree[], Outputs extends Tree>(
  step: (state: State, ...inputs: Inputs) => { readonly state: State; readonly outputs: Outputs },
  initialState: State,
  options: CompileOptions = {},
): CompiledStep<State, Inputs, Outputs> {
  checkFunction("compileStep", step);
  checkOptions("compileStep", options, { backend: true });
  const backend = chosenBackend("compileStep", options.backend);
  const stored: StoredValue[] = leavesOf("compileStep", initialState).map((leaf) => backend.store(leaf, leaf.data));
  const programs = new Programs<Inputs, Outputs>("compileStep", (inputs) => {
    const { graph, outputs } = traceStep(step, initialState, inputs);
    return { program: backend.compile(graph, stored), result: outputs };
  });
  return {
    run: (...inputs) => programs.run(inputs),
    state() {
      let at = 0;
      // What `read` gives is a copy already.
      return mapTree(
        "state",
        initialState,
        ({ shape, dtype }) => new Tensor(shape, dtype, { data: stored[at++]!.read() }),
      );
    },
    write(state) {
      const [wanted, given] = [signatureOf("write", initialState), signatureOf("write", state)];
      if (wanted !== given) {
        throw new ArgumentError({ operation: "write", received: `a state ${given}`, expected: wanted });
      }
      const leaves = leavesOf("write", state).map((leaf) => leaf.data);
      stored.forEach((value, i) => {
        value.write(leaves[i]!);
      });
    },
    release: () => programs.release(),
  };
}

/** A traced result with its values, if it needs nothing that is yet to be given; else as it came. */
export function evaluate<Result extends Tree>(result: Result): Result {
  const outputs = leavesOf("evaluate", result).map(nodeOf);
  if (topologicalOrder(outputs).some((node) => node.kind === "placeholder")) return result;
  const program = reference.compile({ inputs: [], state: [], outputs, nextState: [] }, []);
  return builderOf(result)(program.run([]));
}

interface Traced<Result extends Tree> {
  readonly program: Program;
  readonly result: Result;
}

interface Compiled<Result extends Tree> {
  readonly form: Form;
  readonly program: Program;
  /** The result around a run's outputs, copied. */
  readonly build: (outputs: readonly DataOf[]) => Result;
}

/** Forms of arguments for which a function's programs are kept; a program for each of very many would never be run again. */
const mostForms = 128;

/** The programs of one function, by the form of its arguments. */
class Programs<Args extends readonly Tree[], Result extends Tree> {
  readonly #operation: string;
  readonly #compile: (args: Args) => Traced<Result>;
  /** In the order of their last use. */
  readonly #bySignature = new Map<string, Compiled<Result>>();
  /** The program of the last run: the next one mostly takes arguments of the same form, and finds it without a signature. */
  #last: Compiled<Result> | undefined;
  readonly #values: DataOf[] = [];

  constructor(operation: string, compile: (args: Args) => { readonly program: Program; readonly result: Result }) {
    this.#operation = operation;
    this.#compile = compile;
  }

  /** Whether `args` are of the form of the last run's and hold values. */
  matchesLast(args: Args): boolean {
    return this.#last !== undefined && matchForm(this.#last.form, args, this.#values);
  }

  run(args: Args): Result {
    if (!this.matchesLast(args)) this.#find(args);
    const { program, build } = this.#last!;
    const outputs = program.run(this.#values);
    this.#values.length = 0;
    return build(outputs);
  }

  release(): void {
    for (const { program } of this.#bySignature.values()) program.release?.();
    this.#bySignature.clear();
    this.#last = undefined;
  }

  #find(args: Args): void {
    const signature = signatureOf(this.#operation, args);
    let compiled = this.#bySignature.get(signature);
    if (compiled === undefined) {
      if (this.#bySignature.size >= mostForms) this.#drop(this.#bySignature.keys().next().value!);
      const { program, result } = this.#compile(args);
      compiled = { form: formOf(args), program, build: builderOf(result) };
    } else this.#bySignature.delete(signature);
    this.#bySignature.set(signature, compiled);
    this.#last = compiled;
    this.#values.length = 0;
    for (const { data } of leavesOf(this.#operation, args)) this.#values.push(data);
  }

  #drop(signature: string): void {
    this.#bySignature.get(signature)!.program.release?.();
    this.#bySignature.delete(signature);
  }
}
