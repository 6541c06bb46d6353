/** Room for others on the thread that trains. */

const BUSY_MS = 50;

/**
 * Lets timers, clicks and signals be handled: call it after each step. It waits for the next turn of the event loop when
 * the last one is 50 ms ago, and costs nothing otherwise.
 */
export class Pause {
  #lastMs = performance.now();

  async take(): Promise<void> {
    if (performance.now() - this.#lastMs < BUSY_MS) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#lastMs = performance.now();
  }
}
