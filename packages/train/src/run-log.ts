// The run log: what happened in one training run, as one Arrow IPC stream.
// Public list only. Nothing here touches Node or the DOM: the file sink is in `@nn/train/node`.
export { RunLogError } from "./run-log/error.ts";
export { type RunLog, readRunLog, type Series } from "./run-log/read.ts";
export {
  type ArrayRecord,
  RUN_LOG_VERSION,
  type RunLogHeader,
  type RunLogRecord,
  type RunMoment,
  type RunStatus,
  type ScalarRecord,
  type Split,
} from "./run-log/schema.ts";
export {
  createRunLog,
  type RunLogOptions,
  type RunLogResult,
  type RunLogSink,
  type RunLogWriter,
} from "./run-log/write.ts";
