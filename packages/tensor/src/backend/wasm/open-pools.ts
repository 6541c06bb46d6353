/**
 * The engines of this thread that have workers: at most so many, for of an engine that is dropped without a turn of the event
 * loop no garbage collector can tell.
 */

const mostPools = 8;

/** The workers of one engine. */
export interface OpenPool {
  /** Grows from run to run, over all pools. */
  readonly lastUse: number;
  /** Ends the workers, for others. */
  retire(): void;
}

const pools = new Set<OpenPool>();
let uses = 0;

/** Notes a pool whose workers are to start, after the one that was used longest ago gave up its own where there are too many. */
export function addPool(pool: OpenPool): void {
  while (pools.size >= mostPools)
    [...pools].reduce((oldest, each) => (each.lastUse < oldest.lastUse ? each : oldest)).retire();
  pools.add(pool);
}

/** Notes that the workers of a pool have ended. */
export function removePool(pool: OpenPool): void {
  pools.delete(pool);
}

/** A larger number at each call. */
export function nextUse(): number {
  return ++uses;
}
