import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ArgumentError, DTypeError, fromArray, ShapeError } from "@nn/tensor";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { augment } from "./augment.ts";
import type { BatchOptions } from "./batches.ts";
import type { Batch, Dataset } from "./dataset.ts";
import { datasetFromArrays } from "./dataset-from-arrays.ts";
import { DataError } from "./errors.ts";
import { mapDataset } from "./map.ts";
import { openDataset, prefetch } from "./node.ts";
import { prefetchWith } from "./prefetch/prefetch.ts";
import type { Answer, Request } from "./prefetch/protocol.ts";
import { serveBatches } from "./prefetch/serve.ts";
import { prepare, type Source } from "./prepare/index.ts";
import { trainTestSplit } from "./split.ts";
import { concatDatasets } from "./splits.ts";

const side = 5;
const size = 120;
const pixels = Uint8Array.from({ length: size * side * side }, (_, i) => (i * 2654435761) >>> 24);
const source: Source = {
  kind: "values",
  layout: { column: "image", dtype: "uint8", inputShape: [side, side, 1] },
  splits: { train: size },
  files: [],
  steps: [],
  blocks: function* (_, from) {
    const labels = Uint8Array.from({ length: size - from }, (_, i) => (from + i) % 3);
    yield { inputs: pixels.slice(from * side * side), labels };
  },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-prefetch-"));
  await prepare(source, { out: folder, name: "d", version: "1", classNames: ["a", "b", "c"], shardSize: 50 });
});
afterAll(() => rm(folder, { recursive: true }));

const inMemory = (): Dataset =>
  datasetFromArrays({
    name: "m",
    inputs: fromArray(Float32Array.from(pixels), [size, side, side, 1]),
    labels: Array.from({ length: size }, (_, i) => i % 3),
    classNames: ["a", "b", "c"],
  });

/** All that is in a batch, as text. */
const content = ({ inputs, targets, indices, size }: Batch) =>
  [inputs.dtype, inputs.shape.join(), inputs.data.join(), targets.data.join(), indices.join(), size].join(" | ");

async function contents(batches: Iterable<Batch> | AsyncIterable<Batch>): Promise<string[]> {
  const all: string[] = [];
  for await (const batch of batches) all.push(content(batch));
  return all;
}

const amounts = { shift: 1, rotation: 20, elastic: 1, seed: 4 };

/** Runs the worker's program on this thread, answering when `release` is called, or at once. */
function recorded({ hold = false } = {}) {
  const state = { started: 0, terminated: 0, asked: 0, answered: 0, alive: false, held: [] as (() => void)[] };
  let lose: (why: string) => void = () => undefined;
  const start: Parameters<typeof prefetchWith>[0] = (onAnswer, onLost) => {
    state.started++;
    lose = onLost;
    const serve = serveBatches(
      (answer: Answer) => {
        const give = () => {
          state.answered++;
          onAnswer(answer);
        };
        if (hold) state.held.push(give);
        else setImmediate(give);
      },
      () => Promise.reject(new Error("no files here")),
    );
    return {
      post: (request: Request) => {
        if ("options" in request) state.asked += request.options.to! - request.options.from!;
        void serve(request);
      },
      keepAlive: (isNeeded) => {
        state.alive = isNeeded;
      },
      terminate: () => {
        state.terminated++;
      },
    };
  };
  return { state, start, lose: (why: string) => lose(why) };
}

/** Collects garbage until the one worker of whoever was dropped has ended. */
async function expectEnd(state: { readonly terminated: number }): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  await expect
    .poll(
      () => {
        collect();
        return state.terminated;
      },
      { timeout: 600_000 },
    )
    .toBe(1);
}

describe("prefetch", () => {
  test("gives the batches of the dataset, bit for bit, whatever the workers", async () => {
    const stored = await openDataset(folder);
    const tables: [string, Dataset][] = [
      ["files", stored],
      ["a part of files, within little memory", await openDataset(folder, { split: "train[5:100]", memory: 60 * 25 })],
      ["arrays", inMemory()],
      ["a split", trainTestSplit(stored, { testSize: 0.2, seed: 1 }).train],
      ["several joined", concatDatasets([stored, stored.subset([3, 1])])],
      ["augmented", augment(stored, amounts)],
      [
        "joined, one part augmented, a part",
        concatDatasets([augment(stored, amounts), stored]).subset([9, 200, 3, 5, 7]),
      ],
      ["augmented twice, a part", augment(augment(inMemory(), amounts), { shift: 1 }).subset([7, 3, 99, 4, 5, 6])],
    ];
    for (const [name, data] of tables) {
      for (const workers of [0, 1, 2]) {
        const loader = prefetch(data, { workers, bufferSize: 3 });
        try {
          for (const options of [
            { batchSize: 4 },
            { batchSize: data.size },
            { batchSize: 5, shuffle: true, seed: 7, epoch: 3 },
            { batchSize: 5, shuffle: true, seed: 7, epoch: 4, dropLast: true, window: 20 },
          ]) {
            const expected = await contents(data.batches(options));
            expect(await contents(loader.batches(options)), `${name}, ${workers}`).toEqual(expected);
          }
          // The first options again: what was sent was not taken from the dataset.
          expect(await contents(loader.batches({ batchSize: 4 }))).toEqual(
            await contents(data.batches({ batchSize: 4 })),
          );
        } finally {
          loader.close();
        }
      }
      expect(data.inputs.data.length).toBe(data.size * side * side);
    }
  });

  test("memory of batches goes back to the worker", async () => {
    const data = inMemory();
    const loader = prefetch(data, { bufferSize: 6 });
    const options = { batchSize: 5, shuffle: true, seed: 7 };
    const expected = await contents(data.batches(options));
    const taken: Batch[] = [];
    const all = [];
    for await (const batch of loader.batches(options)) {
      taken.push(batch);
      all.push(content(batch));
    }
    expect(all).toEqual(expected);
    expect(taken.some(({ inputs }) => inputs.data.length === 0)).toBe(true);
    loader.close();
  });

  test("batches may be handed on to another thread", async () => {
    const data = inMemory();
    const loader = prefetch(data, { bufferSize: 3 });
    const options = { batchSize: 5, shuffle: true };
    const all = [];
    for await (const batch of loader.batches(options)) {
      all.push(content(batch));
      structuredClone(null, { transfer: [batch.inputs.data.buffer as ArrayBuffer] });
    }
    expect(all).toEqual(await contents(data.batches(options)));
    loader.close();
  });

  test("resumes at any batch, with any buffer", async () => {
    const data = augment(inMemory(), amounts);
    const options = fc.record({
      batchSize: fc.integer({ min: 1, max: 50 }),
      shuffle: fc.boolean(),
      epoch: fc.nat(5),
      workers: fc.integer({ min: 1, max: 4 }),
      bufferSize: fc.integer({ min: 1, max: 40 }),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      to: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(options, async ({ workers, bufferSize, from, to, ...order }) => {
        const count = Math.ceil(size / order.batchSize);
        const part = { ...order, from: Math.round(from * count), to: Math.round(to * count) };
        const loader = prefetchWith(recorded().start, data, { workers, bufferSize });
        expect(await contents(loader.batches(part))).toEqual(await contents(data.batches(part)));
      }),
      { numRuns: 50 },
    );
  });

  test("never has more batches under way than the buffer holds", async () => {
    for (const workers of [1, 2, 3]) {
      for (let bufferSize = 1; bufferSize < 40; bufferSize++) {
        const { state, start } = recorded();
        let taken = 0;
        for await (const _ of prefetchWith(start, inMemory(), { workers, bufferSize }).batches({ batchSize: 1 })) {
          taken++;
          expect(state.asked - taken).toBeLessThanOrEqual(bufferSize);
          if (taken < 60) expect(state.asked - taken).toBeGreaterThanOrEqual(Math.min(bufferSize, 2) - 1);
        }
        expect(taken).toBe(size);
        expect(state).toMatchObject({ started: workers, alive: false, terminated: 0 });
      }
    }
  });

  test("asks for nothing before the first batch is wanted, and keeps workers for the next epoch", async () => {
    const { state, start } = recorded();
    const loader = prefetchWith(start, inMemory(), {});
    const batches = loader.batches({ batchSize: 10 });
    expect(state.started).toBe(0);
    await contents(batches);
    await contents(loader.batches({ batchSize: 10, epoch: 1 }));
    expect(state).toMatchObject({ started: 1, terminated: 0, asked: 24 });
    loader.close();
    expect(state.terminated).toBe(1);
    await contents(batches);
    expect(state.started).toBe(2);
  });

  test("leaving the loop ends the workers, unless it was at its last batch or another goes on", async () => {
    const { state, start } = recorded();
    const loader = prefetchWith(start, inMemory(), { workers: 2 });
    for await (const _ of loader.batches({ batchSize: 40, to: 1 })) break;
    expect(state).toMatchObject({ started: 2, terminated: 0 });
    const other = loader.batches({ batchSize: 1 })[Symbol.asyncIterator]();
    await other.next();
    for await (const _ of loader.batches({ batchSize: 1 })) break;
    expect(state).toMatchObject({ started: 2, terminated: 0 });
    await other.return!();
    expect(state).toMatchObject({ started: 2, terminated: 2 });
    await expect(
      (async () => {
        for await (const _ of loader.batches({ batchSize: 1 })) throw new Error("mine");
      })(),
    ).rejects.toThrow("mine");
    expect(state).toMatchObject({ started: 4, terminated: 4 });
  });

  test("what the dataset throws is thrown, in its class", async () => {
    const file = join(folder, "train-00001-of-00003.arrow");
    const bytes = await readFile(file);
    const data = await openDataset(folder);
    await writeFile(file, bytes.with(300, bytes[300]! ^ 1));
    const loader = prefetch(data);
    try {
      const error = await contents(loader.batches({ batchSize: 10 })).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(DataError);
      expect((error as DataError).message).toContain("SHA-256");
      expect(error).toMatchObject({ name: "DataError", operation: "openDataset" });
      await writeFile(file, bytes);
      // The next loop starts its own workers.
      expect(await contents(loader.batches({ batchSize: 10 }))).toHaveLength(12);
    } finally {
      await writeFile(file, bytes);
      loader.close();
    }
  });

  test.each([
    [new ShapeError({ operation: "o", received: "r", expected: "e", fix: "F." }), ShapeError],
    [new DTypeError({ operation: "o", received: "r", expected: "e" }), DTypeError],
    [new TypeError("of JavaScript"), TypeError],
  ])("%s comes across", async (thrown, type) => {
    const answers: Answer[] = [];
    const serve = serveBatches(
      (answer) => answers.push(structuredClone(answer)),
      () => Promise.reject(thrown),
    );
    const { start } = recorded();
    const loader = prefetchWith(
      (onAnswer, onLost) => ({
        ...start(onAnswer, onLost),
        post: (request) => {
          if ("options" in request) void serve(request).then(() => onAnswer(answers.pop()!));
          else void serve({ dataset: { ...(request.dataset as object), chunks: [{ location: {} }] } as never });
        },
      }),
      inMemory(),
      {},
    );
    const error = await contents(loader.batches({ batchSize: 10 })).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toBe(thrown.message);
  });

  test("a worker that is gone is an error, and not for ever", async () => {
    const { state, start, lose } = recorded({ hold: true });
    const loader = prefetchWith(start, inMemory(), {});
    const first = contents(loader.batches({ batchSize: 10 }));
    await Promise.resolve();
    lose("out of memory");
    await expect(first).rejects.toMatchObject({
      name: "ArgumentError",
      received: "a worker that is gone: out of memory",
    });
    expect(state.terminated).toBeGreaterThan(0);
    const second = loader.batches({ batchSize: 10 })[Symbol.asyncIterator]().next();
    await new Promise(setImmediate);
    for (const give of state.held) give();
    expect((await second).done).toBe(false);
  });

  test("workers that wait end with whoever held them", async () => {
    const { state, start } = recorded();
    await contents(prefetchWith(start, inMemory(), {}).batches({ batchSize: 10 }));
    await expectEnd(state);
  });

  test("workers end with an iterator that is dropped in the middle, though their loader is held", async () => {
    const { state, start } = recorded();
    const loader = prefetchWith(start, inMemory(), {});
    await (async () => {
      await loader.batches({ batchSize: 10 })[Symbol.asyncIterator]().next();
    })();
    await expectEnd(state);
    expect(await contents(loader.batches({ batchSize: 10 }))).toHaveLength(12);
  });

  test("a program waits for its batches, and ends when it needs no more", async () => {
    const program = `
      import { makeMoons } from "@nn/datasets";
      import { prefetch } from "@nn/datasets/node";
      const loader = prefetch(makeMoons({ samples: 100 }));
      let batches = 0;
      for await (const _ of loader.batches({ batchSize: 9, shuffle: true })) batches++;
      const unfinished = loader.batches({ batchSize: 9 })[Symbol.asyncIterator]();
      await unfinished.next();
      console.log(batches);`;
    const args = ["--conditions=@nn/source", "--input-type=module", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
    expect(stdout).toBe("12\n");
  });

  test("closing while batches are awaited ends the wait", async () => {
    const loader = prefetch(await openDataset(folder));
    const waiting = contents(loader.batches({ batchSize: 10 }));
    loader.close();
    await expect(waiting).rejects.toThrow("prefetch: received a worker that is gone: it was closed");
  });

  test("wrong options are refused at the call, datasets that cannot be sent with the first batch", async () => {
    const data = inMemory();
    for (const bad of [{ workers: -1 }, { workers: 1.5 }, { workers: 65 }, { bufferSize: 0 }]) {
      expect(() => prefetch(data, bad)).toThrow(ArgumentError);
    }
    expect(() => prefetch(data).batches({ batchSize: 0 })).toThrow("batches: received batchSize 0");
    expect(() => prefetch(data).batches({ batchSize: 10, from: 13 } satisfies BatchOptions)).toThrow("from 13");
    const mapped = mapDataset(data, () => undefined, { step: "x" });
    const message = "prefetch: received a dataset that mapDataset made: functions cannot be sent to a worker";
    await expect(contents(prefetch(mapped).batches({ batchSize: 10 }))).rejects.toThrow(message);
    expect(await contents(prefetch(mapped, { workers: 0 }).batches({ batchSize: 60 }))).toHaveLength(2);
  });
});
