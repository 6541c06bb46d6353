/** A run that was interrupted anywhere ends as one that never was, byte for byte but for times. */

import { reference, wasm } from "@nn/tensor";
import { beforeAll, describe, expect, test } from "vitest";
import type { TrainingEvent } from "../fit/events.ts";
import type { Run } from "../fit/run.ts";
import { MemorySink } from "../run-log/memory-sink.ts";
import { eventsOf, logContent, loggedEvents, type RunName, resultOf, runs } from "../test-runs.ts";
import { MemoryStore } from "./memory-store.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const backend = reference;
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
    expected.set(name, await toTheEnd(loggedEvents(eventsOf(name, undefined, { backend }), sink, undefined)));
    expectedLogs.set(name, logContent(sink.bytes));
  }
});

/** What is left when the process of a run is killed at one of its events; undefined after the last. */
async function killedAt(kill: number, name: RunName, turns: number): Promise<[MemoryStore, MemorySink] | undefined> {
  const [store, sink] = [new MemoryStore(undefined, turns), new MemorySink()];
  const events = loggedEvents(eventsOf(name, store, { backend }), sink, undefined);
  for (let event = 0; event < kill; event++) {
    if ((await events.next()).done) return undefined;
    await turn();
  }
  // What the generator would still do does not happen: the write under way does not end either.
  return [new MemoryStore(store.bytes), sink];
}

async function checkGoesOn(name: RunName, store: MemoryStore, sink?: MemorySink): Promise<void> {
  const events = eventsOf(name, store, { backend });
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

  test.each([1, 5])("killed at each event, with writes that take %i events", async (turns) => {
    for (let kill = 1; ; kill++) {
      const left = await killedAt(kill, name, turns);
      if (left === undefined) return expect(kill).toBeGreaterThan(25);
      await checkGoesOn(name, ...left);
    }
  });

  test("a loop that is left, or thrown out of, at each event", async () => {
    for (let last = 1; ; last++) {
      const [store, sink] = [new MemoryStore(undefined, 5), new MemorySink()];
      let seen = 0;
      try {
        for await (const _ of loggedEvents(eventsOf(name, store, { backend }), sink, undefined)) {
          if (++seen < last) continue;
          if (last % 2 === 0) break;
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
      const events = eventsOf(name, store, { backend });
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

  test("goes on on another backend", async () => {
    const engines = [wasm(), backend];
    const store = new MemoryStore();
    for (let stops = 0; ; stops++) {
      const events = eventsOf(name, store, { backend: engines[stops % 2]! });
      let run: Run | undefined;
      for await (const event of events) {
        if (event.type === "step" && event.step % 5 === 0) events.stop("change");
        else if (event.type === "end") run = event.run;
      }
      if (run?.stopped === "change") continue;
      expect(resultOf(run!)).toEqual(expected.get(name));
      return expect(stops).toBeGreaterThan(2);
    }
  });

  test("each write that fails ends the run with its error", async () => {
    for (let fails = 1; ; fails++) {
      const [store, sink] = [new MemoryStore(), new MemorySink()];
      store.fails = fails;
      const before = toTheEnd(loggedEvents(eventsOf(name, store, { backend }), sink, undefined));
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
