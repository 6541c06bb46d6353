/**
 * Chooses how many threads share the runs of a program, by how long the runs take: where other work keeps the processors
 * busy, threads that wait for one another can be much slower than one alone. No result depends on the choice.
 */

/** Runs that are not counted at first, while code is compiled. */
const warmUpRuns = 4;
/** After a change of the number of threads, the first comparison follows this soon; the later ones twice as late each. */
const leastIntervalMs = 10;
const leastIntervalRuns = 8;
const mostIntervalMs = 2_000;
/** A trial that lost time is followed by this many times as much without one. */
const timesLost = 64;
/** A comparison takes this share of the time since the last one, but as long as a few turns of the system's scheduler. */
const trialShare = 1 / 32;
const mostTrialMs = 20;
const leastTrialRuns = 2;
/** The mean is of the last runs that took about this long. */
const windowMs = 50;
/** Runs so much slower than at the last comparison call for the next one; a single run as late as this for one at once. */
const suspiciousRatio = 1.5;
const isLate = (ms: number, usualMs: number): boolean => ms > 8 * usualMs + 1;
/** A trial ends early when it is so much slower. */
const hopelessRatio = 1.3;
/** How much faster another number of threads must be to be taken: fewer, or more. */
const gain = { fewer: 0.9, more: 0.95 } as const;
/** Of shorter runs only every eighth is timed, for the clock takes some 100 ns and makes a number on the heap. */
const shortRunMs = 2;

/**
 * Compares the number of threads in use, from time to time, with half and with twice as many. The caller asks `threads`
 * before a run, and tells how long the run took where `isTimed` says so.
 */
export class ThreadGovernor {
  readonly #levels: readonly number[];
  /** The index of the level in use; another while `#trial` is set. */
  #level: number;
  #trial: number | undefined;
  #triesFewer = false;
  #skipped = warmUpRuns;
  #untimed = 0;
  #intervalMs = leastIntervalMs;
  // Of the level in use: recent runs, and those since the last comparison.
  #runs = 0;
  #totalMs = 0;
  #sinceMs = 0;
  #sinceRuns = 0;
  /** The mean at the last comparison; at first a guess. */
  #usualMs: number;
  // Of the trial.
  #trialRuns = 0;
  #trialMs = 0;

  /** `most`: how many threads there are, from 1. `expectedMs`: about how long a run takes on one thread. */
  constructor(most: number, expectedMs: number) {
    const levels = [most];
    while (levels[0]! > 1) levels.unshift(Math.ceil(levels[0]! / 2));
    this.#levels = levels;
    this.#level = levels.length - 1;
    this.#usualMs = expectedMs;
  }

  /** How many threads the next run should have. */
  get threads(): number {
    return this.#levels[this.#trial ?? this.#level]!;
  }

  /** Whether the next run is to be timed; asked once a run. */
  isTimed(): boolean {
    if (this.#untimed === 0 || this.#trial !== undefined) return true;
    this.#untimed--;
    return false;
  }

  /** Takes note of how long a run took. */
  record(ms: number): void {
    if (this.#trial !== undefined) this.#recordTrial(ms);
    else if (this.#skipped > 0 && !isLate(ms, this.#usualMs)) this.#skipped--;
    else this.#recordUsual(ms);
  }

  #recordUsual(ms: number): void {
    this.#runs++;
    this.#totalMs += ms;
    const mean = this.#totalMs / this.#runs;
    const runs = mean < shortRunMs ? 8 : 1;
    this.#untimed = runs - 1;
    this.#sinceRuns += runs;
    this.#sinceMs += runs * ms;
    if (this.#totalMs > windowMs && this.#runs > 2 * leastIntervalRuns) {
      this.#totalMs /= 2;
      this.#runs /= 2;
    }
    // What other work does to threads that wait for one another: fewer may be faster, and soon.
    const fewer = this.#level > 0;
    if (fewer && isLate(ms, this.#usualMs)) this.#beginTrial(-1);
    if (this.#trial !== undefined || this.#sinceRuns < leastIntervalRuns || this.#sinceMs < leastIntervalMs) return;
    if (fewer && mean > suspiciousRatio * this.#usualMs) this.#beginTrial(-1);
    else if (this.#sinceMs >= this.#intervalMs) this.#beginTrial(this.#nextDirection());
  }

  /** Fewer and more threads in turn, where there are both. */
  #nextDirection(): -1 | 1 {
    if (this.#level === 0) return 1;
    this.#triesFewer = !this.#triesFewer || this.#level === this.#levels.length - 1;
    return this.#triesFewer ? -1 : 1;
  }

  #beginTrial(direction: -1 | 1): void {
    if (this.#levels.length === 1) return;
    this.#trial = this.#level + direction;
    this.#trialRuns = 0;
    this.#trialMs = 0;
    // The first run with more threads finds them asleep.
    this.#skipped = direction > 0 ? 1 : 0;
  }

  #recordTrial(ms: number): void {
    const usual = this.#totalMs / this.#runs;
    if (this.#skipped > 0) {
      this.#skipped--;
      // Threads that are so late would be late again.
      if (!isLate(ms, usual)) return;
    }
    this.#trialRuns++;
    this.#trialMs += ms;
    const mean = this.#trialMs / this.#trialRuns;
    const enough = Math.min(mostTrialMs, trialShare * this.#intervalMs);
    const isHopeless = mean > hopelessRatio * usual && this.#trialMs >= enough / 4;
    const isEnough = this.#trialRuns >= leastTrialRuns && this.#trialMs >= enough;
    if (!(isEnough || isHopeless || isLate(ms, usual))) return;
    this.#endTrial(mean, usual);
  }

  #endTrial(mean: number, usual: number): void {
    const ratio = this.#trial! < this.#level ? gain.fewer : gain.more;
    if (mean < ratio * usual) {
      this.#level = this.#trial!;
      this.#runs = this.#trialRuns;
      this.#totalMs = this.#trialMs;
      this.#intervalMs = leastIntervalMs;
    } else {
      const lostMs = this.#trialMs - this.#trialRuns * usual;
      this.#intervalMs = Math.max(Math.min(2 * this.#intervalMs, mostIntervalMs), timesLost * lostMs);
    }
    this.#usualMs = Math.min(mean, usual);
    this.#trial = undefined;
    this.#sinceMs = 0;
    this.#sinceRuns = 0;
    this.#skipped = 0;
    this.#untimed = 0;
  }
}
