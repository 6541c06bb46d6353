/** A graph as a program in the engine's memory: its module, the place of its values, and the state that it holds there. */

import { allocate, type DataOf } from "../../dtype.ts";
import type { Graph, Node } from "../../graph/graph.ts";
import { sizeOf } from "../../shape.ts";
import { assemble } from "./assemble.ts";
import { InputView } from "./input-view.ts";
import type { Place } from "./kernels/operand.ts";
import type { EngineMemory } from "./memory.ts";
import type { ReferenceLoops } from "./reference-loops.ts";
import type { Resident, ResidentPrograms } from "./resident-programs.ts";
import { type Schedule, schedule } from "./schedule.ts";
import { SharedRuns } from "./shared-runs.ts";
import type { KernelOptions } from "./steps.ts";
import type { ThreadOptions, ThreadPool } from "./threads.ts";
import { copyRows, type WasmValue } from "./values.ts";
import { compileModule, type Exports, instantiate } from "./web-assembly.ts";

/** What the programs of an engine share. */
export interface Engine extends KernelOptions, ThreadOptions {
  memory: EngineMemory;
  /** Where there is more than one thread. */
  pool: ThreadPool | undefined;
  readonly programs: ResidentPrograms<LoadedProgram>;
  /** How many runs there were. */
  runs: number;
  /** How many of them more than one thread took part in. */
  sharedRuns: number;
}

/** An input or output. */
interface Port {
  readonly type: Node;
  readonly place: Place;
  readonly size: number;
}

export class LoadedProgram implements Resident {
  readonly kernels: readonly string[];
  lastRun: number;
  #isLoaded = true;
  readonly #engine: Engine;
  readonly #memory: EngineMemory;
  readonly #state: readonly WasmValue[];
  readonly #plan: Schedule;
  readonly #loops: ReferenceLoops;
  readonly #run: Exports[string];
  /** Where threads share the program. */
  readonly #shared: SharedRuns | undefined;
  readonly #ports: { readonly inputs: readonly Port[]; readonly outputs: readonly Port[] };
  /** Outputs that are kept in panels, with the arrays that they are copied to. */
  readonly #inPanels: readonly (Port & { readonly index: number; readonly copy: DataOf })[];
  // Views of the program's memory, renewed when the memory has grown.
  #buffer: ArrayBufferLike | undefined;
  #inputs: readonly InputView[] = [];
  #outputs: readonly DataOf[] = [];
  #status: DataOf<"int32"> = new Int32Array(1);

  constructor(engine: Engine, graph: Graph, state: readonly WasmValue[]) {
    const { memory, pool } = engine;
    this.#engine = engine;
    this.#memory = memory;
    this.#state = state;
    this.lastRun = ++engine.runs;
    this.#plan = inMemory(state, () => schedule(graph, state, memory, engine));
    try {
      const assembly = assemble(this.#plan, memory, engine);
      const { loops } = assembly;
      const portsOf = (nodes: readonly Node[]): Port[] =>
        nodes.map((type) => ({ type, place: this.#plan.rows(type), size: sizeOf(type.shape) }));
      this.#ports = { inputs: portsOf(this.#plan.graph.inputs), outputs: portsOf(this.#plan.graph.outputs) };
      this.#inPanels = this.#ports.outputs.flatMap((port, index) =>
        port.place.layout === "rows" ? [] : [{ ...port, index, copy: allocate(port.type.dtype, port.size) }],
      );
      for (const { node, place } of this.#plan.constants)
        memory.view(node.dtype, place.address, sizeOf(node.shape)).set(node.data!);
      const module = compileModule(assembly.bytes);
      const reference = (number: number): void => loops.run(number);
      // Called at barriers, of which one thread has none.
      const sleep = pool?.sleeper(assembly.kernelMs) ?? reference;
      this.kernels = assembly.kernels;
      this.#loops = loops;
      this.#run = instantiate(module, { engine: { memory: memory.memory, reference, sleep } }).run!;
      if (assembly.threads > 1) this.#shared = new SharedRuns(pool!, pool!.add(module), assembly);
    } catch (error) {
      this.unload();
      throw error;
    }
  }

  /** Whether it is in memory, and the workers know it that share it. */
  get isReady(): boolean {
    return this.#isLoaded && this.#shared?.isRetired !== true;
  }

  /** As `Program.run`. */
  run(values: readonly DataOf[]): readonly DataOf[] {
    const engine = this.#engine;
    if (this.#buffer !== this.#memory.memory.buffer) this.#renewViews();
    const shared = this.#shared;
    shared?.begin();
    try {
      for (let i = 0; i < this.#inputs.length; i++) this.#inputs[i]!.set(values[i], i);
    } catch (error) {
      shared?.cancel();
      throw error;
    }
    this.#status[0] = 0;
    if (shared === undefined) this.#run(0, 1);
    else if (shared.run(this.#run) > 1) engine.sharedRuns++;
    if (this.#status[0] !== 0) this.#loops.fail(this.#status[0]!);
    for (const { type, place, copy } of this.#inPanels) copyRows(this.#memory, type, place, copy);
    return this.#outputs;
  }

  unload(): void {
    this.#isLoaded = false;
    for (const value of this.#state) value.letGo();
    this.#memory.release(this.#plan.block);
    this.#shared?.forget();
  }

  #renewViews(): void {
    const memory = this.#memory;
    const { inputs, outputs } = this.#ports;
    this.#buffer = memory.memory.buffer;
    this.#inputs = inputs.map(({ type, place, size }) => new InputView(memory.view(type.dtype, place.address, size)));
    const views = outputs.map(({ type, place, size }) => memory.view(type.dtype, place.address, size));
    for (const { index, copy } of this.#inPanels) views[index] = copy;
    this.#outputs = views;
    this.#status = memory.view("int32", this.#plan.statusAddress, 1);
  }
}

/** What `make` gives while the values are in memory, where they stay unless it throws. */
function inMemory<T>(values: readonly WasmValue[], make: () => T): T {
  let held = 0;
  try {
    for (; held < values.length; held++) values[held]!.hold();
    return make();
  } catch (error) {
    for (const value of values.slice(0, held)) value.letGo();
    throw error;
  }
}
