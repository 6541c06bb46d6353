/**
 * The WebAssembly backend: each graph becomes one module, with a function for each kernel and one that calls them in
 * order. Values stay in the engine's memory between runs, and a run allocates nothing.
 */

import type { DataOf } from "../../dtype.ts";
import { ArgumentError } from "../../errors.ts";
import type { Graph, TensorType } from "../../graph/graph.ts";
import { sizeOf } from "../../shape.ts";
import type { Backend, Program, StoredValue } from "../backend.ts";
import { assemble } from "./assemble.ts";
import { EngineMemory } from "./memory.ts";
import { schedule } from "./schedule.ts";
import { readValue, WasmValue } from "./values.ts";
import { webAssembly } from "./web-assembly.ts";

/** How an engine computes. */
export interface WasmOptions {
  /**
   * `"strict"` (default): every product and sum is rounded on its own, and results are the same bits on every machine.
   * `"fast"`: fused multiply-add where the engine has it; the same to rounding.
   */
  readonly mode?: "strict" | "fast";
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
}

/** A new engine. @throws ArgumentError where the host has no WebAssembly with 128-bit vectors. */
export function wasm(options: WasmOptions = {}): WasmBackend {
  if (webAssembly === undefined || !webAssembly.validate(vectorProbe)) {
    throw new ArgumentError({
      operation: "wasm",
      received: "a host without WebAssembly SIMD",
      expected: "Node ≥ 16, Chrome ≥ 91, Firefox ≥ 89 or Safari ≥ 16.4",
      fix: "Use the reference backend.",
    });
  }
  const memory = new EngineMemory(false);
  return {
    name: "wasm",
    store: (type: TensorType, data: DataOf): StoredValue => new WasmValue(memory, type, data),
    compile: (graph, state) => compile(memory, options, graph, state as readonly WasmValue[]),
    get bytesInUse() {
      return memory.bytesInUse;
    },
  };
}

/** A module with one function that uses a vector. */
const vectorProbe: Uint8Array<ArrayBuffer> = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0],
  ...[10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11],
]);

function compile(memory: EngineMemory, options: WasmOptions, graph: Graph, state: readonly WasmValue[]): WasmProgram {
  // The block belongs to the program's closure: this object is what the program keeps alive.
  const owner = { state };
  const plan = schedule(graph, state, memory, owner);
  const { bytes, kernels, reference } = assemble(plan, memory, options.mode === "fast");
  const inputs = plan.graph.inputs.map((node) => ({ type: node, place: plan.rows(node), size: sizeOf(node.shape) }));
  const outputs = plan.graph.outputs.map((node) => ({ type: node, place: plan.place(node), size: sizeOf(node.shape) }));
  for (const { node, place } of plan.constants)
    memory.view(node.dtype, place.address, sizeOf(node.shape)).set(node.data!);
  const module = new webAssembly!.Module(bytes);
  const { exports } = new webAssembly!.Instance(module, { engine: { memory: memory.memory, reference } });
  const run = exports.run!;

  let buffer: ArrayBufferLike | undefined;
  let inputViews: DataOf[] = [];
  let outputViews: (DataOf | undefined)[] = [];
  let status: Int32Array = new Int32Array(0);
  const renewViews = (): void => {
    buffer = memory.memory.buffer;
    inputViews = inputs.map(({ type, place, size }) => memory.view(type.dtype, place.address, size));
    outputViews = outputs.map(({ type, place, size }) =>
      place.layout === "rows" ? memory.view(type.dtype, place.address, size) : undefined,
    );
    status = memory.view("int32", plan.statusAddress, 1);
  };

  return {
    kernels,
    run(values) {
      if (buffer !== memory.memory.buffer) renewViews();
      for (let i = 0; i < inputViews.length; i++) inputViews[i]!.set(values[i]!);
      status[0] = 0;
      run();
      if (status[0] !== 0) throw labelError(status[0]! - 1);
      void owner;
      return outputViews.map((view, i) => view ?? readValue(memory, outputs[i]!.type, outputs[i]!.place));
    },
  };
}

function labelError(position: number): ArgumentError {
  return new ArgumentError({
    operation: "oneHot",
    received: `the label at position ${position}`,
    expected: "an integer from 0 to the number of classes − 1",
  });
}
