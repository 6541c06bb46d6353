/** Averages over batches of different sizes. */

import type { Score } from "./events.ts";

/** The mean loss and accuracy over rows that come in batches. */
export class ScoreSum {
  #rows = 0;
  #loss = 0;
  #correct = 0;

  /** Adds a batch of `rows`. */
  add({ loss, accuracy }: Score, rows: number): void {
    this.#rows += rows;
    this.#loss += loss * rows;
    // Whole again: the share was made from a count.
    this.#correct += Math.round(accuracy * rows);
  }

  /** NaN over no rows. */
  score(): Score {
    return { loss: this.#loss / this.#rows, accuracy: this.#correct / this.#rows };
  }
}
