// One run as the page knows it, and the figures of the run list.
import { type RunLog, readRunLog } from "@nn/train/run-log";
import type { EmbeddedRun } from "../embedded.ts";

export type Status = "finished" | "failed" | "interrupted" | "unfinished" | "missing" | "unreadable";

export interface Run {
  readonly recipe: string;
  /** Place in the list: decides colour and symbol. */
  readonly index: number;
  readonly status: Status;
  /** Why there is less to see than usual; undefined for a finished run. */
  readonly problem: string | undefined;
  readonly log: RunLog | undefined;
  readonly facts: RunFacts;
}

/** Undefined where neither the summary nor the log says it. */
interface RunFacts {
  readonly datasets: string;
  readonly steps: number | undefined;
  readonly epochs: number | undefined;
  readonly finalLoss: number | undefined;
  readonly trainAccuracy: number | undefined;
  readonly testAccuracy: number | undefined;
  readonly samplesPerSecond: number | undefined;
  readonly durationMs: number | undefined;
  readonly weightsSha256: string | undefined;
}

/** A run from its decoded log bytes (null = none). Never throws: a damaged log is a run with a problem. */
export function openRun(embedded: EmbeddedRun, bytes: Uint8Array | null, index: number): Run {
  const { recipe, problem } = embedded;
  const nothing = { recipe, index, log: undefined, facts: factsOf(undefined, null) };
  if (problem !== undefined && bytes === null) return { ...nothing, status: "unreadable", problem };
  if (bytes === null) return { ...nothing, status: "missing", problem: "The folder holds no run log (run.arrow)." };
  try {
    const log = readRunLog(bytes);
    const state = statusOf(log);
    return { recipe, index, log, facts: factsOf(log, embedded.summary), ...state, problem: state.problem ?? problem };
  } catch (error) {
    return { ...nothing, status: "unreadable", problem: error instanceof Error ? error.message : String(error) };
  }
}

function statusOf(log: RunLog): { status: Status; problem: string | undefined } {
  if (log.status === "finished") return { status: "finished", problem: undefined };
  if (log.status === "failed") return { status: "failed", problem: `The run stopped: ${log.error}` };
  if (log.status === "interrupted")
    return { status: "interrupted", problem: `The run did not come to its end: ${log.interruption}.` };
  const cut = log.truncated ? " Its last, half-written batch is left out." : "";
  return {
    status: "unfinished",
    problem: `The log has no end: the run was killed or had not finished when this page was built.${cut}`,
  };
}

/** Figures of a finished run come from its summary; of any other from the last records of its log. */
function factsOf(log: RunLog | undefined, summaryFile: EmbeddedRun["summary"]): RunFacts {
  // A summary beside an unfinished log is left over from an earlier run.
  const summary: Readonly<Record<string, unknown>> =
    log?.status === "finished" ? { ...summaryFile, ...log.summary } : {};
  const number = (key: string): number | undefined =>
    typeof summary[key] === "number" ? (summary[key] as number) : undefined;
  const last = log?.records.at(-1);
  return {
    datasets: (log?.header.datasets ?? []).map((dataset) => dataset.name).join(", "),
    steps: number("steps") ?? last?.step,
    epochs: number("epochs") ?? last?.epoch,
    finalLoss: number("finalLoss") ?? log?.series("loss", "train").value.at(-1),
    trainAccuracy: number("trainAccuracy") ?? log?.series("accuracy", "train").value.at(-1),
    testAccuracy: number("testAccuracy") ?? log?.series("accuracy", "test").value.at(-1),
    samplesPerSecond: number("samplesPerSecond"),
    durationMs: number("durationMs") ?? last?.elapsedMs,
    weightsSha256: log?.weightsSha256,
  };
}
