/**
 * Threads: workers that share the engine's memory. Every thread runs the same program, each its own share of every
 * kernel, and meets the others at barriers. The shares depend on the shapes and the number of threads alone, and no
 * result depends on the shares.
 */

import { ArgumentError } from "../../errors.ts";
import type { I32 } from "./assembler/expression.ts";
import type { FunctionBuilder, FunctionReference } from "./assembler/module.ts";
import { atomic, drop, i32, select } from "./assembler/scalar.ts";
import { startsWorkersAtOnce, startWorker, type Worker } from "./host.ts";
import type { EngineMemory } from "./memory.ts";

/**
 * Addresses in the reserved memory: a cache line each; then for each worker the last program that it knows, and for each
 * thread how often it waits but shortly.
 */
const words = { ticket: 0, arrived: 64, generation: 128, sleepers: 192, known: 256, hurried: 384 } as const;

/**
 * Turns of a barrier's loop before a thread sleeps. It must wait longer than another takes to wake up, some 60 µs: were it
 * asleep itself when the other comes, the two would wake each other at every barrier from then on. A fence makes a turn take
 * 10 to 20 ns on any processor, where a loop of loads alone takes a quarter of one or a whole one.
 */
const spins = 5_000;
/**
 * Where more threads want to run than there are processors, the one that waits keeps the one that it waits for from
 * running: having waited in vain, a thread yields soon, this many times, and then tries again.
 */
const spinsInHaste = 250;
const hastes = 16;
const sleepNanoseconds = 1_000_000;
/** How many times `spins` turns make about a millisecond, where a thread may not sleep. */
const spinsPerMillisecond = 12;

/** How a program waits. */
export interface Patience {
  /** Whether the calling thread may sleep. */
  readonly canSleep: boolean;
  /** How long a thread waits at a barrier before it gives the others up for lost. */
  readonly milliseconds: number;
}

/**
 * Emits the body of a barrier (thread, threads): spins, then sleeps; calls `stalled` when the others do not come. Of one
 * thread it asks nothing.
 */
export function emitBarrier(f: FunctionBuilder, patience: Patience, stalled: FunctionReference): void {
  const [arrived, generation, sleepers] = [
    i32.const(words.arrived),
    i32.const(words.generation),
    i32.const(words.sleepers),
  ];
  const [thread, threads] = [f.parameter(0), f.parameter(1)];
  f.if(i32.eq(threads.get, i32.const(1)), () => f.return());
  const hurried = i32.add(i32.const(words.hurried), i32.shl(thread.get, i32.const(2)));
  const before = f.let(atomic.load(generation));
  f.if(
    i32.eq(atomic.add(arrived, i32.const(1)), i32.sub(threads.get, i32.const(1))),
    () => {
      f.add(atomic.store(arrived, i32.const(0)), drop(atomic.add(generation, i32.const(1))));
      f.if(atomic.load(sleepers), () => f.add(drop(atomic.notify(generation))));
    },
    () => wait(f, { generation: atomic.load(generation), before: before.get, hurried }, patience, stalled),
  );
}

interface Wait {
  readonly generation: I32;
  readonly before: I32;
  /** The address of how many times more the thread waits in haste. */
  readonly hurried: I32;
}

/** Waits until `generation` is no longer `before`. */
function wait(
  f: FunctionBuilder,
  { generation, before, hurried }: Wait,
  { canSleep, milliseconds }: Patience,
  stalled: FunctionReference,
): void {
  const left = f.let(i32.load(hurried));
  const most = f.let(canSleep ? select(i32.const(spinsInHaste), i32.const(spins), left.get) : i32.const(spins));
  const turns = f.let(i32.const(0));
  const waits = f.let(i32.const(0));
  f.while(i32.eq(generation, before), () => {
    f.add(atomic.fence, turns.set(i32.add(turns.get, i32.const(1))));
    f.if(i32.gtU(turns.get, most.get), () => {
      if (canSleep) {
        f.if(i32.eqz(waits.get), () => {
          f.add(i32.store(hurried, select(i32.sub(left.get, i32.const(1)), i32.const(hastes), left.get)));
        });
        f.add(drop(atomic.add(i32.const(words.sleepers), i32.const(1))));
        f.add(drop(atomic.wait(i32.const(words.generation), before, sleepNanoseconds)));
        f.add(drop(atomic.add(i32.const(words.sleepers), i32.const(-1))));
      } else f.add(turns.set(i32.const(0)));
      f.add(waits.set(i32.add(waits.get, i32.const(1))));
      const limit = Math.ceil(milliseconds * (canSleep ? 1 : spinsPerMillisecond));
      f.if(i32.gtU(waits.get, i32.const(limit)), () => f.call(stalled));
    });
  });
}

/** What a worker runs: waits for tickets, and for each runs the program that main names. Plain JavaScript, as text. */
const workerSource = `
const isNode = typeof process === "object" && process.versions?.node !== undefined;
const port = isNode ? require("node:worker_threads").parentPort : self;
const programs = new Map();
let control, memory, thread, threads;
const onMessage = (message) => {
  if (message.memory !== undefined) {
    ({ memory, thread, threads } = message);
    control = new Int32Array(memory.buffer, 0, 128);
    loop();
  } else if (message.module !== undefined) {
    const engine = { memory, reference() {}, stalled() { throw new Error("stalled"); } };
    programs.set(message.program, new WebAssembly.Instance(message.module, { engine }).exports.run);
    Atomics.store(control, 64 + thread, message.program);
    Atomics.notify(control, 64 + thread);
  } else programs.delete(message.program);
};
if (isNode) port.on("message", onMessage);
else port.onmessage = (event) => onMessage(event.data);
const pause = Atomics.pause ?? (() => {});
async function loop() {
  let seen = 0;
  for (;;) {
    // Two milliseconds of spinning bridge the time between steps; then the event loop has its turn.
    const until = performance.now() + 2;
    let ticket = Atomics.load(control, 0);
    while (ticket === seen && performance.now() < until) {
      for (let i = 0; i < 4; i++) pause();
      ticket = Atomics.load(control, 0);
    }
    if (ticket === seen) {
      const waiting = Atomics.waitAsync(control, 0, seen);
      if (waiting.async) await waiting.value;
      continue;
    }
    seen = ticket;
    programs.get(Atomics.load(control, 1))(thread, threads);
  }
}
`;

/** The workers of an engine. */
export class ThreadPool {
  readonly count: number;
  readonly #patienceMs: number;
  readonly #workers: Worker[] = [];
  readonly #control: Int32Array;
  #failure: string | undefined;
  #nextProgram = 1;

  constructor(count: number, memory: EngineMemory, patienceMs: number) {
    this.count = count;
    this.#patienceMs = patienceMs;
    this.#control = memory.view("int32", 0, 128);
    for (let thread = 1; thread < count; thread++) {
      const worker = startWorker(workerSource);
      const fail = (why: unknown): void => {
        this.#failure ??= String((why as { message?: string })?.message ?? why);
      };
      worker.on?.("error", fail);
      worker.on?.("exit", (code) => fail(`it exited with code ${code}`));
      worker.addEventListener?.("error", fail);
      worker.unref?.();
      worker.postMessage({ memory: memory.memory, thread, threads: count });
      this.#workers.push(worker);
    }
  }

  /** Hands a program's module to every worker. Returns its number. */
  add(module: object): number {
    const program = this.#nextProgram++;
    for (const worker of this.#workers) worker.postMessage({ program, module });
    return program;
  }

  /** Lets every worker forget a program. */
  remove(program: number): void {
    for (const worker of this.#workers) worker.postMessage({ program });
  }

  /**
   * Lets every worker begin the program; the caller is thread 0. Returns how many threads there are: one alone while
   * workers still start, which in a page they do only when the caller leaves the event loop to them.
   * @throws ArgumentError when a worker has died.
   */
  start(program: number): number {
    if (this.#failure !== undefined) throw lostWorker(this.#failure);
    for (let thread = 1; thread < this.count; thread++) if (!this.#knows(thread, program)) return 1;
    Atomics.store(this.#control, words.ticket / 4 + 1, program);
    Atomics.add(this.#control, words.ticket / 4, 1);
    Atomics.notify(this.#control, words.ticket / 4);
    return this.count;
  }

  /** Whether a worker has instantiated a program, for which a thread of Node waits. */
  #knows(thread: number, program: number): boolean {
    const word = words.known / 4 + thread;
    for (;;) {
      const known = Atomics.load(this.#control, word);
      if (known >= program) return true;
      if (!startsWorkersAtOnce) return false;
      if (Atomics.wait(this.#control, word, known, this.#patienceMs) === "timed-out") this.stalled();
    }
  }

  /** What a barrier calls when the others do not come. */
  stalled(): never {
    this.close(`it did not come to a barrier within ${this.#patienceMs} ms`);
    throw lostWorker(this.#failure!);
  }

  /** Ends the workers. */
  close(why = "the engine was closed"): void {
    this.#failure = why;
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
