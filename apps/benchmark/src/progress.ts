/** How far a recipe is: a bar on a terminal, a line every ten seconds elsewhere. */

import { SingleBar } from "cli-progress";

/** Where a recipe's output goes. */
export interface Reporter {
  print(line: string): void;
  progress(done: number, total: number, text: string): void;
  /** Takes the bar away. */
  end(): void;
}

const QUIET_MS = 10_000;
const FRAMES_PER_SECOND = 10;

export function barReporter(name: string, stream: NodeJS.WriteStream): Reporter {
  const bar = new SingleBar({
    stream,
    format: `${name} {bar} {percentage}% · {text}{left}`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    fps: FRAMES_PER_SECOND,
    clearOnComplete: true,
  });
  const startedMs = performance.now();
  let shown = false;
  const end = (): void => {
    if (shown) bar.stop();
    shown = false;
  };
  return {
    print(line) {
      end();
      stream.write(`${line}\n`);
    },
    progress(done, total, text) {
      const payload = { text, left: timeLeft(done, total, performance.now() - startedMs) };
      if (shown) bar.update(done, payload);
      else bar.start(total, done, payload);
      shown = true;
    },
    end,
  };
}

function timeLeft(done: number, total: number, elapsedMs: number): string {
  const seconds = Math.round(((elapsedMs / done) * (total - done)) / 1000);
  if (done === 0 || seconds < 1) return "";
  return seconds < 60 ? ` · ${seconds} s left` : ` · ${Math.round(seconds / 60)} min left`;
}

export function lineReporter(write: (line: string) => void, now: () => number = () => performance.now()): Reporter {
  let lastMs = now();
  return {
    print(line) {
      lastMs = now();
      write(line);
    },
    progress(done, total, text) {
      if (now() - lastMs < QUIET_MS) return;
      lastMs = now();
      write(`${Math.floor((100 * done) / total)}% · ${text}`);
    },
    end: () => undefined,
  };
}
