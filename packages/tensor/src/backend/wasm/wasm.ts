/**
 * The WebAssembly backend: each graph becomes one module, with a function for each kernel and one that calls them in
 * order. Values stay in the engine's memory between runs, and a run allocates nothing.
 */

import { allocate, type DataOf } from "../../dtype.ts";
import { ArgumentError, checkBoolean, checkInteger, describe } from "../../errors.ts";
import type { Graph, TensorType } from "../../graph/graph.ts";
import { checkOptions } from "../../options.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import type { Backend, Program, StoredValue } from "../backend.ts";
import { assemble } from "./assemble.ts";
import { checkThreads, warn } from "./host.ts";
import { InputView } from "./input-view.ts";
import { EngineMemory } from "./memory.ts";
import { schedule } from "./schedule.ts";
import { selfTest } from "./self-test.ts";
import { ThreadPool } from "./threads.ts";
import { copyRows, WasmValue } from "./values.ts";
import { isSupported, webAssembly } from "./web-assembly.ts";

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
   * How long, in milliseconds, a thread waits for the others at a barrier before the run fails, for a worker may have
   * died: so long more than the longest kernel should take. From 1; default 10,000.
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
  /** Bytes of the memory that programs and stored values hold. */
  readonly bytesInUse: number;
  /** How many runs all threads took part in: not those of small programs, nor those while workers were starting. */
  readonly sharedRuns: number;
  /**
   * Ends the engine's workers, if it has any; running a program that they shared is an error afterwards. Without it they
   * end when nobody holds the engine or its programs any more.
   */
  close(): void;
}

/** A new engine. @throws ArgumentError where the host has no WebAssembly with 128-bit vectors. */
export function wasm(options: WasmOptions = {}): WasmBackend {
  checkOptions("wasm", options, { mode: true, threads: true, patienceMs: true, wide: true });
  if (!isSupported()) {
    throw new ArgumentError({
      operation: "wasm",
      received: "a host without WebAssembly SIMD",
      expected: "Node ≥ 16, Chrome ≥ 91, Firefox ≥ 89 or Safari ≥ 16.4",
      fix: "Use the reference backend.",
    });
  }
  const { mode = "strict", threads = 1, wide = false, patienceMs = 10_000 } = options;
  if (mode !== "strict" && mode !== "fast")
    throw new ArgumentError({ operation: "wasm", received: `mode ${describe(mode)}`, expected: '"strict" or "fast"' });
  checkInteger("wasm", "threads", threads, 1, mostThreads);
  checkInteger("wasm", "patienceMs", patienceMs, 1, 2 ** 25);
  checkBoolean("wasm", "wide", wide);
  checkThreads(threads);
  const memory = new EngineMemory(threads > 1);
  const pool = threads > 1 ? new ThreadPool(threads, memory, patienceMs) : undefined;
  const engine: Engine = {
    memory,
    pool,
    fused: mode === "fast" && webAssembly!.validate(relaxedProbe),
    threads,
    patienceMs,
    wide: wide && isExact(),
    sharedRuns: 0,
  };
  if (pool !== undefined) abandoned.register(engine, pool);
  return {
    name: "wasm",
    mode,
    store: (type: TensorType, data: DataOf): StoredValue => new WasmValue(memory, type, data),
    compile: (graph, state) => compile(engine, graph, state),
    get bytesInUse() {
      return memory.bytesInUse;
    },
    get sharedRuns() {
      return engine.sharedRuns;
    },
    close: () => pool?.close(),
  };
}

/** More would rather wait for one another than work. */
const mostThreads = 16;

interface Engine {
  readonly memory: EngineMemory;
  readonly pool: ThreadPool | undefined;
  readonly fused: boolean;
  readonly threads: number;
  readonly patienceMs: number;
  readonly wide: boolean;
  sharedRuns: number;
}

/** Ends the workers of an engine that neither its user nor a program holds any more. */
const abandoned = new FinalizationRegistry<ThreadPool>((pool) => pool.close());

let exact: boolean | undefined;

/** Whether 256-bit kernels have the reference's bits here; tested once. */
function isExact(): boolean {
  const first = exact === undefined;
  exact ??= selfTest((graph) => {
    const memory = new EngineMemory(false);
    const engine = { memory, pool: undefined, fused: false, threads: 1, patienceMs: 0, wide: true, sharedRuns: 0 };
    return compile(engine, graph, []);
  });
  if (!exact && first) warn("@nn/tensor: 256-bit kernels gave other bits than they should; using 128 bits.");
  return exact;
}

/** A module with one function that uses a fused multiply-add. */
const relaxedProbe: Uint8Array<ArrayBuffer> = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0],
  ...[10, 20, 1, 18, 0, 65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 133, 2, 26, 11],
]);

function compile(engine: Engine, graph: Graph, state: readonly StoredValue[]): WasmProgram {
  const { memory, pool } = engine;
  checkState(graph, state, memory);
  // The program's memory is its as long as this object is reachable: every run uses it, so no bundler leaves it out.
  const views: Views = { buffer: undefined, inputs: [], outputs: [], status: new Int32Array(1) };
  const plan = schedule(graph, state, memory, { owner: views, threads: engine.threads });
  const assembly = assemble(plan, memory, engine);
  const { loops } = assembly;
  const inputs = plan.graph.inputs.map((node) => ({ type: node, place: plan.rows(node), size: sizeOf(node.shape) }));
  const outputs = plan.graph.outputs.map((node) => ({ type: node, place: plan.rows(node), size: sizeOf(node.shape) }));
  for (const { node, place } of plan.constants)
    memory.view(node.dtype, place.address, sizeOf(node.shape)).set(node.data!);
  const module = new webAssembly!.Module(assembly.bytes);
  const stalled = (): void => pool?.stalled();
  const { exports } = new webAssembly!.Instance(module, {
    engine: { memory: memory.memory, reference: (number: number) => loops.run(number), stalled },
  });
  const run = exports.run!;
  const shared = assembly.threads > 1 ? pool!.add(module, views) : undefined;
  const inPanels = outputs.flatMap(({ type, place, size }, index) =>
    place.layout === "rows" ? [] : [{ type, place, index, copy: allocate(type.dtype, size) }],
  );
  const renewViews = (): void => {
    views.buffer = memory.memory.buffer;
    views.inputs = inputs.map(({ type, place, size }) => new InputView(memory.view(type.dtype, place.address, size)));
    views.outputs = outputs.map(({ type, place, size }) => memory.view(type.dtype, place.address, size));
    for (const { index, copy } of inPanels) views.outputs[index] = copy;
    views.status = memory.view("int32", plan.statusAddress, 1);
  };

  return {
    kernels: assembly.kernels,
    run(values) {
      if (views.buffer !== memory.memory.buffer) renewViews();
      for (let i = 0; i < views.inputs.length; i++) views.inputs[i]!.set(values[i], i);
      views.status[0] = 0;
      const count = shared === undefined ? 1 : pool!.start(shared);
      if (count > 1) engine.sharedRuns++;
      run(0, count);
      if (views.status[0] !== 0) loops.fail(views.status[0]!);
      for (const { type, place, copy } of inPanels) copyRows(memory, type, place, copy);
      return views.outputs;
    },
  };
}

/** Views of a program's memory, made anew when the memory has grown. */
interface Views {
  buffer: ArrayBufferLike | undefined;
  inputs: InputView[];
  outputs: DataOf[];
  status: Int32Array;
}

/** Throws unless the state is that of the graph and lies in this engine's memory. */
function checkState(
  graph: Graph,
  state: readonly StoredValue[],
  memory: EngineMemory,
): asserts state is readonly WasmValue[] {
  if (!state.every((value) => value instanceof WasmValue && value.liesIn(memory))) {
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
