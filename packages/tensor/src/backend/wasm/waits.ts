/** How the caller waits for workers. Its patience is spent only while it runs itself. */

import { now } from "./host.ts";

/** A sleep of the caller at a barrier; then it looks whether a worker has failed. */
export const sleepMs = 1;

/** A sleep of the caller until a worker joins, or knows a program. */
const turnMs = 20;

/**
 * Sleeps while a word has a value, `limitMs` at most. Whether it has another then. A turn counts as long as it should
 * have been, however late it ended: where other work keeps the workers waiting, it does so to the caller too.
 */
export function sleepWhile(control: Int32Array, word: number, value: number, limitMs: number): boolean {
  let waited = 0;
  while (Atomics.load(control, word) === value) {
    if (waited >= limitMs) return false;
    const turn = Math.min(turnMs, limitMs - waited);
    if (Atomics.wait(control, word, value, turn) !== "timed-out") continue;
    waited += turn;
    Atomics.notify(control, word);
  }
  return true;
}

/** Spins while a word has a value, `limitMs` at most. A pause of the caller counts as `sleepMs`, however long it was. */
export function spinWhile(control: Int32Array, word: number, value: number, limitMs: number): void {
  let waited = 0;
  let last = now();
  while (Atomics.load(control, word) === value && waited < limitMs) {
    const time = now();
    waited += Math.min(time - last, sleepMs);
    last = time;
  }
}
