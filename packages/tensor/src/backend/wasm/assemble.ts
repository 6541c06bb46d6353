/** From a schedule to the bytes of a module: one function for each kernel, and `run`, which calls them in order. */

import { ModuleBuilder } from "./assembler/module.ts";
import { emitBarrier } from "./barrier.ts";
import type { EngineMemory } from "./memory.ts";
import { ReferenceLoops } from "./reference-loops.ts";
import { emitRun, isWorthSharing } from "./run.ts";
import type { Schedule } from "./schedule.ts";
import { type KernelOptions, stepsOf } from "./steps.ts";

/** A module with what it needs of its host. */
export interface Assembly {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly kernels: readonly string[];
  /** How many threads take part; 1 where nothing is worth sharing. */
  readonly threads: number;
  /** How long a thread may wait for another that does its share of the longest kernel. */
  readonly kernelMs: number;
  /** About how long a run takes on one thread. */
  readonly expectedMs: number;
  readonly loops: ReferenceLoops;
}

export function assemble(plan: Schedule, memory: EngineMemory, options: KernelOptions): Assembly {
  const module = new ModuleBuilder(memory.limits);
  const loops = new ReferenceLoops(plan, memory, module.import("reference", 1));
  const sleep = module.import("sleep", 3);
  const steps = stepsOf(plan, options, loops);
  const threads = steps.some(isWorthSharing) ? options.threads : 1;
  const barrier = threads === 1 ? undefined : module.define(2, (f) => emitBarrier(f, sleep));
  const calls = steps.map((step) => ({ ...step, target: module.define(2, step.emit) }));
  module.define(2, (f) => emitRun(f, calls, { threads, barrier, statusAddress: plan.statusAddress }), "run");
  return {
    bytes: module.encode(),
    threads,
    expectedMs: steps.reduce((sum, { cost }) => sum + cost, 0) / 1e6,
    kernelMs: (20 * Math.max(0, ...steps.map(({ cost }) => cost))) / 1e6,
    kernels: steps.map(({ label }) => label),
    loops,
  };
}
