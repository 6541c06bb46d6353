/**
 * The WebAssembly backend: each graph becomes one module, with a function for each kernel and one that calls them in
 * order. Values stay in the engine's memory between runs, and a run allocates nothing.
 *
 * No loop fills that memory, whether or not it leaves the event loop a turn: programs are in it a bounded number at a time
 * (`resident-programs.ts`), stored values only as long as one of their programs is (`values.ts`).
 */

import type { DataOf } from "../../dtype.ts";
import { ArgumentError, checkBoolean, checkInteger, describe } from "../../errors.ts";
import type { Graph, TensorType } from "../../graph/graph.ts";
import { checkOptions } from "../../options.ts";
import { formatShape } from "../../shape.ts";
import type { Backend, Program, StoredValue } from "../backend.ts";
import { checkThreads, processors, warn } from "./host.ts";
import { type Engine, LoadedProgram } from "./loaded-program.ts";
import { EngineMemory } from "./memory.ts";
import { ResidentPrograms } from "./resident-programs.ts";
import { selfTest } from "./self-test.ts";
import type { KernelOptions } from "./steps.ts";
import { type ThreadOptions, ThreadPool } from "./threads.ts";
import { WasmValue } from "./values.ts";
import { checkSupported, webAssembly } from "./web-assembly.ts";

/** How an engine computes. */
export interface WasmOptions {
  /**
   * `"strict"` (default): every product and sum is rounded on its own, and results are the same bits on every machine.
   * `"fast"`: fused multiply-add where the engine has it; the same to rounding.
   */
  readonly mode?: "strict" | "fast";
  /**
   * How many threads share the work of large kernels, the calling one among them; default 1. More than one needs shared
   * memory: Node, or a page that is cross-origin isolated. At most 16. Results do not depend on it.
   */
  readonly threads?: number;
  /**
   * Whether runs have fewer threads where more would make them slower: never more than the host has processors, none that
   * does not wake up in time or is gone, and as many as were fastest in recent runs; default true. With false every run has
   * all of them, which tests and measurements of threads need. Results do not depend on it.
   */
  readonly adaptThreads?: boolean;
  /**
   * How long, in milliseconds, a thread waits for the others before the run fails, for a worker may have died: so much longer
   * than the longest kernel should take, and than a busy machine may keep a worker waiting. What counts is the time in
   * which the waiting thread had its turns. From 1; default 60,000.
   */
  readonly patienceMs?: number;
  /**
   * Kernels shaped for 256-bit vectors, which V8 makes of pairs of 128-bit ones when Node ≥ 24 on x64 was started with
   * `--experimental-wasm-revectorize`; default false. Without that flag they work, but slower than the others. The engine
   * tests its kernels first and falls back with a warning should their bits differ: results never do.
   */
  readonly wide?: boolean;
}

/** A program with a description of its kernels. */
export interface WasmProgram extends Program {
  /** One line for each kernel in running order; those that run on the reference loops say so. */
  readonly kernels: readonly string[];
}

/** A backend with a memory of its own. */
export interface WasmBackend extends Backend {
  compile(graph: Graph, state: readonly StoredValue[]): WasmProgram;
  /**
   * Bytes of the engine's memory that programs hold, with the stored values that they run on. Beyond 512 MiB a new program
   * takes the place of those that ran longest ago, unless it needs more than that alone.
   */
  readonly bytesInUse: number;
  /**
   * How many programs are in that memory: at most 128. Beyond them the one that ran longest ago leaves it, and comes back,
   * compiled once more, when it is run again. Stored values keep their values.
   */
  readonly programsInMemory: number;
  /** How many runs more than one thread took part in: not those of small programs, nor those while workers were starting. */
  readonly sharedRuns: number;
  /**
   * Ends the engine's workers, if it has any; running a program that they shared is an error afterwards. Without it they
   * end when nobody holds the engine or its programs any more, or when 8 other engines have used theirs since: then the engine
   * starts others when it needs them.
   */
  close(): void;
}

/**
 * A new engine. Its `compile` throws an ArgumentError where the host refuses the module of a program.
 * @throws ArgumentError where the host has no WebAssembly with 128-bit vectors, or refuses it; where it refuses threads, if
 * there should be any.
 */
export function wasm(options: WasmOptions = {}): WasmBackend {
  checkOptions("wasm", options, { mode: true, threads: true, adaptThreads: true, patienceMs: true, wide: true });
  checkSupported();
  const { mode = "strict", wide = false, adaptThreads = true, patienceMs = 60_000 } = options;
  if (mode !== "strict" && mode !== "fast")
    throw new ArgumentError({ operation: "wasm", received: `mode ${describe(mode)}`, expected: '"strict" or "fast"' });
  checkInteger("wasm", "threads", options.threads ?? 1, 1, mostThreads);
  checkInteger("wasm", "patienceMs", patienceMs, 1, 2 ** 25);
  checkBoolean("wasm", "wide", wide);
  checkBoolean("wasm", "adaptThreads", adaptThreads);
  checkThreads(options.threads ?? 1);
  const threads = Math.min(options.threads ?? 1, adaptThreads ? processors() : mostThreads);
  const fused = mode === "fast" && webAssembly!.validate(relaxedProbe);
  const engine = createEngine({ fused, wide: wide && isExact(), threads, adaptThreads, patienceMs });
  return {
    name: "wasm",
    mode,
    store: (type: TensorType, data: DataOf): StoredValue => new WasmValue(engine, type, data),
    compile: (graph, state) => compile(engine, graph, state),
    get bytesInUse() {
      return engine.memory.bytesInUse;
    },
    get programsInMemory() {
      return engine.programs.count;
    },
    get sharedRuns() {
      return engine.sharedRuns;
    },
    close: () => engine.pool?.close(),
  };
}

/** More would rather wait for one another than work. */
const mostThreads = 16;

/**
 * Programs that are in an engine's memory at a time. Each takes 0.1 to 0.5 MB besides its values, and a millisecond or more
 * to come back.
 */
const mostPrograms = 128;

function createEngine(options: Omit<KernelOptions, "threads"> & ThreadOptions): Engine {
  const programs = new ResidentPrograms<LoadedProgram>(mostPrograms);
  const memory = createMemory(options, programs);
  const engine: Engine = { ...options, memory, programs, pool: undefined, runs: 0, sharedRuns: 0 };
  if (options.threads > 1) startWorkers(engine);
  return engine;
}

function createMemory({ threads }: ThreadOptions, programs: ResidentPrograms<LoadedProgram>): EngineMemory {
  return new EngineMemory(threads > 1, () => programs.evict());
}

function startWorkers(engine: Engine): void {
  const { threads, adaptThreads, patienceMs } = engine;
  // The pool must not hold the engine, or nobody would ever let go of it.
  engine.pool = new ThreadPool(engine.memory, { threads, adaptThreads, patienceMs });
  abandoned.register(engine, engine.pool, engine.pool);
}

/** Starts workers in place of those that were ended for another engine's. */
function restartWorkers(engine: Engine): void {
  engine.programs.clear();
  // Another memory: in the old one the old workers may run on for a moment.
  engine.memory = createMemory(engine, engine.programs);
  abandoned.unregister(engine.pool!);
  startWorkers(engine);
}

/** Ends the workers of an engine that neither its user nor a program holds any more. */
const abandoned = new FinalizationRegistry<ThreadPool>((pool) => pool.close());

let exact: boolean | undefined;

/** Whether 256-bit kernels have the reference's bits here; tested once. */
function isExact(): boolean {
  const first = exact === undefined;
  const options = { fused: false, wide: true, threads: 1, adaptThreads: false, patienceMs: 0 };
  exact ??= selfTest((graph) => compile(createEngine(options), graph, []));
  if (!exact && first) warn("@nn/tensor: 256-bit kernels gave other bits than they should; using 128 bits.");
  return exact;
}

/** A module with one function that uses a fused multiply-add. */
const relaxedProbe: Uint8Array<ArrayBuffer> = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0],
  ...[10, 20, 1, 18, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 26, 11],
]);

/**
 * A program that is in memory from its compilation until the engine needs the place for others or nobody holds it any more,
 * and comes back when it is run again: compiled once more, with the same bits.
 */
function compile(engine: Engine, graph: Graph, state: readonly StoredValue[]): WasmProgram {
  checkState(graph, state, engine);
  /** Reachable while any of the functions below is. */
  const owner = {};
  const load = (): LoadedProgram => {
    if (engine.pool?.isRetired) restartWorkers(engine);
    return engine.programs.add(owner, () => new LoadedProgram(engine, graph, state));
  };
  let loaded = load();
  return {
    kernels: loaded.kernels,
    run(values) {
      if (!loaded.isReady) {
        engine.programs.release(loaded);
        loaded = load();
      }
      loaded.lastRun = ++engine.runs;
      return loaded.run(values);
    },
    release: () => engine.programs.release(loaded),
  };
}

/** Throws unless the state is that of the graph and lies in this engine's memory. */
function checkState(
  graph: Graph,
  state: readonly StoredValue[],
  engine: Engine,
): asserts state is readonly WasmValue[] {
  if (!state.every((value) => value instanceof WasmValue && value.belongsTo(engine))) {
    throw new ArgumentError({
      operation: "wasm",
      received: "a state that another backend stores",
      expected: "values that this engine's store() gave",
    });
  }
  const form = (types: readonly TensorType[]): string =>
    types.map(({ shape, dtype }) => `${formatShape(shape)} in ${dtype}`).join(", ");
  if (form(state) !== form(graph.state)) {
    throw new ArgumentError({
      operation: "wasm",
      received: `a state of ${form(state)}`,
      expected: `as in the graph: ${form(graph.state)}`,
    });
  }
}
