/**
 * Threads: workers that share the engine's memory. Every thread runs the same program, each its own share of every
 * kernel, and meets the others at barriers. The shares depend on the shapes and the number of threads alone, and no
 * result depends on the shares.
 */

import { ArgumentError } from "../../errors.ts";
import type { FunctionBuilder, FunctionReference } from "./assembler/module.ts";
import { atomic, drop, i32 } from "./assembler/scalar.ts";
import { startWorker, type Worker } from "./host.ts";
import type { EngineMemory } from "./memory.ts";

/** Words of the reserved memory, a cache line each. */
const words = { ticket: 0, arrived: 64, generation: 128, sleepers: 192 } as const;

/** Turns of a barrier's loop before a thread sleeps, some 20 µs. */
const spins = 20_000;
const sleepNanoseconds = 1_000_000;
/** Sleeps before a barrier gives the others up for lost: half a minute. */
const patience = 30_000;

/** Emits the body of a barrier for `threads`: spins, then sleeps; calls `stalled` when the others do not come. */
export function emitBarrier(f: FunctionBuilder, threads: number, canSleep: boolean, stalled: FunctionReference): void {
  const [arrived, generation, sleepers] = [
    i32.const(words.arrived),
    i32.const(words.generation),
    i32.const(words.sleepers),
  ];
  const before = f.let(atomic.load(generation));
  f.if(
    i32.eq(atomic.add(arrived, i32.const(1)), i32.const(threads - 1)),
    () => {
      f.add(atomic.store(arrived, i32.const(0)), drop(atomic.add(generation, i32.const(1))));
      f.if(atomic.load(sleepers), () => f.add(drop(atomic.notify(generation))));
    },
    () => {
      const turns = f.let(i32.const(0));
      const sleeps = f.let(i32.const(0));
      f.while(i32.eq(atomic.load(generation), before.get), () => {
        f.add(turns.set(i32.add(turns.get, i32.const(1))));
        f.if(i32.gtU(turns.get, i32.const(spins)), () => {
          if (canSleep) {
            f.add(drop(atomic.add(sleepers, i32.const(1))));
            f.add(drop(atomic.wait(generation, before.get, sleepNanoseconds)));
            f.add(drop(atomic.add(sleepers, i32.const(-1))));
          } else f.add(turns.set(i32.const(0)));
          f.add(sleeps.set(i32.add(sleeps.get, i32.const(1))));
          f.if(i32.gtU(sleeps.get, i32.const(canSleep ? patience : patience * 50)), () => f.call(stalled));
        });
      });
    },
  );
}

/** What a worker runs: waits for tickets, and for each runs the program that main names. Plain JavaScript, as text. */
const workerSource = `
const isNode = typeof process === "object" && process.versions?.node !== undefined;
const port = isNode ? require("node:worker_threads").parentPort : self;
const programs = new Map();
let control, memory, thread;
const onMessage = (message) => {
  if (message.memory !== undefined) {
    ({ memory, thread } = message);
    control = new Int32Array(memory.buffer, 0, 64);
    loop();
  } else if (message.module !== undefined) {
    const engine = { memory, reference() {}, stalled() { throw new Error("stalled"); } };
    programs.set(message.program, new WebAssembly.Instance(message.module, { engine }).exports.run);
  } else programs.delete(message.program);
};
if (isNode) port.on("message", onMessage);
else port.onmessage = (event) => onMessage(event.data);
const pause = Atomics.pause ?? (() => {});
const nextTask = () => new Promise((resolve) => setTimeout(resolve, 0));
async function loop() {
  let seen = 0;
  for (;;) {
    // Two milliseconds of spinning bridge the time between steps; then the event loop has its turn.
    const until = performance.now() + 2;
    let ticket = Atomics.load(control, 0);
    while (ticket === seen && performance.now() < until) {
      for (let i = 0; i < 50; i++) pause();
      ticket = Atomics.load(control, 0);
    }
    if (ticket === seen) {
      const waiting = Atomics.waitAsync(control, 0, seen);
      if (waiting.async) await waiting.value;
      continue;
    }
    const program = Atomics.load(control, 1);
    while (!programs.has(program)) await nextTask();
    seen = ticket;
    programs.get(program)(thread);
  }
}
`;

/** The workers of an engine. */
export class ThreadPool {
  readonly count: number;
  readonly #workers: Worker[] = [];
  readonly #control: Int32Array;
  #failure: string | undefined;
  #nextProgram = 1;
  readonly #registry = new FinalizationRegistry<number>((program) => {
    for (const worker of this.#workers) worker.postMessage({ program });
  });

  /** @throws ArgumentError where memory cannot be shared. */
  constructor(count: number, memory: EngineMemory) {
    this.count = count;
    this.#control = memory.view("int32", 0, 64);
    for (let thread = 1; thread < count; thread++) {
      const worker = startWorker(workerSource);
      const fail = (why: unknown): void => {
        this.#failure ??= String((why as { message?: string })?.message ?? why);
      };
      worker.on?.("error", fail);
      worker.on?.("exit", (code) => fail(`it exited with code ${code}`));
      worker.addEventListener?.("error", fail);
      worker.unref?.();
      worker.postMessage({ memory: memory.memory, thread });
      this.#workers.push(worker);
    }
  }

  /** Hands a program's module to every worker, who forget it when `owner` is garbage-collected. Returns its number. */
  add(module: object, owner: object): number {
    const program = this.#nextProgram++;
    for (const worker of this.#workers) worker.postMessage({ program, module });
    this.#registry.register(owner, program);
    return program;
  }

  /** Lets every worker begin the program; the caller is thread 0. @throws ArgumentError when a worker has died. */
  start(program: number): void {
    if (this.#failure !== undefined) throw lostWorker(this.#failure);
    Atomics.store(this.#control, 1, program);
    Atomics.add(this.#control, 0, 1);
    Atomics.notify(this.#control, 0);
  }

  /** What a barrier calls when the others do not come. */
  stalled(): never {
    this.#failure = "it did not come to a barrier";
    throw lostWorker(this.#failure);
  }

  /** Ends the workers. */
  close(): void {
    this.#failure = "the engine was closed";
    for (const worker of this.#workers) worker.terminate();
  }
}

function lostWorker(why: string): ArgumentError {
  return new ArgumentError({
    operation: "wasm threads",
    received: `a worker that is gone: ${why}`,
    expected: "every worker to take its share of a run",
    fix: "Make a new engine; the state of this one may be half updated.",
  });
}
