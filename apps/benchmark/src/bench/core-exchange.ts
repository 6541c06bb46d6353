/**
 * How long two cores take to pass a value to and fro. It decides what a second thread gains, and it is not the machine's
 * alone: a hypervisor moves its guests' cores about, now to one chip, now to two, where each exchange takes five times as long.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";

/** Places in the shared memory, a cache line each: a request, the ball as it goes, the ball as it comes back. */
const [REQUEST, THERE, BACK] = [0, 16, 32];
const PASSES = 200;
const GAMES = 9;
const PAUSE_MS = 300;
/** Some milliseconds: who waits so long for one pass has no second core. */
const MOST_SPINS = 2_000_000;

const partner = `
const { workerData: words } = require("node:worker_threads");
for (;;) {
  Atomics.wait(words, ${REQUEST}, 0);
  for (let i = 1; i <= ${PASSES} && Atomics.load(words, ${REQUEST}) === 1; i++) {
    while (Atomics.load(words, ${THERE}) !== i && Atomics.load(words, ${REQUEST}) === 1);
    Atomics.store(words, ${BACK}, i);
  }
  Atomics.store(words, ${REQUEST}, 0);
}
`;

/** Cores are far from each other when an exchange takes this many times the shortest that was measured. */
const APART = 2;

export class CoreExchange {
  #least = Number.POSITIVE_INFINITY;
  readonly #words = new Int32Array(new SharedArrayBuffer(256));
  readonly #partner = new Worker(partner, { eval: true, workerData: this.#words, execArgv: [] });

  constructor() {
    this.#partner.unref();
  }

  /** Nanoseconds there and back, the median of a few tries; NaN where there is no second core at the time. */
  measure(): number {
    const games = Array.from({ length: GAMES }, () => this.#play()).sort((a, b) => a - b);
    return games.some(Number.isNaN) ? Number.NaN : games[(GAMES - 1) / 2]!;
  }

  /** The same once the cores are near each other, as far as they have been seen to be; after `patienceMs` wherever they are. */
  async whenNear(patienceMs: number): Promise<number> {
    const startedMs = performance.now();
    for (;;) {
      const time = this.measure();
      this.#least = Math.min(this.#least, Number.isNaN(time) ? this.#least : time);
      if (!(time > APART * this.#least) || performance.now() - startedMs > patienceMs) return time;
      await sleep(PAUSE_MS);
    }
  }

  #play(): number {
    const words = this.#words;
    Atomics.store(words, THERE, 0);
    Atomics.store(words, BACK, 0);
    Atomics.store(words, REQUEST, 1);
    Atomics.notify(words, REQUEST);
    // The first passes wake the partner.
    let startedMs = 0;
    let isLost = false;
    for (let i = 1; i <= PASSES && !isLost; i++) {
      if (i === PASSES / 2) startedMs = performance.now();
      Atomics.store(words, THERE, i);
      for (let spins = 0; Atomics.load(words, BACK) !== i && !isLost; spins++) isLost = spins > MOST_SPINS;
    }
    const durationMs = performance.now() - startedMs;
    if (isLost) Atomics.store(words, REQUEST, 0);
    else while (Atomics.load(words, REQUEST) !== 0);
    return isLost ? Number.NaN : (1e6 * durationMs) / (PASSES / 2 + 1);
  }

  close(): void {
    void this.#partner.terminate();
  }
}
