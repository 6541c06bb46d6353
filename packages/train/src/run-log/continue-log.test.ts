/** The log of a run that goes on from a checkpoint. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError, reference } from "@nn/tensor";
import { describe, expect, test } from "vitest";
import { MemoryStore } from "../checkpoint/memory-store.ts";
import { fileSink } from "../node.ts";
import { createRunLog, RunLogError, type RunLogRecord, readRunLog } from "../run-log.ts";
import { eventsOf, loggedEvents } from "../test-runs.ts";
import { MemorySink } from "./memory-sink.ts";

const changed = { backend: reference };
const header = { recipe: "test", config: {}, environment: {}, datasets: [{ name: "halfCircles", fingerprint: "45" }] };
const moment = (step: number) => ({ step, epoch: 0, elapsedMs: step, split: "train", name: "loss" }) as const;

/** A run left at its `step`-th step. */
async function leftAt(step: number): Promise<[MemoryStore, MemorySink]> {
  const [store, sink] = [new MemoryStore(), new MemorySink()];
  const events = eventsOf("sgd", store, changed);
  for await (const event of loggedEvents(events, sink, undefined)) {
    if (event.type === "step" && event.step === step) break;
  }
  return [store, sink];
}

describe("refuses, and keeps checkpoint and log", () => {
  type Logs = (sink: MemorySink) => { readonly continueFrom?: Uint8Array; readonly stepsPerRecord?: number };
  test.each<[what: string, logs: Logs, received: string, expected: string]>([
    [
      "a log that is shorter than the checkpoint says",
      () => ({ continueFrom: logOf(1) }),
      "an earlier log with 1 of the records for a run that goes on after record 8",
      "the log that was written with the checkpoint",
    ],
    [
      "other windows",
      ({ bytes }) => ({ continueFrom: bytes, stepsPerRecord: 2 }),
      "stepsPerRecord 2",
      "5, as before the checkpoint",
    ],
    [
      "a log of another recipe",
      () => ({ continueFrom: logOf(9, { ...header, recipe: "other" }) }),
      'recipe "other"',
      '"test"',
    ],
    [
      "a log of other data",
      () => ({ continueFrom: logOf(9, { ...header, datasets: [{ name: "halfCircles", fingerprint: "46" }] }) }),
      '"fingerprint":"46"',
      '"fingerprint":"45"',
    ],
    ["no log", () => ({ continueFrom: new Uint8Array(9) }), "no message marker", "an Arrow IPC stream"],
  ])("%s", async (_, logs, received, expected) => {
    const [store, sink] = await leftAt(14);
    const { bytes, writes } = store;
    const { continueFrom, stepsPerRecord = 5 } = logs(sink);
    const next = new MemorySink();
    const failure = drain(loggedEvents(eventsOf("sgd", store, changed), next, continueFrom, { stepsPerRecord }));
    const error = await failure.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as ArgumentError).received).toContain(received);
    expect((error as ArgumentError).expected).toContain(expected);
    expect([store.bytes, store.writes, next.bytes.length]).toEqual([bytes, writes, 0]);
  });

  test("a log that is missing", async () => {
    const [store] = await leftAt(14);
    const { bytes } = store;
    const failure = drain(loggedEvents(eventsOf("sgd", store, changed), new MemorySink(), undefined));
    await expect(failure).rejects.toThrow(RunLogError);
    await expect(failure).rejects.toMatchObject({
      received: "no earlier log for a run that goes on after record 8",
      fix: expect.stringContaining("resume: false"),
    });
    expect(store.bytes).toBe(bytes);
  });

  test("a checkpoint of a run without a log", async () => {
    const store = new MemoryStore();
    for await (const event of eventsOf("sgd", store, changed)) if (event.type === "step" && event.step === 9) break;
    const failure = drain(loggedEvents(eventsOf("sgd", store, changed), new MemorySink(), undefined));
    await expect(failure).rejects.toMatchObject({ received: "a run that goes on after step 8 and had no log" });
  });

  test("a checkpoint of another run: the earlier log stays as it is", async () => {
    const [store, sink] = await leftAt(14);
    const { bytes } = sink;
    const events = eventsOf("sgd", store, { ...changed, seed: 9 });
    await expect(drain(loggedEvents(events, sink, bytes))).rejects.toMatchObject({
      received: expect.stringContaining("seed 3"),
    });
    expect(sink.bytes).toBe(bytes);
  });
});

test("a run without a checkpoint starts its log from the first record", async () => {
  const sink = new MemorySink();
  sink.bytes = logOf(9);
  await drain(loggedEvents(eventsOf("sgd", undefined, { ...changed, epochs: 1 }), sink, sink.bytes));
  expect(stepsOf(readRunLog(sink.bytes).records)).toEqual([5, 6]);
});

describe("createRunLog with continueFrom", () => {
  test("writes nothing before keep, and appends after it", () => {
    const sink = new MemorySink();
    const continueFrom = logOf(4);
    const log = createRunLog(sink, header, { continueFrom, flushEvery: 1 });
    log.scalar({ ...moment(9), value: 9 });
    expect(sink.bytes.length).toBe(0);
    log.keep(2);
    expect([log.recordCount, stepsOf(readRunLog(sink.bytes).records)]).toEqual([2, [1, 2]]);
    log.scalar({ ...moment(3), value: 7 });
    const { status, records } = readRunLog(sink.bytes);
    expect([status, stepsOf(records)]).toEqual(["running", [1, 2, 3]]);
    expect(() => log.keep(1)).toThrow("no earlier log");
  });

  test("takes a log that was cut within its last batch", () => {
    const whole = logOf(4);
    const log = createRunLog(new MemorySink(), header, { continueFrom: whole.subarray(0, -9) });
    expect(() => log.keep(4)).toThrow("an earlier log with 3 of the records");
    log.keep(3);
  });

  test.each([-1, 1.5, Number.NaN, "2"])("keep(%j) is refused", (count) => {
    const log = createRunLog(new MemorySink(), header, { continueFrom: logOf(4) });
    expect(() => log.keep(count as number)).toThrow(RunLogError);
    log.keep(4);
  });

  test.each(["flush", "finish"] as const)("%s without keep starts with the records of now", async (end) => {
    const sink = new MemorySink();
    const log = createRunLog(sink, header, { continueFrom: logOf(4) });
    log.scalar({ ...moment(7), value: 1 });
    await (end === "flush" ? log.flush() : log.finish({ weightsSha256: "", summary: {} }));
    expect(stepsOf(readRunLog(sink.bytes).records)).toEqual([7]);
  });

  test.each(["fail", "interrupt"] as const)("%s before keep leaves the earlier log", async (end) => {
    const sink = new MemorySink();
    const log = createRunLog(sink, header, { continueFrom: logOf(4) });
    await log[end]("SIGINT");
    expect(sink.bytes.length).toBe(0);
  });

  test("in a file", async () => {
    const path = mkdtempSync(join(tmpdir(), "nn-log-"));
    try {
      const file = join(path, "run.arrow");
      await fileSink(file).write(logOf(4));
      const log = createRunLog(fileSink(file), header, { continueFrom: readFileSync(file), flushEvery: 1 });
      log.keep(3);
      log.scalar({ ...moment(5), value: 1 });
      expect(stepsOf(readRunLog(readFileSync(file)).records)).toEqual([1, 2, 3, 5]);
    } finally {
      rmSync(path, { recursive: true });
    }
  });
});

/** A running log of `count` records, each in a batch of its own. */
function logOf(count: number, of: typeof header = header): Uint8Array {
  const sink = new MemorySink();
  const log = createRunLog(sink, of, { flushEvery: 1 });
  for (let step = 1; step <= count; step++) log.scalar({ ...moment(step), value: step });
  return sink.bytes;
}

function stepsOf(records: readonly RunLogRecord[]): number[] {
  return records.filter(({ name, split }) => name === "loss" && split === "train").map(({ step }) => step);
}

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}
