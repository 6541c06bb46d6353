/** From a schedule to the bytes of a module: one function for each kernel, and `run`, which calls them in order. */

import type { DataOf } from "../../dtype.ts";
import type { Node } from "../../graph/graph.ts";
import { sizeOf } from "../../shape.ts";
import { ModuleBuilder } from "./assembler/module.ts";
import { i32 } from "./assembler/scalar.ts";
import { canSleep } from "./host.ts";
import type { Place } from "./kernels/operand.ts";
import type { EngineMemory } from "./memory.ts";
import { emitRun, isWorthSharing } from "./run.ts";
import type { Schedule } from "./schedule.ts";
import { type Kernel, type KernelOptions, stepsOf } from "./steps.ts";
import { emitBarrier } from "./threads.ts";

/** A module with what it needs of its host. */
export interface Assembly {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly kernels: readonly string[];
  /** How many threads take part; 1 where nothing is worth sharing. */
  readonly threads: number;
  /** Runs the reference loops of one node. */
  readonly reference: (index: number) => void;
}

export interface AssembleOptions extends KernelOptions {
  /** How long a thread waits for the others before it gives them up for lost. */
  readonly patienceMs: number;
}

export function assemble(plan: Schedule, memory: EngineMemory, options: AssembleOptions): Assembly {
  const module = new ModuleBuilder(memory.limits);
  const fallbacks: Node[] = [];
  const callReference = module.import("reference", 1);
  const stalled = module.import("stalled", 0);
  const onLoops = (node: Node): Kernel => {
    const index = fallbacks.push(node) - 1;
    return {
      label: `${node.op!.name} on reference loops`,
      items: 1,
      cost: 0,
      emit: (f) => f.call(callReference, i32.const(index)),
    };
  };
  const steps = stepsOf(plan, options, onLoops);
  const threads = steps.some(isWorthSharing) ? options.threads : 1;
  // A kernel that takes long on one thread may keep the others waiting as long.
  const milliseconds = options.patienceMs + (20 * Math.max(0, ...steps.map(({ cost }) => cost))) / 1e6;
  const barrier =
    threads === 1 ? undefined : module.define(1, (f) => emitBarrier(f, { canSleep, milliseconds }, stalled));
  const calls = steps.map((step) => ({ ...step, target: module.define(2, step.emit) }));
  module.define(2, (f) => emitRun(f, calls, { threads, barrier, statusAddress: plan.statusAddress }), "run");
  return {
    bytes: module.encode(),
    threads,
    kernels: steps.map(({ label }) => label),
    reference: referenceRunner(fallbacks, plan, memory),
  };
}

/** Runs the reference loops over views of the memory, which are renewed when it has grown. */
function referenceRunner(nodes: readonly Node[], plan: Schedule, memory: EngineMemory): (index: number) => void {
  interface View {
    readonly shape: Node["shape"];
    readonly dtype: Node["dtype"];
    readonly data: DataOf;
  }
  let buffer: ArrayBufferLike | undefined;
  let views: { readonly inputs: View[]; readonly output: View }[] = [];
  const viewOf = (node: Node, place: Place): View => ({
    shape: node.shape,
    dtype: node.dtype,
    data: memory.view(node.dtype, place.address, sizeOf(node.shape)),
  });
  return (index) => {
    if (buffer !== memory.memory.buffer) {
      buffer = memory.memory.buffer;
      views = nodes.map((node) => ({
        inputs: node.inputs.map((input) => viewOf(input, plan.rows(input))),
        output: viewOf(node, plan.place(node)),
      }));
    }
    const node = nodes[index]!;
    const { inputs, output } = views[index]!;
    node.op!.run(inputs, output, node.attributes);
  };
}
