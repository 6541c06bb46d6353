import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RecordBatchStreamWriter, Table, tableFromIPC, vectorFromArray } from "apache-arrow";
import { afterEach, expect, test } from "vitest";
import { fileSink } from "./node.ts";
import {
  createRunLog,
  RunLogError,
  type RunLogHeader,
  type RunLogOptions,
  type RunLogSink,
  type RunLogWriter,
  readRunLog,
} from "./run-log.ts";

const header: RunLogHeader = {
  recipe: "moons-workshop",
  config: { learningRate: 0.01, layers: [2, 5, 2], notes: "ein „Epoch“ ist 4 Batches — 学習" },
  environment: { node: "26.10.0" },
  datasets: [{ name: "moons", fingerprint: "sha256:00ff" }],
};
const result = { weightsSha256: "ab".repeat(32), summary: { testAccuracy: 0.975 } };

function memorySink(): RunLogSink & { bytes(): Uint8Array; readonly calls: string[] } {
  let parts: Uint8Array[] = [];
  const calls: string[] = [];
  return {
    calls,
    write(bytes) {
      calls.push("write");
      parts.push(bytes);
    },
    replace(bytes) {
      calls.push("replace");
      parts = [bytes];
    },
    bytes: () => new Uint8Array(Buffer.concat(parts)),
  };
}

function logEpochs(log: RunLogWriter, epochs: number): void {
  log.array({ step: 0, epoch: 0, elapsedMs: 0, split: "train", name: "points", shape: [1, 3], data: [1, 2, 1] });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const moment = { step: 10 * epoch, epoch, elapsedMs: 5 * epoch };
    log.scalar({ ...moment, split: "train", name: "loss", value: 1 / epoch });
    log.scalar({ ...moment, split: "validation", name: "loss", value: 2 / epoch });
    const data = [epoch, 0.5, 0.25, 0, 1, -1];
    log.array({ ...moment, split: "train", name: "decisionBoundary", shape: [2, 3], data });
  }
}

async function writtenLog(given: RunLogOptions & { epochs?: number } = {}): Promise<Uint8Array> {
  const { epochs = 3, ...options } = given;
  const sink = memorySink();
  const log = createRunLog(sink, header, options);
  logEpochs(log, epochs);
  await log.finish(result);
  return sink.bytes();
}

/** A log that is still running, all records flushed. */
async function runningLog(options: RunLogOptions = {}): Promise<Uint8Array> {
  const sink = memorySink();
  const log = createRunLog(sink, header, options);
  logEpochs(log, 3);
  await log.flush();
  return sink.bytes();
}

test.each([{ flushEvery: 1 }, { flushEvery: 3 }, { flushEvery: 1000 }])(
  "what is written is read, %o",
  async (options) => {
    const log = readRunLog(await writtenLog(options));
    expect(log).toMatchObject({ header, status: "finished", truncated: false, ...result });
    expect(log.series("loss", "train")).toEqual({ step: [10, 20, 30], epoch: [1, 2, 3], value: [1, 1 / 2, 1 / 3] });
    expect(log.series("loss", "validation").value).toEqual([2, 1, 2 / 3]);
    expect(log.series("accuracy", "test")).toEqual({ step: [], epoch: [], value: [] });
    const boundaries = log.arrays("decisionBoundary", "train");
    expect(boundaries.map(({ step, shape }) => ({ step, shape }))).toEqual([
      { step: 10, shape: [2, 3] },
      { step: 20, shape: [2, 3] },
      { step: 30, shape: [2, 3] },
    ]);
    expect(boundaries[2]?.data).toEqual(Float32Array.of(3, 0.5, 0.25, 0, 1, -1));
    expect(log.records).toHaveLength(10);
  },
);

test("the final bytes do not depend on when batches left", async () => {
  expect(await writtenLog({ flushEvery: 1 })).toEqual(await writtenLog({ flushEvery: 1000 }));
});

test("NaN, infinities, empty arrays, scalars of shape [] and names of any script survive", async () => {
  const sink = memorySink();
  const log = createRunLog(sink, header);
  const moment = { step: 0, epoch: 0, elapsedMs: 0, split: "test" } as const;
  for (const value of [Number.NaN, Infinity, -0]) log.scalar({ ...moment, name: "損失", value });
  log.array({ ...moment, name: "empty", shape: [0, 784], data: [] });
  log.array({ ...moment, name: "one", shape: [], data: [7] });
  await log.finish(result);
  const read = readRunLog(sink.bytes());
  expect(read.series("損失", "test").value).toEqual([Number.NaN, Infinity, -0]);
  expect(read.arrays("empty", "test")[0]).toMatchObject({ shape: [0, 784], data: new Float32Array(0) });
  expect(read.arrays("one", "test")[0]).toMatchObject({ shape: [], data: Float32Array.of(7) });
});

test("arrays are copied when recorded", async () => {
  const sink = memorySink();
  const log = createRunLog(sink, header);
  const data = Float32Array.of(1, 2);
  log.array({ step: 0, epoch: 0, elapsedMs: 0, split: "test", name: "a", shape: [2], data });
  data.fill(9);
  await log.finish(result);
  expect(readRunLog(sink.bytes()).arrays("a", "test")[0]?.data).toEqual(Float32Array.of(1, 2));
});

test("a log without records reads as running, then as finished", async () => {
  const sink = memorySink();
  const log = createRunLog(sink, header);
  expect(readRunLog(sink.bytes())).toMatchObject({ header, status: "running", truncated: false, records: [] });
  await log.finish(result);
  expect(readRunLog(sink.bytes())).toMatchObject({ header, status: "finished", records: [] });
});

test("a failed run keeps its records and says why", async () => {
  const sink = memorySink();
  const log = createRunLog(sink, header);
  logEpochs(log, 2);
  await log.fail(new Error("loss is NaN in step 21"));
  expect(readRunLog(sink.bytes())).toMatchObject({ status: "failed", error: "loss is NaN in step 21" });
  expect(readRunLog(sink.bytes()).records).toHaveLength(7);
});

test("batches leave at the count, at each epoch and after each second", () => {
  const sink = memorySink();
  const log = createRunLog(sink, header, { flushEvery: 3 });
  const recorded = (): number => readRunLog(sink.bytes()).records.length;
  const record = (step: number, epoch: number, elapsedMs: number): void =>
    log.scalar({ step, epoch, elapsedMs, split: "train", name: "loss", value: 1 });
  record(1, 0, 10);
  record(2, 0, 20);
  expect(recorded()).toBe(0);
  record(3, 0, 30);
  expect(recorded()).toBe(3);
  record(4, 1, 40);
  expect(recorded()).toBe(4);
  record(5, 1, 50);
  expect(recorded()).toBe(4);
  record(6, 1, 1100);
  expect(recorded()).toBe(6);
});

test("a running log cut anywhere reads up to its last whole batch", async () => {
  const bytes = await runningLog({ flushEvery: 4 });
  const whole = readRunLog(bytes).records;
  const counts = new Set<number>();
  for (let length = 0; length < bytes.length; length++) {
    let read: ReturnType<typeof readRunLog>;
    try {
      read = readRunLog(bytes.subarray(0, length));
    } catch (error) {
      expect(error).toBeInstanceOf(RunLogError);
      expect(counts.size, "only a cut within the schema is an error").toBe(0);
      continue;
    }
    if (counts.has(read.records.length)) continue;
    counts.add(read.records.length);
    expect(read.status).toBe("running");
    expect(read.records).toEqual(whole.slice(0, read.records.length));
  }
  expect([...counts]).toEqual([0, 2, 5, 8]);
});

test("a finished log cut anywhere is refused", async () => {
  const bytes = await writtenLog();
  for (let length = 0; length < bytes.length; length++)
    expect(() => readRunLog(bytes.subarray(0, length))).toThrow(RunLogError);
});

test.each<[string, (buffer: ArrayBuffer) => Uint8Array]>([
  ["Uint8Array", (buffer) => new Uint8Array(buffer, 3)],
  ["Node's Buffer", (buffer) => Buffer.from(buffer, 3)],
])("bytes may begin anywhere in their buffer: %s", async (_, viewOf) => {
  const bytes = await writtenLog();
  const moved = viewOf(new ArrayBuffer(bytes.length + 3));
  moved.set(bytes);
  expect(readRunLog(moved).records).toEqual(readRunLog(bytes).records);
});

/** Puts `value` wherever a 32-bit little-endian word stands, one place at a time. */
function* overwritten(bytes: Uint8Array, value: number): Generator<Uint8Array> {
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const copy = bytes.slice();
    new DataView(copy.buffer).setUint32(at, value, true);
    yield copy;
  }
}

test.each([0x7fffffff, 0x80000000, 0xffffffff, 0x00ffffff, 1, 0])(
  "with %i anywhere, a log is refused as a RunLogError or read, and nothing large is allocated",
  async (value) => {
    const bytes = await writtenLog({ epochs: 1 });
    const before = process.memoryUsage().arrayBuffers;
    for (const copy of overwritten(bytes, value)) {
      try {
        expect(readRunLog(copy).records.length).toBeLessThan(100);
      } catch (error) {
        expect(error).toBeInstanceOf(RunLogError);
      }
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 28);
  },
);

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);

function otherArrow(): Uint8Array {
  const writer = new RecordBatchStreamWriter();
  writer.write(new Table({ step: vectorFromArray(Int32Array.of(1, 2)) }));
  writer.finish();
  return writer.toUint8Array(true);
}

function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.write(to, copy.indexOf(from));
  return new Uint8Array(copy);
}

test.each<[string, (log: Uint8Array) => Uint8Array, Partial<RunLogError>]>([
  ["nothing", () => new Uint8Array(0), { received: "0 bytes without a whole schema at byte 0" }],
  ["text", () => encoded("step,loss\n1,0.5\n"), { received: "no message marker at byte 0" }],
  ["an Arrow file", () => encoded("ARROW1\0\0________"), { received: "no message marker at byte 0" }],
  ["another Arrow stream", otherArrow, { received: "columns {step: int32} at byte 0" }],
  ["another version", (log) => replaced(log, "\x01\0\0\x001\0", "\x01\0\0\x002\0"), { received: "run log version 2" }],
  ["an unknown status", (log) => replaced(log, "finished", "fnnished"), { received: 'status "fnnished" at byte 0' }],
  [
    "broken JSON",
    (log) => replaced(log, '{"learningRate', "{_learningRate"),
    { received: 'metadata "config" that is no JSON at byte 0' },
  ],
  [
    "an unknown split",
    (log) => replaced(log, "validation", "validition"),
    { received: 'split "validition" in row 2 at byte 0' },
  ],
  [
    "bytes after the end",
    (log) => new Uint8Array(Buffer.concat([log, encoded("more")])),
    { fix: expect.stringContaining("train the recipe again") },
  ],
])("%s is refused", async (_, change, fields) => {
  const bytes = change(await writtenLog());
  expect(() => readRunLog(bytes)).toThrow(expect.objectContaining({ operation: "readRunLog", ...fields }));
});

const moment = { step: 0, epoch: 0, elapsedMs: 0, split: "train", name: "loss" } as const;

test.each<[string, (log: RunLogWriter) => void, Partial<RunLogError>]>([
  ["a step that is no integer", (log) => log.scalar({ ...moment, step: 0.5, value: 1 }), { received: "step 0.5" }],
  ["a negative epoch", (log) => log.scalar({ ...moment, epoch: -1, value: 1 }), { received: "epoch -1" }],
  ["a step beyond int32", (log) => log.scalar({ ...moment, step: 2 ** 31, value: 1 }), { received: "step 2147483648" }],
  [
    "a time that is no number",
    (log) => log.scalar({ ...moment, elapsedMs: Number.NaN, value: 1 }),
    { received: "elapsedMs NaN" },
  ],
  [
    "an unknown split",
    (log) => log.scalar({ ...moment, split: "dev" as "test", value: 1 }),
    { received: 'split "dev"' },
  ],
  ["an empty name", (log) => log.scalar({ ...moment, name: "", value: 1 }), { received: 'name ""' }],
  [
    "a value that is no number",
    (log) => log.scalar({ ...moment, value: "1" as unknown as number }),
    { received: 'value "1" of type string' },
  ],
  [
    "a shape that does not fit",
    (log) => log.array({ ...moment, shape: [2, 2], data: [1, 2, 3] }),
    { expected: "4 values" },
  ],
  ["a shape with holes", (log) => log.array({ ...moment, shape: [-1], data: [] }), { received: "loss of shape [-1]" }],
])("%s is not recorded", (_, record, fields) => {
  const log = createRunLog(memorySink(), header);
  expect(() => record(log)).toThrow(expect.objectContaining({ operation: "runLog", ...fields }));
});

test.each<[string, unknown, string]>([
  ["no recipe", { ...header, recipe: undefined }, 'recipe "undefined"'],
  ["an empty recipe", { ...header, recipe: "" }, 'recipe ""'],
  ["no config", { ...header, config: undefined }, "config undefined"],
  ["a bigint", { ...header, config: { seed: 1n } }, "config that JSON cannot hold"],
])("a header with %s starts no log", (_, wrong, received) => {
  const sink = memorySink();
  expect(() => createRunLog(sink, wrong as RunLogHeader)).toThrow(
    expect.objectContaining({ name: "RunLogError", received: expect.stringContaining(received) }),
  );
});

test("a summary that JSON cannot hold leaves the log open, to be failed", async () => {
  const log = createRunLog(memorySink(), header);
  await expect(log.finish({ ...result, summary: { steps: 1n } })).rejects.toThrow(RunLogError);
  await log.fail(new Error("no summary"));
});

test.each([["text"], [undefined], [new ArrayBuffer(8)]])("%s is no log", (bytes) => {
  expect(() => readRunLog(bytes as unknown as Uint8Array)).toThrow(
    expect.objectContaining({ operation: "readRunLog", expected: "the bytes of a log as a Uint8Array" }),
  );
});

test("nothing is recorded after the end", async () => {
  const log = createRunLog(memorySink(), header);
  await log.finish(result);
  expect(() => log.scalar({ ...moment, value: 1 })).toThrow(RunLogError);
  await expect(log.finish(result)).rejects.toThrow(RunLogError);
  await expect(log.fail(new Error("late"))).rejects.toThrow(RunLogError);
});

test.each([0, 1.5, -1])("flushEvery %d is refused", (flushEvery) => {
  expect(() => createRunLog(memorySink(), header, { flushEvery })).toThrow(RunLogError);
});

test("calls of an asynchronous sink do not overlap, and its failure surfaces at the end", async () => {
  const events: string[] = [];
  const call = (name: string) => async (): Promise<void> => {
    events.push(`${name} begins`);
    await Promise.resolve();
    events.push(`${name} ends`);
  };
  const log = createRunLog({ write: call("write"), replace: call("replace") }, header, { flushEvery: 1 });
  logEpochs(log, 1);
  await log.finish(result);
  expect(events).toEqual(
    [...Array(5).fill("write"), "replace"].flatMap((name: string) => [`${name} begins`, `${name} ends`]),
  );
  const full = createRunLog({ write: () => Promise.reject(new Error("disk full")), replace: () => undefined }, header);
  await expect(full.flush()).rejects.toThrow("disk full");
  await expect(full.finish(result)).rejects.toThrow("disk full");
});

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

test("a file holds the running log, then the finished one, and nothing else stays behind", async () => {
  const folder = mkdtempSync(join(tmpdir(), "nn-run-log-"));
  folders.push(folder);
  const path = join(folder, "runs", "moons", "run.arrow");
  const log = createRunLog(fileSink(path), header, { flushEvery: 1 });
  logEpochs(log, 2);
  expect(readRunLog(readFileSync(path))).toMatchObject({ status: "running", truncated: false });
  expect(readRunLog(readFileSync(path)).records).toHaveLength(7);
  await log.finish(result);
  expect(readRunLog(readFileSync(path))).toMatchObject({ status: "finished" });
  expect(readdirSync(join(path, ".."))).toEqual(["run.arrow"]);
  writeFileSync(path, "an older file");
  createRunLog(fileSink(path), header);
  expect(readRunLog(readFileSync(path)).records).toEqual([]);
});

test("apache-arrow alone reads the log, and the same in it", async () => {
  const bytes = await writtenLog();
  const table = tableFromIPC(bytes);
  expect(table.schema.fields.map(String)).toEqual([
    "step: Int32",
    "epoch: Int32",
    "elapsedMs: Float64",
    "split: Utf8",
    "name: Utf8",
    "value: Float64",
    "shape: List<Int32>",
    "data: List<Float32>",
  ]);
  expect(table.schema.metadata.get("nn.runLog")).toBe("1");
  const rows = table.toArray().map((row) => {
    const { value, shape, data, ...moment } = row.toJSON();
    return value === null ? { ...moment, shape: [...shape], data: Float32Array.from(data) } : { ...moment, value };
  });
  expect(rows).toEqual(readRunLog(bytes).records);
});
