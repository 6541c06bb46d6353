/** The words of the reserved memory by which threads meet: byte addresses, and the states of a worker. */

/**
 * What every run changes has a cache line of its own. The last four hold a word for each thread: `state` (below); `asleep`,
 * whether the thread must be notified; `known`, the last program that it has instantiated, −1 after it has failed; and
 * `shortSpins`, at how many of its next barriers the thread uses `spinsWhenOversubscribed`.
 */
export const words = {
  program: 0,
  /** Whether a worker has failed in the middle of a run. */
  failed: 4,
  /** Whether the caller sleeps until a worker joins. */
  callerSleeps: 8,
  arrived: 64,
  generation: 128,
  sleepers: 192,
  state: 256,
  asleep: 320,
  known: 384,
  shortSpins: 448,
} as const;

/**
 * A worker takes part in a run that it is offered when it joins before the caller withdraws the offer. The caller then sets the
 * state to `begin(thread, threads)`, and the worker runs as one of so many.
 */
export const states = { idle: 0, offered: 1, joined: 2 } as const;

/** The state that lets a joined worker begin as number `thread` of `threads`. Above every other state. */
export function begin(thread: number, threads: number): number {
  return (thread << 8) | threads;
}
