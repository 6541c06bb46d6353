/** The runs of a program that threads share. */

import { now } from "./host.ts";
import type { ThreadGovernor } from "./thread-governor.ts";
import type { ThreadPool } from "./threads.ts";

export class SharedRuns {
  readonly #pool: ThreadPool;
  readonly #program: number;
  readonly #most: number;
  readonly #governor: ThreadGovernor | undefined;
  #isTimed = false;
  #began = 0;

  /** `threads`: how many there are at most; `expectedMs`: about how long a run takes on one. */
  constructor(pool: ThreadPool, program: number, { threads, expectedMs }: { threads: number; expectedMs: number }) {
    this.#pool = pool;
    this.#program = program;
    this.#most = threads;
    this.#governor = pool.governor(expectedMs);
  }

  /** Offers the next run to the other threads; the caller copies the inputs meanwhile. @throws ArgumentError after a loss. */
  begin(): void {
    const governor = this.#governor;
    this.#isTimed = governor?.isTimed() ?? false;
    if (this.#isTimed) this.#began = now();
    this.#pool.offer(this.#program, governor?.threads ?? this.#most);
  }

  /** Whether the workers were ended for those of other engines. */
  get isRetired(): boolean {
    return this.#pool.isRetired;
  }

  /** Lets the workers forget the program. */
  forget(): void {
    this.#pool.remove(this.#program);
  }

  /** Takes the offer back: there is no run. */
  cancel(): void {
    this.#pool.dismiss();
  }

  /** Runs `run` (thread, threads) as thread 0. Returns how many threads there were. */
  run(run: (thread: number, threads: number) => void): number {
    // What `run` throws leaves the others at a barrier: without `finish` the next offer ends them.
    const threads = this.#pool.gather();
    run(0, threads);
    this.#pool.finish();
    if (this.#isTimed) this.#governor!.record(now() - this.#began);
    return threads;
  }
}
