/** How a run divides its kernels among its threads: every item once, whatever the number of threads that take part. */

import { expect, test } from "vitest";
import { ModuleBuilder } from "./assembler/module.ts";
import { EngineMemory } from "./memory.ts";
import { emitRun } from "./run.ts";
import type { Step } from "./steps.ts";
import { compileModule, instantiate } from "./web-assembly.ts";

const shares = 5;

/** Steps of so many items, each of which touches a byte of its own; the second one is too small to be shared. */
const items = [17, 3, 5, 64];

interface Call {
  readonly step: number;
  readonly first: number;
  readonly end: number;
}

/** What thread `thread` of `threads` calls; a barrier is a call of its own, of step −1. */
function callsOf(thread: number, threads: number): Call[] {
  const memory = new EngineMemory(false);
  const module = new ModuleBuilder(memory.limits);
  const calls: Call[] = [];
  const barrier = module.import("barrier", 2);
  const steps = items.map((count, step) => ({
    label: "",
    items: count,
    cost: step === 1 ? 0 : 1e6,
    emit: () => undefined,
    touches: (first: number, end: number) => ({
      reads: step === 0 ? [] : [{ start: 1000 * (step - 1), end: 1000 * step }],
      writes: [{ start: 1000 * step + first, end: 1000 * step + end }],
    }),
    target: module.import(`step${step}`, 2),
  })) satisfies (Step & { target: unknown })[];
  module.define(2, (f) => emitRun(f, steps, { threads: shares, barrier, statusAddress: 512 }), "run");
  const step = (number: number) => (first: number, end: number) => void calls.push({ step: number, first, end });
  const functions = Object.fromEntries(items.map((_, i) => [`step${i}`, step(i)]));
  const { run } = instantiate(compileModule(module.encode()), {
    engine: { memory: memory.memory, barrier: step(-1), ...functions },
  });
  run!(thread, threads);
  return calls;
}

test.each([1, 2, 3, 4, 5])("%i of five threads", (threads) => {
  const all = Array.from({ length: threads }, (_, thread) => callsOf(thread, threads));
  for (const [step, count] of items.entries()) {
    const calls = all.map((calls) => calls.find((call) => call.step === step));
    const done = calls.flatMap((call) =>
      call === undefined ? [] : Array.from({ length: call.end - call.first }, (_, i) => call.first + i),
    );
    expect(done).toEqual(Array.from({ length: count }, (_, i) => i));
    // Threads own whole shares of the five, which the barriers were placed for.
    const starts = Array.from({ length: shares + 1 }, (_, share) => Math.floor((share * count) / shares));
    for (const call of calls) if (call !== undefined && step !== 1) expect(starts).toContain(call.first);
    if (step === 1) expect(calls.slice(1)).toEqual(Array(threads - 1).fill(undefined));
  }
  // All threads meet at the same places.
  const barriers = all.map((calls) => calls.filter((call) => call.step === -1).length);
  expect(new Set(barriers).size).toBe(1);
  expect(barriers[0]).toBeGreaterThanOrEqual(4);
});
