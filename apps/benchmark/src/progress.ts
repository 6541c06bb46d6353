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
    format: `${name} {bar} {percentage}% · {text} · {eta_formatted} left`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    fps: FRAMES_PER_SECOND,
    hideCursor: true,
    clearOnComplete: true,
    etaBuffer: 50,
  });
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
      if (shown) bar.update(done, { text });
      else bar.start(total, done, { text });
      shown = true;
    },
    end,
  };
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
