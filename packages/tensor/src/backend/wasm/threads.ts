/**
 * Threads: workers that share the engine's memory. Every thread of a run runs the same program, each its own share of every
 * kernel, and meets the others at barriers (`run.ts`). Which threads take part is decided run by run: those that the run
 * has use for and that are awake. No result depends on it.
 */

import { ArgumentError } from "../../errors.ts";
import { shortSpinBarriers } from "./barrier.ts";
import { describeError, now, sleeps, startsWorkersAtOnce, startWorker, type Worker, warn } from "./host.ts";
import type { EngineMemory } from "./memory.ts";
import { addPool, nextUse, type OpenPool, removePool } from "./open-pools.ts";
import { ThreadGovernor } from "./thread-governor.ts";
import { begin, states, words } from "./thread-words.ts";
import { sleepMs, sleepWhile, spinWhile } from "./waits.ts";
import { workerSource } from "./worker-source.ts";

/** How long the caller waits for a worker to join a run: for one that spins, and for one that must wake up first. */
const joinMs = { awake: 0.05, asleep: 0.3 } as const;

/** How long the caller waits for a worker to instantiate a program, where it can start meanwhile. */
const instantiateMs = 1000;

/** How the caller and its workers share runs. */
export interface ThreadOptions {
  /** How many threads there are, the caller among them. */
  readonly threads: number;
  /** Whether runs go on without threads that are late, or gone, or whose help makes runs slower; else they wait for all. */
  readonly adaptThreads: boolean;
  /** How long a thread waits for the others before it gives them up for lost. */
  readonly patienceMs: number;
}

/** The workers of an engine. */
export class ThreadPool implements OpenPool {
  /** Whether the workers were ended for those of other engines: then a new pool takes this one's place. */
  isRetired = false;
  lastUse: number = nextUse();
  readonly #options: ThreadOptions;
  readonly #workers: Worker[] = [];
  #control: Int32Array;
  /** Why no program may be shared any more. */
  #failure: string | undefined;
  /** Why a worker is gone, where others or the caller can do without it. */
  #loss: string | undefined;
  /** Whether a thread did not learn a program in the time that the caller waited for it. */
  readonly #isLate: boolean[] = [];
  /** Whether a worker can run nothing any more, whatever it says. */
  readonly #isLost: boolean[] = [];
  /** Which workers take part in the run that begins. */
  readonly #takesPart: boolean[] = [];
  /** Whether workers run a program, and will wait at its barriers for the caller. */
  #isRunning = false;
  #nextProgram = 1;

  /** @throws ArgumentError where the host does not start workers, or has none that share memory. */
  constructor(memory: EngineMemory, options: ThreadOptions) {
    this.#options = options;
    this.#control = memory.view("int32", 0, 128);
    addPool(this);
    try {
      for (let thread = 1; thread < options.threads; thread++) this.#start(thread, memory);
    } catch (error) {
      this.close();
      throw new ArgumentError({
        operation: "wasm",
        received: `${options.threads} threads in a host that refuses workers with shared memory (${describeError(error)})`,
        expected: "threads: 1, or a host that starts workers",
        fix: "In a page let Content-Security-Policy allow worker-src blob:, and serve it with COOP: same-origin and COEP: require-corp.",
      });
    }
  }

  #start(thread: number, memory: EngineMemory): void {
    const worker = startWorker(workerSource);
    this.#workers.push(worker);
    const lose = (event: unknown): void => this.#lose(thread, event);
    worker.on?.("error", lose);
    worker.on?.("exit", (code) => lose(new Error(`it exited with code ${code}`)));
    worker.addEventListener?.("error", (event) => {
      event.preventDefault?.();
      lose(event);
    });
    worker.unref?.();
    worker.postMessage({ memory: memory.memory, thread });
  }

  /** Takes note of a worker that is gone. */
  #lose(thread: number, event: unknown): void {
    if (this.#failure !== undefined) return;
    this.#isLost[thread] = true;
    if (this.#loss !== undefined) return;
    this.#loss = describeError(event);
    if (this.#options.adaptThreads)
      warn(`@nn/tensor: a thread is gone (${this.#loss}). The others do its work; results stay the same.`);
  }

  /** Hands a program's module to every worker. Returns its number. */
  add(module: object): number {
    const program = this.#nextProgram++;
    this.#tell({ program, module });
    return program;
  }

  /** Lets every worker forget a program. */
  remove(program: number): void {
    this.#tell({ program });
  }

  #tell(message: { readonly program: number; readonly module?: object }): void {
    for (const [i, worker] of this.#workers.entries()) {
      try {
        worker.postMessage(message);
      } catch (error) {
        // A host that hands on memory but no module.
        this.#lose(i + 1, error);
      }
    }
  }

  /** What chooses the number of threads of the runs of a program; undefined where it is always the same. */
  governor(expectedMs: number): ThreadGovernor | undefined {
    return this.#options.adaptThreads ? new ThreadGovernor(this.#options.threads, expectedMs) : undefined;
  }

  /**
   * Offers a run of a program to the workers, for `threads` threads in all. The caller then prepares the run, and calls
   * `gather`, or `dismiss` if it cannot run.
   * @throws ArgumentError when a worker was lost in the middle of a run, and where no thread may be missing when one is gone.
   */
  offer(program: number, threads: number): void {
    if (this.#failure === undefined && this.#loss !== undefined && !this.#options.adaptThreads)
      this.#failure = this.#loss;
    if (this.#isRunning) this.close("a run ended in the middle");
    if (this.#failure !== undefined) throw lostWorker(this.#failure);
    this.lastUse = nextUse();
    const control = this.#control;
    Atomics.store(control, words.program / 4, program);
    for (let thread = 1; thread < threads; thread++) {
      if (!this.#knows(thread, program)) continue;
      const state = words.state / 4 + thread;
      Atomics.store(control, state, states.offered);
      if (Atomics.load(control, words.asleep / 4 + thread) === 1) Atomics.notify(control, state);
    }
  }

  /**
   * Lets the workers that have joined begin, as threads 1 and up. Returns how many threads there are; the caller is thread 0,
   * and calls `finish` after its part.
   */
  gather(): number {
    let joined = 1;
    for (let thread = 1; thread < this.#options.threads; thread++) {
      // A worker is asked once: the same answer counts it here and lets it begin below.
      const takesPart = this.#hasJoined(thread);
      this.#takesPart[thread] = takesPart;
      if (takesPart) joined++;
    }
    if (joined < this.#options.threads && !this.#options.adaptThreads && startsWorkersAtOnce) this.#missed();
    this.#isRunning = joined > 1;
    let next = 1;
    for (let thread = 1; thread < this.#options.threads; thread++) {
      if (this.#takesPart[thread] !== true) continue;
      const state = words.state / 4 + thread;
      Atomics.store(this.#control, state, begin(next++, joined));
      if (Atomics.load(this.#control, words.asleep / 4 + thread) === 1) Atomics.notify(this.#control, state);
    }
    return joined;
  }

  /** Takes note that the run has reached its end, where all threads have met. */
  finish(): void {
    this.#isRunning = false;
  }

  /** Takes back what `offer` has offered. */
  dismiss(): void {
    for (let thread = 1; thread < this.#options.threads; thread++) {
      const state = words.state / 4 + thread;
      Atomics.store(this.#control, state, states.idle);
      Atomics.notify(this.#control, state);
    }
  }

  /** Waits for a worker that was offered the run, then withdraws the offer. Whether it was too late for that. */
  #hasJoined(thread: number): boolean {
    const control = this.#control;
    const state = words.state / 4 + thread;
    const { adaptThreads, patienceMs } = this.#options;
    if (!adaptThreads && sleeps()) {
      Atomics.store(control, words.callerSleeps / 4, 1);
      sleepWhile(control, state, states.offered, patienceMs);
      Atomics.store(control, words.callerSleeps / 4, 0);
    } else if (Atomics.load(control, state) === states.offered) {
      const asleep = Atomics.load(control, words.asleep / 4 + thread) === 1;
      const limit = !adaptThreads ? patienceMs : asleep ? joinMs.asleep : joinMs.awake;
      spinWhile(control, state, states.offered, limit);
    }
    // A worker may join at any moment before this one: of two looks at the state each could see another.
    return Atomics.compareExchange(control, state, states.offered, states.idle) === states.joined;
  }

  /** Whether a worker has instantiated a program, for which the caller waits where workers start meanwhile. */
  #knows(thread: number, program: number): boolean {
    const word = words.known / 4 + thread;
    const { adaptThreads, patienceMs } = this.#options;
    for (;;) {
      if (this.#isLost[thread] === true) return false;
      const known = Atomics.load(this.#control, word);
      if (known >= program) {
        this.#isLate[thread] = false;
        return true;
      }
      if (known === -1 || !startsWorkersAtOnce || this.#isLate[thread] === true) return false;
      const limit = adaptThreads ? Math.min(instantiateMs, patienceMs) : patienceMs;
      if (sleepWhile(this.#control, word, known, limit)) continue;
      if (!adaptThreads) this.#stalled();
      this.#isLate[thread] = true;
    }
  }

  /**
   * What the caller's barriers call when the others are late, of a program whose kernels may take `kernelMs`: sleeps, where
   * that is allowed.
   */
  sleeper(kernelMs: number): (thread: number, generation: number, calls: number) => void {
    const control = this.#control;
    const limit = this.#options.patienceMs + kernelMs;
    const maySleep = sleeps();
    let [waited, last] = [0, 0];
    return (thread, generation, calls) => {
      const shortSpins = words.shortSpins / 4 + thread;
      if (calls === 0) control[shortSpins] = control[shortSpins]! > 0 ? control[shortSpins]! - 1 : shortSpinBarriers;
      if (Atomics.load(control, words.failed / 4) === 1) this.#abandon("it failed in the middle of a run");
      if (maySleep) {
        Atomics.add(control, words.sleepers / 4, 1);
        Atomics.wait(control, words.generation / 4, generation, sleepMs);
        Atomics.sub(control, words.sleepers / 4, 1);
        if (calls * sleepMs > limit) this.#stalled();
        return;
      }
      // While the caller itself does not run, as in a page that is suspended, its patience is not spent.
      const time = now();
      waited = calls === 0 ? 0 : waited + Math.min(time - last, sleepMs);
      last = time;
      if (waited > limit) this.#stalled();
    };
  }

  /** What happens where a run cannot have all of its threads. */
  #missed(): never {
    for (let thread = 1; thread < this.#options.threads; thread++)
      if (Atomics.load(this.#control, words.known / 4 + thread) === -1)
        this.#abandon(this.#loss ?? "it failed before the run");
    this.#stalled();
  }

  /** What happens when the others do not come. */
  #stalled(): never {
    this.#abandon(this.#loss ?? `it did not come to a barrier within ${this.#options.patienceMs} ms`);
  }

  #abandon(why: string): never {
    this.close(why);
    throw lostWorker(why);
  }

  /** Ends the workers. */
  close(why = "the engine was closed"): void {
    if (this.isRetired) this.#failure = why;
    this.isRetired = false;
    this.#end(why);
  }

  retire(): void {
    this.#end("other engines have its workers' place");
    this.isRetired = true;
  }

  #end(why: string): void {
    this.#failure ??= why;
    removePool(this);
    for (const worker of this.#workers) worker.terminate();
    // The host holds a worker, and with it this pool, until the event loop has a turn: not the engine's memory as well.
    this.#control = new Int32Array(0);
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
