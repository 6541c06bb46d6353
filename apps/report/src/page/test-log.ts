// A run log in memory, for the tests of panels.
import { createRunLog, type RunLog, type RunLogHeader, type RunLogWriter, readRunLog } from "@nn/train/run-log";

export const start = { step: 0, epoch: 0, elapsedMs: 0 };

export function logOf(config: RunLogHeader["config"], record: (log: RunLogWriter) => void): RunLog {
  let bytes = new Uint8Array(0);
  const write = (part: Uint8Array): void => {
    bytes = new Uint8Array(Buffer.concat([bytes, part]));
  };
  const header = { recipe: "r", config, environment: {}, datasets: [] };
  const log = createRunLog({ write, replace: write }, header, { flushEvery: 1 });
  record(log);
  return readRunLog(bytes);
}
