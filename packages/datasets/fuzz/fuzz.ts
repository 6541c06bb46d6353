/**
 * Mutates good IDX files, shards, manifests, descriptions, tables, journals, names and pictures, and reads or prints them. Every
 * case must end in a value or an ArgumentError, within a second, and without memory for what a header only claims.
 *
 *     node --conditions=@nn/source fuzz/fuzz.ts [cases = 200000] [seed = 0]
 */

import { ArgumentError, checkInteger, RandomState } from "@nn/tensor";
import { readShard } from "../src/arrow/read.ts";
import { encodeShard } from "../src/arrow/write.ts";
import { parseIdx } from "../src/idx.ts";
import { manifestFormat, parseManifest } from "../src/manifest.ts";
import { printable } from "../src/node/cli/printable.ts";
import { parseCsv } from "../src/prepare/csv.ts";
import { parseDescription } from "../src/prepare/description.ts";
import { firstFrame } from "../src/prepare/first-frame.ts";
import { sniff } from "../src/prepare/image-file.ts";
import { stepOptions } from "../src/prepare/image-steps.ts";
import { type JournalEntry, parseJournal } from "../src/prepare/journal.ts";
import { parseJsonLines } from "../src/prepare/json-lines.ts";
import { plainPng } from "../src/prepare/png.ts";
import { decodeUtf8 } from "../src/prepare/utf8-text.ts";
import { parseSplit } from "../src/split-string.ts";

interface Target {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  readonly read: (bytes: Uint8Array) => unknown;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function shard(dtype: "uint8" | "float32"): Uint8Array {
  const inputs = dtype === "uint8" ? new Uint8Array(60).fill(7) : new Float32Array(60).fill(0.5);
  const layout = { column: "image", dtype, inputShape: [4, 3, 1] } as const;
  const { body, seal } = encodeShard({ inputs, labels: Uint8Array.of(0, 1, 2, 0, 1) }, layout);
  const metadata = {
    name: "fuzz",
    version: "1",
    split: "train",
    inputShape: [4, 3, 1],
    classNames: ["a", "b", "c"],
    source: [{ file: "x", sha256: "0".repeat(64), verified: true }],
    steps: ["greyscale@1()"],
    fingerprint: `sha256:${"0".repeat(64)}`,
    splits: { train: 5 },
    classCounts: [2, 2, 1],
    mean: 1,
    standardDeviation: 2,
  };
  return Buffer.concat([...body, ...seal(metadata)]);
}

const idx = (type: number, shape: readonly number[], payload: number): Uint8Array =>
  Uint8Array.from([0, 0, type, shape.length, ...shape.flatMap((n) => [0, 0, 0, n]), ...new Uint8Array(payload)]);

const entry = {
  rows: 5,
  fingerprint: `sha256:${"0".repeat(64)}`,
  classCounts: [2, 2, 1],
  mean: 1,
  standardDeviation: 2,
};
const manifest = {
  format: manifestFormat,
  name: "fuzz",
  version: "1",
  about: { licence: "MIT" },
  source: [{ file: "x", sha256: "0".repeat(64), verified: true }],
  steps: ["greyscale@1()"],
  column: "image",
  dtype: "uint8",
  inputShape: [4, 3, 1],
  classNames: ["a", "b", "c"],
  rows: 5,
  fingerprint: `sha256:${"0".repeat(64)}`,
  splits: {
    train: { ...entry, shards: [{ file: "train-00000-of-00001.arrow", rows: 5, bytes: 900, sha256: "0".repeat(64) }] },
  },
  report: { duplicates: 0, conflictingLabels: 0, unlabelled: 0, otherFiles: 0, skipped: 0, skippedFiles: [] },
};

const path = (name: string) => ({ path: name });
const descriptions = [
  { type: "idx", splits: { train: { images: path("i.gz"), labels: path("l.gz") } }, transposed: true, firstLabel: 1 },
  {
    type: "sprite",
    folder: "x",
    splits: { train: { sheet: "s.png", labels: "l.txt" } },
    tile: { height: 2, width: 2 },
  },
  { type: "blobs", samples: [1, 2], centers: 3, centerBox: [-1, 1], seed: 0 },
].map((source) => ({
  name: "fuzz",
  version: "1",
  classNames: ["a"],
  image: { size: { height: 4, width: 3 } },
  source,
}));

const body = { file: "train-00000-of-00002.arrow", rows: 2, bytes: 9, sha256: "0", inputsAt: 1, labelsAt: 2 };
const done: JournalEntry = { split: "train", shard: 0, body, skipped: 1, skippedFiles: [], chain: "00" };
const skipped: JournalEntry = { ...done, shard: 1, skippedFiles: [{ file: "x", reason: "y" }] };
const journal = ["fuzz", JSON.stringify(done), JSON.stringify(skipped), ""].join("\n");

const steps = "decode@1(background=white); greyscale@1(); resize@1(height=8,width=9,fit=cover); invert@1(auto)";

const svg = '<?xml version="1.0"?>\n<!-- a --><!-- b -->\n<!DOCTYPE svg>\n<svg width="1">';

const png = Uint8Array.from([
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 3, 0, 0, 0, 4, 8, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0x49, 0x44, 0x41, 0x54, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0,
  0, 0, 0,
]);

/** Two frames of one pixel, and two pages without any. */
const frame = [0x21, 0xf9, 4, 0, 0, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
const gif = Uint8Array.from([...text("GIF89a"), 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 9, 9, 9, ...frame, ...frame, 0x3b]);
const page = (next: number) => [1, 0, 0, 1, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0, next, 0, 0, 0];
const tiff = Uint8Array.from([0x49, 0x49, 42, 0, 8, 0, 0, 0, ...page(26), ...page(0)]);

/** What is left of a picture is no longer than it was, and nothing more can be left out. */
function cutTwice(bytes: Uint8Array): number {
  const cut = firstFrame(bytes);
  if (cut.length > bytes.length || firstFrame(cut).length !== cut.length) throw new Error("not the first frame");
  return cut.length;
}

/** What is printed holds nothing that a terminal obeys, and is the same text in JSON. */
function print(value: string): string {
  const shown = printable(JSON.stringify(value));
  if (/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(shown)) throw new Error("a control character");
  if (JSON.parse(shown) !== value) throw new Error("another text");
  return shown;
}

const targets: readonly Target[] = [
  { name: "IDX", seeds: [idx(8, [2, 4, 3], 24), idx(8, [9], 9), idx(13, [3], 12)], read: parseIdx },
  { name: "Arrow", seeds: [shard("uint8"), shard("float32")], read: (bytes) => readShard(bytes) },
  { name: "manifest", seeds: [text(JSON.stringify(manifest))], read: (bytes) => parseManifest(decode(bytes)) },
  { name: "CSV", seeds: [text('path,label\r\n"a ""b"".png",7\nc.png,8\n')], read: readCsv },
  { name: "JSONL", seeds: [text('{"path":"a.png","label":7}\r\n\n{"path":"b"}')], read: readLines },
  {
    name: "description",
    seeds: descriptions.map((description) => text(JSON.stringify(description))),
    read: (bytes) => parseDescription(decode(bytes), "fuzz"),
  },
  { name: "journal", seeds: [text(journal)], read: (bytes) => parseJournal(decode(bytes), "fuzz") },
  { name: "split", seeds: [text("train[:80%]+test[-10%:5]")], read: (bytes) => parseSplit(decode(bytes), splits) },
  { name: "PNG header", seeds: [png], read: (bytes) => plainPng(bytes, { height: 4, width: 3 }) },
  { name: "first frame", seeds: [gif, tiff], read: cutTwice },
  {
    name: "printing",
    seeds: [text("a\u001b[2Jb\u202e\u009bтест 👩\u200d🔬\u{e0041}")],
    read: (bytes) => print(decode(bytes)),
  },
  {
    name: "steps",
    seeds: [text(steps)],
    read: (bytes) => stepOptions("fuzz", "the set", decode(bytes).split("; ")),
  },
  { name: "image sniff", seeds: [png, text(svg), text(`${"<!---->".repeat(146)}x`)], read: sniff },
];

const splits = { name: "fuzz", splits: { train: { rows: 100 }, test: { rows: 7 } } };

/** The text of a table, from bytes in two pieces. */
const textOfTable = (bytes: Uint8Array) => {
  const half = bytes.length >> 1;
  return decodeUtf8([bytes.subarray(0, half), bytes.subarray(half)], "fuzz", "the table");
};

async function readCsv(bytes: Uint8Array): Promise<number> {
  let records = 0;
  for await (const { fields } of parseCsv(textOfTable(bytes))) records += fields.length;
  return records;
}

async function readLines(bytes: Uint8Array): Promise<number> {
  let last = 0;
  for await (const { line } of parseJsonLines(textOfTable(bytes))) last = line;
  return last;
}

const interesting = [0, 1, 0x7f, 0x80, 0xff];

/** One to eight changes: bytes, words, parts cut out, doubled or moved. */
function mutate(seed: Uint8Array, draw: (limit: number) => number): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(seed);
  for (let change = draw(8); change >= 0; change--) {
    const at = draw(Math.max(1, bytes.length));
    const length = draw(Math.min(64, bytes.length - at) + 1);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    switch (draw(7)) {
      case 0:
        bytes[at] = draw(256);
        break;
      case 1:
        bytes[at] = interesting[draw(interesting.length)]!;
        break;
      case 2:
        bytes[at]! ^= 1 << draw(8);
        break;
      case 3:
        if (at + 4 <= bytes.length)
          view.setUint32(at, [0, 0x7fffffff, 0xffffffff, 0x80000000, draw(1000)][draw(5)]!, draw(2) === 0);
        break;
      case 4:
        bytes = bytes.slice(0, at);
        break;
      case 5:
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
        break;
      default:
        bytes = Uint8Array.from([...bytes.subarray(0, at + length), ...bytes.subarray(at)]);
    }
  }
  return bytes;
}

const [cases = 200_000, seed = 0] = process.argv.slice(2).map(Number);
checkInteger("fuzz", "cases", cases, 1);
const random = new RandomState(seed);
let pool: ArrayLike<number> = [];
let next = 0;
const draw = (limit: number): number => {
  if (next === pool.length) [pool, next] = [random.rand(65_536).data, 0];
  return Math.floor(pool[next++]! * limit);
};

/** Cases after which the resident size is looked at: a claim that was believed is returned before the end. */
const batch = 1000;
const mostGrown = 2 ** 29;

let failures = 0;
const startBytes = process.memoryUsage.rss();
for (const { name, seeds, read } of targets) {
  const share = Math.ceil(cases / targets.length);
  let [values, refusals, slowestMs, grown] = [0, 0, 0, 0];
  for (let i = 0; i < share; i++) {
    const bytes = mutate(seeds[draw(seeds.length)]!, draw);
    const start = performance.now();
    try {
      await read(bytes);
      values += 1;
    } catch (error) {
      if (error instanceof ArgumentError) refusals += 1;
      else {
        failures += 1;
        process.stderr.write(`${name}: ${error}\n  ${Buffer.from(bytes).toString("base64")}\n`);
      }
    }
    slowestMs = Math.max(slowestMs, performance.now() - start);
    if (i % batch === 0 || i === share - 1) grown = Math.max(grown, process.memoryUsage.rss() - startBytes);
  }
  if (slowestMs > 1000 || grown > mostGrown) failures += 1;
  process.stdout.write(
    `${name}: ${share} cases, ${values} values, ${refusals} refused, slowest ${slowestMs.toFixed(1)} ms, ${(grown / 2 ** 20).toFixed(0)} MiB more\n`,
  );
}
process.stdout.write(`${failures} failures\n`);
process.exitCode = failures === 0 ? 0 : 1;
