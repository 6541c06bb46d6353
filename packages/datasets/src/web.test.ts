import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArgumentError } from "@nn/tensor";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { BatchOptions } from "./batches.ts";
import { copyBatch } from "./copy-batch.ts";
import type { Dataset } from "./dataset.ts";
import { DataError } from "./errors.ts";
import { openDataset } from "./node.ts";
import { fromPortable, toPortable } from "./prefetch/portable.ts";
import { prepare, type Source } from "./prepare/index.ts";
import { fetchDataset } from "./web.ts";

const rows = { train: 1000, test: 30 };
const width = 256;

let folder: string;
let server: Server;
let url: string;
/** What was asked for, and how the server behaves. */
const seen = { requests: [] as string[], queries: new Set<string>(), bytes: 0 };
let takesRanges = true;
let saysRange = (from: number, to: number): string | undefined => `bytes ${from}-${to}/*`;
let spoil: (file: string, bytes: Buffer) => Buffer | undefined = (_, bytes) => bytes;

const source: Source = {
  kind: "values",
  layout: { column: "image", dtype: "uint8", inputShape: [16, 16, 1] },
  splits: rows,
  files: [],
  steps: [],
  blocks: function* (split, from) {
    const count = rows[split as keyof typeof rows] - from;
    const inputs = Uint8Array.from({ length: count * width }, (_, i) => ((from * width + i) * 2654435761) >>> 24);
    yield { inputs, labels: Uint8Array.from({ length: count }, (_, i) => (from + i) % 3) };
  },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-web-"));
  await prepare(source, { out: folder, name: "d", version: "1", classNames: ["a", "b", "c"], shardSize: 300 });
  server = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url!, url);
    const file = pathname.slice(1);
    const bytes = await readFile(join(folder, file)).then(
      (found) => spoil(file, found),
      () => undefined,
    );
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    if (bytes === undefined) return response.writeHead(404).end();
    const body = range && takesRanges ? bytes.subarray(Number(range[1]), Number(range[2]) + 1) : bytes;
    seen.requests.push(`${file.slice(0, 11)}${range ? ` ${range[1]}-` : ""}`);
    seen.bytes += body.length;
    seen.queries.add(search);
    if (body === bytes) return response.writeHead(200).end(body);
    const says = saysRange(Number(range![1]), Number(range![2]));
    return response.writeHead(206, says === undefined ? {} : { "content-range": says }).end(body);
  }).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

afterEach(() => {
  Object.assign(seen, { requests: [], queries: new Set(), bytes: 0 });
  takesRanges = true;
  saysRange = (from, to) => `bytes ${from}-${to}/*`;
  spoil = (_, bytes) => bytes;
});

const orderOf = (data: Dataset, options: BatchOptions) =>
  Array.from(data.batches({ ...options, batchSize: Math.min(data.size, options.batchSize) }), copyBatch).flatMap(
    ({ indices }) => [...indices],
  );

describe("fetchDataset", () => {
  test.each([
    "all",
    "train",
    "test",
    "test+train",
    "train[:10%]",
    "train[250:350]",
    "train[-3:]+test[5:7]",
    "train[299:301]",
    "train[900:]+test+train[:300]+train[250:310]",
  ])("%s: the rows that openDataset gives, with range requests and without", async (split) => {
    const expected = await openDataset(folder, { split });
    for (takesRanges of [true, false]) {
      const data = await fetchDataset(url, { split });
      expect(data.inputs).toEqual(expected.inputs);
      expect(data.targets).toEqual(expected.targets);
      expect(data.fingerprint).toBe(expected.fingerprint);
      const shuffled = { batchSize: 7, shuffle: true, seed: 5, window: 350 };
      const sent = await fromPortable(toPortable(data).dataset, () => Promise.reject(new Error("no files here")));
      for (const each of [data, sent]) expect(orderOf(each, shuffled)).toEqual(orderOf(expected, shuffled));
      expect(data).toMatchObject({ name: "d", target: { count: 3, names: ["a", "b", "c"] }, inputShape: [16, 16, 1] });
    }
  });

  test("a part of a shard brings little more than its rows", async () => {
    await fetchDataset(`${url}manifest.json`, { split: "train[310:320]" });
    expect(seen.requests[0]).toBe("manifest.js");
    expect(seen.requests.slice(1).every((request) => request.startsWith("train-00001 "))).toBe(true);
    expect(seen.bytes).toBeLessThan(4096 + 16384 + 10 * 257 + 6000);
  });

  test("tells how far it is", async () => {
    const progress: unknown[] = [];
    await fetchDataset(url, { split: "train", onProgress: (at) => progress.push(at) });
    expect(progress).toHaveLength(4);
    expect(progress.at(-1)).toEqual({ rows: 1000, totalRows: 1000 });
  });

  test.each<[string, string, (file: string, bytes: Buffer) => Buffer | undefined, string]>([
    ["a manifest that is missing", "all", (file, bytes) => (file.endsWith(".json") ? undefined : bytes), "status 404"],
    [
      "a shard that is missing",
      "train",
      (file, bytes) => (file.startsWith("train-00002") ? undefined : bytes),
      "status 404",
    ],
    [
      "a shard that was altered",
      "test",
      (file, bytes) => (file.startsWith("test") ? Buffer.from(bytes.with(400, 1)) : bytes),
      "SHA-256",
    ],
    [
      "a shard that was cut",
      "test",
      (file, bytes) => (file.startsWith("test") ? bytes.subarray(0, 900) : bytes),
      "900 bytes",
    ],
    [
      "a part of a shard that was cut",
      "train[:5]",
      (file, bytes) => (file.startsWith("train") ? bytes.subarray(0, 5000) : bytes),
      "bytes",
    ],
    [
      "a manifest that is none",
      "all",
      (file, bytes) => (file.endsWith(".json") ? Buffer.from("{}") : bytes),
      "format missing",
    ],
    [
      "a shard of another split",
      "train[:5]",
      (file, bytes) =>
        file.endsWith(".json") ? Buffer.from(bytes.toString().replace('"name": "d"', '"name": "e"')) : bytes,
      '"name":"d"',
    ],
  ])("%s is refused", async (_, split, change, received) => {
    spoil = change;
    const error = await fetchDataset(url, { split }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).received).toContain(received);
  });

  test("a part of a file other than was asked for is refused, where the server says which it is", async () => {
    saysRange = () => undefined;
    expect((await fetchDataset(url, { split: "train[:5]" })).size).toBe(5);
    saysRange = (from, to) => `bytes ${from + 1}-${to + 1}/*`;
    await expect(fetchDataset(url, { split: "train[:5]" })).rejects.toThrow(/bytes 1-4096.*bytes 0-4095 as asked for/s);
  });

  test.each(["?token=a%2Fb", "manifest.json?token=a%2Fb"])(
    "the query of %s goes with every request",
    async (location) => {
      await fetchDataset(url + location, { split: "train[:5]+test" });
      expect([...seen.queries]).toEqual(["?token=a%2Fb"]);
    },
  );

  test("after a failure no further shard is asked for", async () => {
    const asked: string[] = [];
    let fail: () => void = () => undefined;
    const failure = new Promise<void>((resolve) => {
      fail = resolve;
    });
    let done = 0;
    const data = fetchDataset(url, {
      fetch: async (address, options) => {
        asked.push(address);
        if (address.includes("train-00000")) return { status: 503, arrayBuffer: async () => new ArrayBuffer(0) };
        if (address.includes("train")) await failure;
        return fetch(address, options);
      },
      onProgress: () => done++,
    });
    await expect(data).rejects.toThrow("status 503");
    fail();
    await expect.poll(() => done).toBe(3);
    await new Promise(setImmediate);
    expect(asked).toHaveLength(5);
  });

  test("a server that cannot be reached, a split that is not there, no URL", async () => {
    await expect(fetchDataset("http://127.0.0.1:9/")).rejects.toThrow(DataError);
    await expect(fetchDataset(url, { split: "dev" })).rejects.toThrow(ArgumentError);
    await expect(fetchDataset("no url")).rejects.toThrow(ArgumentError);
  });

  test("can be ended early", async () => {
    const reason = new Error("enough");
    await expect(fetchDataset(url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
