/** How far a run is: a bar with rate and time left on a terminal, a line now and then elsewhere. */

import { SingleBar } from "cli-progress";
import type { PrepareProgress } from "../../prepare/prepare-options.ts";
import { count, type Io } from "./io.ts";
import { printable } from "./printable.ts";

export interface ProgressReport {
  readonly onProgress: (progress: PrepareProgress) => void;
  readonly stop: () => void;
}

const signals = ["SIGINT", "SIGTERM"] as const;

/** Time between two lines. */
const linesEveryMs = 5000;

export function reportProgress(name: string, io: Io): ProgressReport {
  const shown = printable(name);
  return io.terminal === undefined ? lines(shown, io) : bar(shown, io.terminal, io.now);
}

/** Rows since the first report, a second: what an earlier run did costs no time. */
class Rate {
  readonly #now: () => number;
  #start: { readonly ms: number; readonly rows: number } | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  of({ rows, totalRows }: PrepareProgress): { rate: number; secondsLeft: number } {
    this.#start ??= { ms: this.#now(), rows };
    const seconds = (this.#now() - this.#start.ms) / 1000;
    const rate = seconds > 0 ? (rows - this.#start.rows) / seconds : 0;
    return { rate, secondsLeft: rate > 0 ? (totalRows - rows) / rate : Number.NaN };
  }
}

const describe = ({ rate, secondsLeft }: { rate: number; secondsLeft: number }): string =>
  Number.isNaN(secondsLeft) ? "" : `${count(Math.round(rate))}/s, ${Math.ceil(secondsLeft)} s left`;

function bar(name: string, stream: NodeJS.WriteStream, now: () => number): ProgressReport {
  const rate = new Rate(now);
  const format = "{name} [{bar}] {percentage} %  {value}/{total}  {pace}{skipped}";
  const bar = new SingleBar({ format, stream, hideCursor: true, barsize: 24, clearOnComplete: true });
  // The bar hides the cursor and turns off line wrap: both come back before the process ends as it would have.
  const interrupt = (signal: NodeJS.Signals) => {
    bar.stop();
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.once(signal, interrupt);
  return {
    onProgress: (progress) => {
      const { rows, totalRows, skipped } = progress;
      const payload = { name, pace: describe(rate.of(progress)), skipped: skipped > 0 ? `, ${skipped} left out` : "" };
      if (bar.isActive) bar.update(rows, payload);
      else bar.start(totalRows, rows, payload);
    },
    stop: () => {
      for (const signal of signals) process.off(signal, interrupt);
      bar.stop();
    },
  };
}

function lines(name: string, io: Io): ProgressReport {
  const rate = new Rate(io.now);
  let next = io.now() + linesEveryMs;
  return {
    onProgress: (progress) => {
      const pace = describe(rate.of(progress));
      if (io.now() < next) return;
      next = io.now() + linesEveryMs;
      const { rows, totalRows, skipped } = progress;
      const left = skipped > 0 ? `, ${skipped} left out` : "";
      io.error(`${name}: ${count(rows)} of ${count(totalRows)}${pace === "" ? "" : `, ${pace}`}${left}\n`);
    },
    stop: () => undefined,
  };
}
