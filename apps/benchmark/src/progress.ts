/** How far a recipe is: a bar on a terminal, a line every ten seconds elsewhere. */

import { printable, printableLine } from "@nn/command";
import { formatTimeLeft } from "@nn/command/format";
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

/** A bar where `stream` is a terminal, else lines. */
export function reporterOn(stream: NodeJS.WriteStream, name: string): Reporter {
  return stream.isTTY ? barReporter(name, stream) : lineReporter((line) => stream.write(`${printable(line)}\n`));
}

function barReporter(name: string, stream: NodeJS.WriteStream): Reporter {
  const bar = new SingleBar({
    stream,
    format: `${printableLine(name)} {bar} {percentage}% · {text}{left}`,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    fps: FRAMES_PER_SECOND,
    clearOnComplete: true,
    // Lines are cut at the terminal's width instead: a killed process could not switch wrapping on again.
    linewrap: true,
    // It would take the bar away at a signal, and let the process go on.
    gracefulExit: false,
  });
  const startedMs = performance.now();
  let shown = false;
  const end = (): void => {
    if (!shown) return;
    shown = false;
    process.off("exit", end);
    bar.stop();
  };
  return {
    print(line) {
      end();
      stream.write(`${printable(line)}\n`);
    },
    progress(done, total, text) {
      const payload = { text: printableLine(text), left: timeLeft(done, total, performance.now() - startedMs) };
      if (shown) return bar.update(done, payload);
      shown = true;
      // Whatever ends the process, the prompt comes after the output and not in the bar.
      process.on("exit", end);
      bar.start(total, done, payload);
    },
    end,
  };
}

function timeLeft(done: number, total: number, elapsedMs: number): string {
  const leftMs = (elapsedMs / done) * (total - done);
  return done === 0 || leftMs < 500 ? "" : ` · ${formatTimeLeft(leftMs)} left`;
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
