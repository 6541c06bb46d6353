/**
 * The programs that are in an engine's memory: at most so many, for a loop that compiles without a turn of the event loop
 * drops programs of which no garbage collector can tell the engine.
 */

/** A program in memory. */
export interface Resident {
  /** The number of the engine's run that was the program's last. */
  readonly lastRun: number;
  /** Gives the program's memory back; called once. */
  unload(): void;
}

export class ResidentPrograms<P extends Resident> {
  readonly #limit: number;
  readonly #programs = new Set<P>();
  /** Tells of owners that were collected, at the next turn of the event loop. */
  readonly #dropped = new FinalizationRegistry<P>((program) => this.release(program));

  constructor(limit: number) {
    this.#limit = limit;
  }

  get count(): number {
    return this.#programs.size;
  }

  /** Adds the program that `load` gives, after room was made for it; at the latest until `owner` is collected. */
  add(owner: object, load: () => P): P {
    while (this.#programs.size >= this.#limit) this.evict();
    const program = load();
    this.#programs.add(program);
    this.#dropped.register(owner, program, program);
    return program;
  }

  /** Unloads a program, unless it was before. */
  release(program: P): void {
    if (!this.#programs.delete(program)) return;
    // Without a turn of the event loop the registry would hold it for good.
    this.#dropped.unregister(program);
    program.unload();
  }

  clear(): void {
    for (const program of [...this.#programs]) this.release(program);
  }

  /** Unloads the program that ran longest ago; false when there is none. */
  evict(): boolean {
    let oldest: P | undefined;
    for (const program of this.#programs) {
      if (oldest === undefined || program.lastRun < oldest.lastRun) oldest = program;
    }
    if (oldest !== undefined) this.release(oldest);
    return oldest !== undefined;
  }
}
