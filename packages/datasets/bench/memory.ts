/**
 * The largest resident size of a process that prepares made-up sources of growing size. Each has a process of its own.
 *
 *     node --conditions=@nn/source bench/memory.ts [only = .] [FOLDER]
 *
 * `only` is a regular expression over the names below. Needs 8 GB of room in FOLDER (default: the system's for temporary
 * files), and about 20 minutes for all.
 */

import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { folderSource, idxSource, prepare, type Source, tableSource } from "../src/prepare/index.ts";
import { line, machine, printUsage, runAlone } from "./alone.ts";

const side = 28;
const pixels = side * side;

/** Noise that differs from image to image in its first bytes. */
const noise = Uint8Array.from({ length: 1000 * pixels }, (_, i) => (Math.imul(i, 2654435761) >>> 24) & 0xfe);

const sources: Readonly<Record<string, (path: string) => Promise<Source>>> = {
  idx: (path) => idxSource({ train: { images: { path: `${path}-images` }, labels: { path: `${path}-labels` } } }),
  png: async (path) => folderSource(path),
  table: (path) => tableSource(`${path}.jsonl`),
};

type Make = (path: string, images: number) => void;

const cases: readonly (readonly [kind: string, name: string, images: number, make: Make])[] = [
  ["idx", "IDX", 70_000, writeIdx],
  ["idx", "IDX", 700_000, writeIdx],
  ["idx", "IDX", 2_800_000, writeIdx],
  ["idx", "IDX", 5_600_000, writeIdx],
  ["png", "PNG files", 70_000, writePngs],
  ["png", "PNG files", 280_000, writePngs],
  ["table", "table, missing files skipped", 1_000_000, (path, images) => writeTable(path, images, 2000)],
  ["table", "table", 1_000_000, (path, images) => writeTable(path, images, images)],
];

const [mode = ".", ...rest] = process.argv.slice(2);
if (mode === "--run") {
  const [kind = "", path = "", out = ""] = rest;
  const start = performance.now();
  const source = await sources[kind]!(path);
  const classNames = Array.from({ length: 10 }, (_, i) => String(i));
  await prepare(source, { name: "x", version: "1", out, onError: "skip", ...(kind === "idx" && { classNames }) });
  printUsage(start);
} else {
  const folder = mkdtempSync(join(rest[0] ?? tmpdir(), "nn-memory-"));
  try {
    for (const [kind, name, images, make] of cases) {
      const title = `${name}, ${images.toLocaleString("en-US")}`;
      if (!new RegExp(mode).test(title)) continue;
      mkdirSync(join(folder, "in"));
      make(join(folder, "in", "x"), images);
      const usage = runAlone(import.meta.filename, "--run", kind, join(folder, "in", "x"), join(folder, "out"));
      process.stdout.write(line(title, [usage], images));
      for (const made of ["in", "out"]) rmSync(join(folder, made), { recursive: true });
    }
    process.stdout.write(machine());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeIdx(path: string, images: number): void {
  const header = (type: number, ...sizes: number[]) =>
    Buffer.concat([
      Buffer.from([0, 0, 8, type]),
      ...sizes.map((size) => Buffer.from(Uint32Array.of(size).buffer).swap32()),
    ]);
  const file = openSync(`${path}-images`, "w");
  writeSync(file, header(3, images, side, side));
  const block = Buffer.from(noise);
  for (let start = 0; start < images; start += 1000) {
    for (let i = 0; i < 1000; i++) block.writeUInt32LE(start + i, i * pixels);
    writeSync(file, block, 0, Math.min(1000, images - start) * pixels);
  }
  closeSync(file);
  const labels = Uint8Array.from({ length: images }, (_, i) => i % 10);
  writeFileSync(`${path}-labels`, Buffer.concat([header(1, images), labels]));
}

function writePngs(path: string, images: number): void {
  for (let i = 0; i < images; i++) {
    const folder = join(path, "train", String(i % 10));
    if (i < 10) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${String(i).padStart(7, "0")}.png`), png(i));
  }
}

/** A table of `images` rows, the first `there` of which name a file; 100,000 files at most, which later rows name again. */
function writeTable(path: string, images: number, there: number): void {
  const files = Math.min(there, 100_000);
  mkdirSync(path);
  for (let i = 0; i < files; i++) writeFileSync(join(path, `${i}.png`), png(i));
  const file = openSync(`${path}.jsonl`, "w");
  for (let start = 0; start < images; start += 1000) {
    const rows = Array.from({ length: Math.min(1000, images - start) }, (_, at) => {
      const i = start + at;
      return `${JSON.stringify({ path: `x/${i < there ? i % files : i}.png`, label: i % 10 })}\n`;
    });
    writeSync(file, rows.join(""));
  }
  closeSync(file);
}

/** A grey PNG, all different. */
function png(i: number): Buffer {
  const rows = Buffer.alloc(side * (side + 1));
  // A row begins with its filter, 0.
  for (let y = 4; y < 24; y++) rows.set(noise.subarray(20 * y, 20 * y + 20), y * (side + 1) + 5);
  rows.writeUInt32LE(i, 1);
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const number = (value: number) => Buffer.from(Uint32Array.of(value).buffer).swap32();
    return Buffer.concat([number(data.length), body, number(crc32(body))]);
  };
  const head = Buffer.from([0, 0, 0, side, 0, 0, 0, side, 8, 0, 0, 0, 0]);
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([start, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}
