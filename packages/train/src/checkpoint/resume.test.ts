/** A run that was interrupted anywhere ends as one that never was, byte for byte but for times. */

import { beforeAll, describe, expect, test } from "vitest";
import type { TrainingEvent } from "../fit/events.ts";
import type { Run } from "../fit/run.ts";
import type { RunLogSink } from "../run-log.ts";
import { eventsOf, logContent, loggedEvents, type RunName, resultOf, runs } from "../test-runs.ts";
import type { CheckpointStore } from "./checkpoint-options.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A store whose writes take some turns of the event loop. */
class MemoryStore implements CheckpointStore {
  bytes: Uint8Array | undefined;
  writes = 0;
  /** Number of the write that fails, from 1. */
  fails = 0;
  readonly #turns: number;
  constructor(bytes?: Uint8Array, turns = 1) {
    this.bytes = bytes;
    this.#turns = turns;
  }
  async read(): Promise<Uint8Array | undefined> {
    return this.bytes;
  }
  async write(bytes: Uint8Array): Promise<void> {
    const number = ++this.writes;
    for (let i = 0; i < this.#turns; i++) await turn();
    if (number === this.fails) throw new Error("disk full");
    this.bytes = bytes;
  }
}

class MemorySink implements RunLogSink {
  bytes: Uint8Array = new Uint8Array();
  write(more: Uint8Array): void {
    this.bytes = new Uint8Array(Buffer.concat([this.bytes, more]));
  }
  replace(all: Uint8Array): void {
    this.bytes = all;
  }
}

const names = Object.keys(runs) as RunName[];
type Events = AsyncGenerator<TrainingEvent<Run>, void, undefined>;

async function toTheEnd(events: Events): Promise<unknown> {
  for await (const event of events) if (event.type === "end") return resultOf(event.run);
  throw new Error("a run without an end");
}

const expected = new Map<RunName, unknown>();
const expectedLogs = new Map<RunName, unknown>();
beforeAll(async () => {
  for (const name of names) {
    const sink = new MemorySink();
    expected.set(name, await toTheEnd(loggedEvents(eventsOf(name, undefined), sink, undefined)));
    expectedLogs.set(name, logContent(sink.bytes));
  }
});

/** What is left when the process of a run is killed at one of its events; undefined after the last. */
async function killedAt(kill: number, name: RunName, turns: number): Promise<[MemoryStore, MemorySink] | undefined> {
  const [store, sink] = [new MemoryStore(undefined, turns), new MemorySink()];
  const events = loggedEvents(eventsOf(name, store), sink, undefined);
  for (let event = 0; event < kill; event++) {
    if ((await events.next()).done) return undefined;
    await turn();
  }
  // What the generator would still do does not happen: the write under way does not end either.
  return [new MemoryStore(store.bytes), sink];
}

async function checkGoesOn(name: RunName, store: MemoryStore, sink?: MemorySink): Promise<void> {
  const events = eventsOf(name, store);
  if (sink === undefined) return expect(await toTheEnd(events)).toEqual(expected.get(name));
  expect(await toTheEnd(loggedEvents(events, sink, sink.bytes))).toEqual(expected.get(name));
  expect(logContent(sink.bytes)).toEqual(expectedLogs.get(name));
}

describe.each(names)("%s", (name) => {
  test("does what the tests need", () => {
    expect(expected.get(name)).toMatchObject(
      name === "adamW"
        ? { steps: 18, epochs: 3, stopped: expect.stringContaining("2 epochs") }
        : { steps: 24, epochs: 4, stopped: null },
    );
  });

  test.each([1, 3, 9])("killed at each event, with writes that take %i events", async (turns) => {
    for (let kill = 1; ; kill++) {
      const left = await killedAt(kill, name, turns);
      if (left === undefined) return expect(kill).toBeGreaterThan(25);
      await checkGoesOn(name, ...left);
    }
  });

  test.each(["left", "thrown out of"] as const)("a loop that is %s at each event", async (how) => {
    for (let last = 1; ; last++) {
      const [store, sink] = [new MemoryStore(undefined, 5), new MemorySink()];
      let seen = 0;
      try {
        for await (const _ of loggedEvents(eventsOf(name, store), sink, undefined)) {
          if (++seen < last) continue;
          if (how === "left") break;
          throw new Error("thrown out");
        }
      } catch (error) {
        expect((error as Error).message).toBe("thrown out");
      }
      if (seen < last) return;
      await checkGoesOn(name, store, sink);
    }
  });

  test("stopped after each step, again and again", async () => {
    const store = new MemoryStore();
    for (let steps = 1; ; steps++) {
      const events = eventsOf(name, store);
      let run: Run | undefined;
      for await (const event of events) {
        if (event.type === "step") events.stop("enough");
        else if (event.type === "end") run = event.run;
      }
      if (run?.stopped !== "enough") {
        expect(resultOf(run!)).toEqual(expected.get(name));
        return expect(steps).toBeGreaterThan(15);
      }
      expect(run.steps).toBe(steps);
    }
  });

  test("each write that fails ends the run with its error", async () => {
    for (let fails = 1; ; fails++) {
      const [store, sink] = [new MemoryStore(), new MemorySink()];
      store.fails = fails;
      const before = toTheEnd(loggedEvents(eventsOf(name, store), sink, undefined));
      if (
        fails >
        (await before.then(
          () => store.writes,
          () => Number.POSITIVE_INFINITY,
        ))
      )
        return;
      await expect(before).rejects.toThrow("disk full");
      await checkGoesOn(name, new MemoryStore(store.bytes), sink);
    }
  });
});
