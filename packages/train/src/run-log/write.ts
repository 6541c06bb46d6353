// Writing a run log: records gather in memory, leave as record batches, and the whole stream is rewritten at the
// end, in few large batches and with the final metadata. All I/O is the sink's.
import { cutFrames, encodeStreamStart, endMark, joinBytes } from "@nn/arrow";
import { checkOptions, formatValue } from "@nn/tensor/arguments";
import { FIELDS } from "./arrow-schema.ts";
import { decodeBatch } from "./decode.ts";
import { encodeBatch, encodeBatches } from "./encode.ts";
import { RunLogError } from "./error.ts";
import { readRunLog } from "./read.ts";
import { RUN_LOG_VERSION, type RunLogHeader, type RunLogRecord, type RunMoment, SPLITS } from "./schema.ts";

/** Where the bytes go. Both may be asynchronous; calls never overlap. */
export interface RunLogSink {
  /** Appends. The first call starts a new log. */
  write(bytes: Uint8Array): void | Promise<void>;
  /** Puts a whole log in place of what was written, in one step: a reader sees the old or the new one. */
  replace(bytes: Uint8Array): void | Promise<void>;
}

export interface RunLogOptions {
  /**
   * The bytes of an earlier log of the same run, whole or cut by a kill. Nothing is written before the run says how much of
   * it stays: `keep`, which `logRun` calls for a run that goes on from a checkpoint, or `restart`. Default: a new log.
   */
  readonly continueFrom?: Uint8Array | undefined;
  /** Records that may wait in memory, at least 1; default 256. A batch also leaves at each epoch and each second. */
  readonly flushEvery?: number;
}

export interface RunLogResult {
  readonly weightsSha256: string;
  /** Final numbers; must survive JSON. */
  readonly summary: Readonly<Record<string, unknown>>;
}

export interface RunLogWriter {
  /** Records one number. */
  scalar(record: RunMoment & { readonly value: number }): void;
  /** Records one array, row-major; stored as float32. Copies `data`. */
  array(record: RunMoment & { readonly shape: readonly number[]; readonly data: ArrayLike<number> }): void;
  /** Records so far; those of `continueFrom` do not count before `keep`. */
  readonly recordCount: number;
  /**
   * Goes on with the first `count` records of `continueFrom`; those after them and those recorded since are dropped.
   * @throws RunLogError when there are fewer, without `continueFrom`, and once something was written.
   */
  keep(count: number): void;
  /** Drops the records of `continueFrom`: the run starts with its first step. Without effect once something was written. */
  restart(): void;
  /** Hands every waiting record to the sink. */
  flush(): Promise<void>;
  /** Ends the log with status `finished`. */
  finish(result: RunLogResult): Promise<void>;
  /** Ends the log with status `failed` and the error's message. */
  fail(error: unknown): Promise<void>;
  /**
   * Ends the log with status `interrupted` and what came, such as a signal. With a synchronous sink all is written when the
   * call returns.
   */
  interrupt(what: string): Promise<void>;
}

const FLUSH_EVERY = 256;
const FLUSH_AFTER_MS = 1000;

/**
 * Starts a run log; the header is written at once, so that a run killed in its first step leaves a readable log. With
 * `continueFrom` the earlier log stays as it is until `keep` or `restart`.
 * @throws RunLogError when `continueFrom` is no run log or belongs to another recipe or to other data; on a record that is no
 * number or array at a moment of a run, and on any use after the end.
 * @example createRunLog(fileSink(path), header, { continueFrom: existsSync(path) ? readFileSync(path) : undefined })
 */
export function createRunLog(sink: RunLogSink, header: RunLogHeader, options: RunLogOptions = {}): RunLogWriter {
  checkOptions("createRunLog", options, { flushEvery: true, continueFrom: true });
  const { flushEvery = FLUSH_EVERY, continueFrom } = options;
  if (!Number.isInteger(flushEvery) || flushEvery < 1)
    throw problem(`flushEvery ${formatValue(flushEvery)}`, "an integer of at least 1");
  const metadata = headerMetadata(header);
  const output = new Output(sink);
  let batches: Uint8Array[] = [];
  let recordCount = 0;
  let waiting: RunLogRecord[] = [];
  let flushedAtMs = 0;
  let epoch = 0;
  let ended = false;
  // The records of the earlier log while it is open how many of them stay; nothing has been written until then.
  let earlier = continueFrom && recordsOfSameRun(continueFrom, header);

  const streamStart = (): Uint8Array => encodeStreamStart({ fields: FIELDS, metadata });
  const restart = (): void => {
    if (earlier === undefined) return;
    earlier = undefined;
    output.replace(streamStart());
  };
  if (earlier === undefined) output.write(streamStart());

  const flushWaiting = (): void => {
    if (waiting.length === 0) return;
    restart();
    const bytes = encodeBatch(waiting);
    waiting = [];
    batches.push(bytes);
    output.write(bytes);
  };
  const add = (record: RunLogRecord): void => {
    if (ended) throw problem(`a record "${record.name}" after the end`, "no record after finish, fail or interrupt");
    waiting.push(record);
    recordCount++;
    if (earlier !== undefined) return;
    const due = waiting.length >= flushEvery || record.elapsedMs - flushedAtMs >= FLUSH_AFTER_MS;
    if (!due && record.epoch === epoch) return;
    epoch = record.epoch;
    flushedAtMs = record.elapsedMs;
    flushWaiting();
  };
  const end = async (result: Readonly<Record<string, string>>): Promise<void> => {
    if (ended) throw problem("a second end", "finish, fail or interrupt, once");
    ended = true;
    // A run that ends before its first step, because its checkpoint is refused for example, leaves the earlier log as it is.
    if (earlier !== undefined && result.status !== "finished") return;
    restart();
    flushWaiting();
    for (const [key, value] of Object.entries(result)) metadata.set(key, value);
    const records = batches.flatMap((bytes) => cutFrames(bytes).frames.flatMap(decodeBatch));
    output.replace(joinBytes([streamStart(), ...encodeBatches(records), endMark]));
    await output.settled();
  };

  return {
    scalar(record) {
      checkMoment(record);
      if (typeof record.value !== "number") throw problem(`value ${formatValue(record.value)}`, "a number");
      const { step, epoch, elapsedMs, split, name, value } = record;
      add({ step, epoch, elapsedMs, split, name, value });
    },
    array(record) {
      checkMoment(record);
      checkArray(record);
      const { step, epoch, elapsedMs, split, name, shape, data } = record;
      add({ step, epoch, elapsedMs, split, name, shape: [...shape], data: Float32Array.from(data) });
    },
    get recordCount() {
      return recordCount;
    },
    keep(count) {
      if (earlier === undefined && recordCount === 0 && count === 0) return;
      const available = earlier?.length ?? 0;
      if (!Number.isInteger(count) || count < 0 || count > available || earlier === undefined) {
        throw new RunLogError({
          operation: "runLog",
          received: `${earlier === undefined ? "no earlier log" : `an earlier log with ${available} of the records`} for a run that goes on after record ${formatValue(count)}`,
          expected: "the log that was written with the checkpoint, as continueFrom",
          fix: "Pass the bytes of that log, or start the run from its first step: resume: false.",
        });
      }
      const records = earlier.slice(0, count);
      earlier = undefined;
      waiting = [];
      batches = count > 0 ? [encodeBatch(records)] : [];
      recordCount = count;
      epoch = records.at(-1)?.epoch ?? 0;
      flushedAtMs = records.at(-1)?.elapsedMs ?? 0;
      output.replace(joinBytes([streamStart(), ...batches]));
    },
    restart,
    async flush() {
      restart();
      flushWaiting();
      await output.settled();
    },
    finish: async ({ weightsSha256, summary }) =>
      end({ status: "finished", weightsSha256, summary: json("summary", summary) }),
    fail: (error) => end({ status: "failed", error: error instanceof Error ? error.message : String(error) }),
    interrupt: async (what) => {
      if (typeof what !== "string" || what === "") throw problem(`interruption ${JSON.stringify(what)}`, "what came");
      await end({ status: "interrupted", interruption: what });
    },
  };
}

/** Keeps a sink's calls in order. A synchronous sink fails at once, an asynchronous one at the next `settled`. */
class Output {
  private readonly sink: RunLogSink;
  private tail: Promise<void> | undefined;

  constructor(sink: RunLogSink) {
    this.sink = sink;
  }

  write(bytes: Uint8Array): void {
    this.enqueue(() => this.sink.write(bytes));
  }

  replace(bytes: Uint8Array): void {
    this.enqueue(() => this.sink.replace(bytes));
  }

  async settled(): Promise<void> {
    await this.tail;
  }

  private enqueue(call: () => void | Promise<void>): void {
    const result = this.tail === undefined ? call() : this.tail.then(call);
    if (result === undefined) return;
    this.tail = result;
    // The failure is reported by `settled`; without this it would also count as unhandled until then.
    result.catch(() => undefined);
  }
}

/** The records of an earlier log. @throws RunLogError when it is no log, or one of another recipe or of other data. */
function recordsOfSameRun(bytes: Uint8Array, wanted: RunLogHeader): readonly RunLogRecord[] {
  const { header, records } = readRunLog(bytes);
  for (const key of ["recipe", "datasets"] as const) {
    const [was, is] = [header, wanted].map((each) => describe(each[key]));
    if (was === is) continue;
    throw new RunLogError({
      operation: "createRunLog",
      received: `continueFrom with ${key} ${was}`,
      expected: `${is}, as in the header`,
      fix: "Give each run a log of its own, or leave continueFrom out to write a new one.",
    });
  }
  return records;
}

function describe(value: RunLogHeader["recipe"] | RunLogHeader["datasets"]): string {
  if (typeof value === "string") return JSON.stringify(value);
  return JSON.stringify(value.map(({ name, fingerprint }) => ({ name, fingerprint })));
}

function headerMetadata(header: RunLogHeader): Map<string, string> {
  if (typeof header.recipe !== "string" || header.recipe === "")
    throw problem(`recipe "${header.recipe}"`, "the name of the recipe");
  return new Map([
    ["nn.runLog", RUN_LOG_VERSION],
    ["recipe", header.recipe],
    ["status", "running"],
    ["config", json("config", header.config)],
    ["environment", json("environment", header.environment)],
    ["datasets", json("datasets", header.datasets)],
  ]);
}

function json(key: string, value: object): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw problem(`${key} that JSON cannot hold (${(cause as Error).message})`, "numbers, text, lists and records");
  }
  if (text === undefined) throw problem(`${key} ${formatValue(value)}`, "a record that JSON can hold");
  return text;
}

function checkMoment({ step, epoch, elapsedMs, split, name }: RunMoment): void {
  for (const [key, value] of Object.entries({ step, epoch }))
    if (!Number.isInteger(value) || value < 0 || value > 0x7fffffff)
      throw problem(`${key} ${formatValue(value)}`, "an integer from 0 to 2147483647");
  if (!Number.isFinite(elapsedMs) || elapsedMs < 0)
    throw problem(`elapsedMs ${formatValue(elapsedMs)}`, "milliseconds from 0");
  if (!SPLITS.includes(split)) throw problem(`split "${split}"`, `one of ${SPLITS.join(", ")}`);
  if (typeof name !== "string" || name === "") throw problem(`name "${name}"`, "a name such as loss");
}

function checkArray({ name, shape, data }: { name: string; shape: readonly number[]; data: ArrayLike<number> }): void {
  if (!shape.every((size) => Number.isInteger(size) && size >= 0))
    throw problem(`${name} of shape [${shape.join(", ")}]`, "sizes that are integers from 0");
  const size = shape.reduce((product, length) => product * length, 1);
  if (size !== data.length)
    throw problem(`${name} of shape [${shape.join(", ")}] with ${data.length} values`, `${size} values`);
}

function problem(received: string, expected: string): RunLogError {
  return new RunLogError({ operation: "runLog", received, expected, fix: "Correct the call that records it." });
}
