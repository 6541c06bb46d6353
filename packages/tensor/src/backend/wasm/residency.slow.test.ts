/** What large programs and engines with workers leave behind in loops without a turn of the event loop. */

import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test, vi } from "vitest";
import { bitsOf } from "../../../test/backends.ts";
import { randomTensor, type Wide } from "../../../test/random-graphs.ts";
import {
  add,
  type Backend,
  broadcastTo,
  compileStep,
  type Graph,
  matmul,
  RandomState,
  reference,
  sum,
  type Tensor,
  tensor,
  trace,
} from "../../index.ts";
import { wasm } from "./wasm.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("beyond 512 MiB", () => {
  const large = (mebibytes: number): Graph =>
    trace((x: Tensor) => broadcastTo(x, [mebibytes * 2 ** 18] as never) as Tensor, [tensor(1) as Tensor]).graph;

  test("a program takes the place of those that ran longest ago", () => {
    const backend = wasm();
    const first = backend.compile(large(100), []);
    for (let i = 0; i < 7; i++) {
      backend.compile(large(100), []);
      first.run([Float32Array.of(i)]);
      expect(backend.bytesInUse).toBeLessThanOrEqual(2 ** 29);
    }
    expect(backend.programsInMemory).toBe(5);
    expect(first.run([Float32Array.of(9)])[0]!.at(-1)).toBe(9);
  });

  test("a program that needs more alone gets it", () => {
    const backend = wasm();
    backend.compile(large(300), []);
    backend.compile(large(600), []);
    expect(backend.programsInMemory).toBe(1);
    backend.compile(large(1), []);
    expect(backend.bytesInUse).toBeLessThan(2 ** 29);
  });
});

describe("engines with workers", () => {
  const [x, w] = [randomTensor(new RandomState(1), [130, 90]), randomTensor(new RandomState(2), [90, 90])] as const;
  const create = (backend: Backend) =>
    compileStep((s: Wide, y: Wide) => ({ state: add(matmul(s, w), y) as Wide, outputs: sum(s) as Wide }), x, {
      backend,
    });

  test("are at most eight, and a dropped one's workers end without a turn", () => {
    const workers = new Set<Worker>();
    const ended = new Set<Worker>();
    const { postMessage, terminate } = Worker.prototype;
    vi.spyOn(Worker.prototype, "postMessage").mockImplementation(function (this: Worker, ...args) {
      workers.add(this);
      return postMessage.apply(this, args);
    });
    vi.spyOn(Worker.prototype, "terminate").mockImplementation(function (this: Worker) {
      ended.add(this);
      return terminate.apply(this);
    });
    for (let i = 0; i < 30; i++) create(wasm({ threads: 3, adaptThreads: false })).run(x);
    expect([workers.size, ended.size]).toEqual([60, 44]);
  });

  test("compute the same after others took their workers", () => {
    const backends = Array.from({ length: 12 }, () => wasm({ threads: 2, adaptThreads: false }));
    const [plain, ...steps] = [reference, ...backends].map(create);
    for (let run = 0; run < 3; run++) {
      const { data } = plain!.run(x);
      for (const step of steps) expect(step.run(x).data).toEqual(data);
    }
    for (const step of steps) expect(bitsOf(step.state())).toEqual(bitsOf(plain!.state()));
    expect(backends.map(({ sharedRuns }) => sharedRuns)).toEqual(backends.map(() => 3));
    for (const backend of backends) {
      backend.close();
      expect(() => steps[backends.indexOf(backend)]!.run(x)).toThrow(/the engine was closed/);
    }
  });
});
