/** Wall time: the only clock of a run. No result depends on it. */

/** Runs from its making, but for its pauses. */
export class Stopwatch {
  #beforeMs: number;
  #sinceMs: number = performance.now();

  /** @param beforeMs what it shows at first; default 0. */
  constructor(beforeMs: number = 0) {
    this.#beforeMs = beforeMs;
  }

  pause(): void {
    this.#beforeMs = this.elapsedMs;
    this.#sinceMs = Number.NaN;
  }

  resume(): void {
    this.#sinceMs = performance.now();
  }

  get elapsedMs(): number {
    return Number.isNaN(this.#sinceMs) ? this.#beforeMs : this.#beforeMs + performance.now() - this.#sinceMs;
  }
}
