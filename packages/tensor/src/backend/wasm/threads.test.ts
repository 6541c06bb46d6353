/** How the caller and a worker agree on a run, with the worker's steps taken by hand at every moment that there is. */

import { createContext, runInContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ModuleBuilder } from "./assembler/module.ts";
import { EngineMemory } from "./memory.ts";
import { begin, states, words } from "./thread-words.ts";
import { ThreadPool } from "./threads.ts";
import { compileModule } from "./web-assembly.ts";
import { workerSource } from "./worker-source.ts";

const pools: ThreadPool[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const pool of pools.splice(0)) pool.close();
});

/** A pool whose workers hear nothing, and its words, which say that each of them knows program 1. */
function silentPool(threads: number, adaptThreads: boolean) {
  vi.spyOn(Worker.prototype, "postMessage").mockReturnValue();
  const memory = new EngineMemory(true);
  const pool = new ThreadPool(memory, { threads, adaptThreads, patienceMs: 1000 });
  pools.push(pool);
  const control = memory.view("int32", 0, 128);
  for (let thread = 1; thread < threads; thread++) control[words.known / 4 + thread] = 1;
  return { pool, control, state: (thread: number) => words.state / 4 + thread };
}

/** Lets `step` run after each operation of this thread on one of the words, with how many there were before. */
function afterEachOperation(control: Int32Array, word: number, step: (operations: number) => void): void {
  let operations = 0;
  for (const name of ["load", "wait", "compareExchange"] as const) {
    const operation = Atomics[name] as (array: Int32Array, index: number, ...rest: number[]) => unknown;
    const observed: typeof operation = (array, index, ...rest) => {
      const result = operation(array, index, ...rest);
      if (array.buffer === control.buffer && index === word) step(operations++);
      return result;
    };
    vi.spyOn(Atomics, name).mockImplementation(observed as never);
  }
}

describe.each([
  ["have all threads", false],
  ["adapt", true],
])("a worker that joins while the caller looks, where runs %s,", (_, adaptThreads) => {
  test.each([0, 1, 2, 3])("after its operation %i, takes part if and only if it is counted", (moment) => {
    const { pool, control, state } = silentPool(3, adaptThreads);
    // The other one joins at once.
    pool.offer(1, 3);
    control[state(2)] = states.joined;
    const { compareExchange } = Atomics;
    const join = () => compareExchange(control, state(1), states.offered, states.joined);
    let joined = false;
    afterEachOperation(control, state(1), (operations) => {
      if (operations === moment) joined = join() === states.offered;
    });
    const threads = pool.gather();
    vi.restoreAllMocks();
    expect(threads).toBe(joined ? 3 : 2);
    expect([control[state(1)], control[state(2)]]).toEqual(
      joined ? [begin(1, 3), begin(2, 3)] : [states.idle, begin(1, 2)],
    );
    if (!adaptThreads || moment === 0) expect(joined).toBe(true);
    pool.finish();
  });
});

test("a worker that was offered nothing takes no part, and a later offer finds it", () => {
  const { pool, control, state } = silentPool(3, true);
  for (const threads of [2, 3]) {
    pool.offer(1, threads);
    for (let thread = 1; thread < threads; thread++) control[state(thread)] = states.joined;
    expect(pool.gather()).toBe(threads);
    pool.finish();
    control.fill(states.idle, state(1), state(3));
  }
});

test("where no thread may be missing, one that has failed is named at once, however patient the engine is", () => {
  const { pool, control } = silentPool(2, false);
  control[words.known / 4 + 1] = -1;
  pool.offer(1, 2);
  expect(() => pool.gather()).toThrow(/a worker that is gone: it failed before the run/);
});

test("a worker that has failed knows no program any more, though a later one would be instantiated", () => {
  const errors: (() => void)[] = [];
  const self: { onmessage?: (event: { data: object }) => void } = {};
  runInContext(
    workerSource,
    createContext({ self, performance, queueMicrotask: (throws: () => void) => errors.push(throws) }),
  );
  const memory = new EngineMemory(true);
  const send = (data: object) => self.onmessage!({ data });
  const module = (name: string) => {
    const builder = new ModuleBuilder({ minimumPages: 1, maximumPages: 65536, shared: true });
    builder.import(name, 3);
    return compileModule(builder.encode());
  };
  send({ memory: memory.memory, thread: 1 });
  const known = () => memory.view("int32", words.known, 2)[1];
  send({ program: 1, module: module("sleep") });
  expect(known()).toBe(1);
  send({ program: 2, module: module("nobody has this") });
  expect(known()).toBe(-1);
  send({ program: 3, module: module("sleep") });
  expect(known()).toBe(-1);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toThrow(/nobody has this/);
});
