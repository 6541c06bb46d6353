/** From a schedule to the bytes of a module: one function for each kernel, and `run`, which calls them in order. */

import { ModuleBuilder } from "./assembler/module.ts";
import { canSleep } from "./host.ts";
import type { EngineMemory } from "./memory.ts";
import { ReferenceLoops } from "./reference-loops.ts";
import { emitRun, isWorthSharing } from "./run.ts";
import type { Schedule } from "./schedule.ts";
import { type KernelOptions, stepsOf } from "./steps.ts";
import { emitBarrier } from "./threads.ts";

/** A module with what it needs of its host. */
export interface Assembly {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly kernels: readonly string[];
  /** How many threads take part; 1 where nothing is worth sharing. */
  readonly threads: number;
  readonly loops: ReferenceLoops;
}

export interface AssembleOptions extends KernelOptions {
  /** How long a thread waits for the others before it gives them up for lost. */
  readonly patienceMs: number;
}

export function assemble(plan: Schedule, memory: EngineMemory, options: AssembleOptions): Assembly {
  const module = new ModuleBuilder(memory.limits);
  const loops = new ReferenceLoops(plan, memory, module.import("reference", 1));
  const stalled = module.import("stalled", 0);
  const steps = stepsOf(plan, options, loops);
  const threads = steps.some(isWorthSharing) ? options.threads : 1;
  // A kernel that takes long on one thread may keep the others waiting as long.
  const milliseconds = options.patienceMs + (20 * Math.max(0, ...steps.map(({ cost }) => cost))) / 1e6;
  const barrier =
    threads === 1 ? undefined : module.define(2, (f) => emitBarrier(f, { canSleep, milliseconds }, stalled));
  const calls = steps.map((step) => ({ ...step, target: module.define(2, step.emit) }));
  module.define(2, (f) => emitRun(f, calls, { threads, barrier, statusAddress: plan.statusAddress }), "run");
  return {
    bytes: module.encode(),
    threads,
    kernels: steps.map(({ label }) => label),
    loops,
  };
}
