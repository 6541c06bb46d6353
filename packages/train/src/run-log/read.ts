// Reading a run log, whole or cut off by the end of its process. Every size is checked before it is believed.
import { cutFrames } from "@nn/arrow";
import { formatValue } from "@nn/tensor/arguments";
import { decodeBatch, decodeSchema } from "./decode.ts";
import { corrupt, RunLogError, readingArrow } from "./error.ts";
import {
  type ArrayRecord,
  RUN_LOG_VERSION,
  type RunLogHeader,
  type RunLogRecord,
  type RunStatus,
  type ScalarRecord,
  SPLITS,
  type Split,
  STATUSES,
} from "./schema.ts";

/** One curve: the three arrays have one entry per record, in the order in which the run made them. */
export interface Series {
  readonly step: number[];
  readonly epoch: number[];
  readonly value: number[];
}

export interface RunLog {
  readonly header: RunLogHeader;
  /** `running` where the log has no end: the run goes on, or was killed. */
  readonly status: RunStatus;
  /** Whether the last batch was only half written and has been left out. */
  readonly truncated: boolean;
  /** Of the final weights; only when finished. */
  readonly weightsSha256?: string;
  /** Final numbers; only when finished. */
  readonly summary?: Readonly<Record<string, unknown>>;
  /** Message of the error that ended the run; only when failed. */
  readonly error?: string;
  /** What ended the run from outside, such as `interrupted by SIGINT`; only when interrupted. */
  readonly interruption?: string;
  /** Everything recorded, in order. */
  readonly records: readonly RunLogRecord[];
  /** The scalars of that name and split; empty when there are none. */
  series(name: string, split: Split): Series;
  /** The arrays of that name and split, in order; empty when there are none. */
  arrays(name: string, split: Split): ArrayRecord[];
}

/**
 * Reads a log written by `createRunLog`. A running log may end anywhere: what follows its last whole batch is left
 * out. One that has ended was put in place whole, so that one is refused when it is cut.
 * @throws RunLogError when the bytes are no run log, were altered, or have another version.
 */
export function readRunLog(bytes: Uint8Array): RunLog {
  if (!(bytes instanceof Uint8Array)) throw noBytes(bytes);
  return readingArrow(() => readLog(bytes));
}

function readLog(bytes: Uint8Array): RunLog {
  const { frames, end, ended } = cutFrames(bytes);
  const [start, ...batches] = frames;
  if (start?.kind !== "schema") throw corrupt(`${bytes.byteLength} bytes without a whole schema`);
  const metadata = decodeSchema(start);
  const version = metadata.get("nn.runLog");
  if (version !== RUN_LOG_VERSION) throw wrongVersion(version);
  const records = batches.flatMap((batch) => {
    if (batch.kind !== "batch") throw corrupt("a second schema", batch.start);
    return decodeBatch(batch);
  });
  records.forEach(checkRecord);
  const status = readStatus(metadata);
  const truncated = !ended && end < bytes.byteLength;
  if (status !== "running" && !ended) throw corrupt(`the end of a log that is marked ${status}`, end);
  return {
    header: {
      recipe: metadata.get("recipe") ?? "",
      config: readJson(metadata, "config") as RunLogHeader["config"],
      environment: readJson(metadata, "environment") as RunLogHeader["environment"],
      datasets: readDatasets(metadata),
    },
    status,
    truncated,
    ...(status === "finished" && {
      weightsSha256: metadata.get("weightsSha256") ?? "",
      summary: readJson(metadata, "summary") as Readonly<Record<string, unknown>>,
    }),
    ...(status === "failed" && { error: metadata.get("error") ?? "" }),
    ...(status === "interrupted" && { interruption: metadata.get("interruption") ?? "" }),
    records,
    series: (name, split) => seriesOf(records, name, split),
    arrays: (name, split) =>
      records.filter((r): r is ArrayRecord => "data" in r && r.name === name && r.split === split),
  };
}

function seriesOf(records: readonly RunLogRecord[], name: string, split: Split): Series {
  const chosen = records.filter((r): r is ScalarRecord => "value" in r && r.name === name && r.split === split);
  return {
    step: chosen.map((record) => record.step),
    epoch: chosen.map((record) => record.epoch),
    value: chosen.map((record) => record.value),
  };
}

function readStatus(metadata: ReadonlyMap<string, string>): RunStatus {
  const status = metadata.get("status") ?? "";
  if (STATUSES.includes(status)) return status as RunStatus;
  throw corrupt(`status "${status}"`);
}

function readJson(metadata: ReadonlyMap<string, string>, key: string): object {
  let value: unknown;
  try {
    value = JSON.parse(metadata.get(key) ?? "");
  } catch (cause) {
    throw corrupt(`metadata "${key}" that is no JSON`, 0, cause);
  }
  if (typeof value !== "object" || value === null) throw corrupt(`metadata "${key}" that is no JSON object`);
  return value;
}

function readDatasets(metadata: ReadonlyMap<string, string>): RunLogHeader["datasets"] {
  const datasets = readJson(metadata, "datasets");
  if (!Array.isArray(datasets)) throw corrupt('metadata "datasets" that is no list');
  return datasets.map((entry: unknown) => {
    const { name, fingerprint } = (entry ?? {}) as Record<string, unknown>;
    if (typeof name !== "string" || typeof fingerprint !== "string") throw corrupt("a data set without a name");
    return { name, fingerprint };
  });
}

function checkRecord(record: RunLogRecord, row: number): void {
  if (!SPLITS.includes(record.split)) throw corrupt(`split "${record.split}" in row ${row}`);
  if ("value" in record) return;
  const size = record.shape.reduce((product, length) => (length < 0 ? Number.NaN : product * length), 1);
  if (size !== record.data.length)
    throw corrupt(`${record.data.length} values of shape [${record.shape.join(", ")}] in row ${row}`);
}

function noBytes(received: unknown): RunLogError {
  return new RunLogError({
    operation: "readRunLog",
    received: formatValue(received),
    expected: "the bytes of a log as a Uint8Array",
    fix: "Wrap an ArrayBuffer: new Uint8Array(buffer).",
  });
}

function wrongVersion(version: string | undefined): RunLogError {
  return new RunLogError({
    operation: "readRunLog",
    received: version === undefined ? "an Arrow stream without nn.runLog" : `run log version ${version}`,
    expected: `run log version ${RUN_LOG_VERSION}`,
    fix: "Train the recipe again with this version.",
  });
}
