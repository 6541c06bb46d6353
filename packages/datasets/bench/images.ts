/**
 * MNIST through the pipeline, from its IDX files and from 70,000 PNG files, beside bare sharp on the same files.
 *
 *     node --conditions=@nn/source bench/images.ts FOLDER_OF_IDX_FILES [rounds = 3] [FOLDER_FOR_PNGS]
 *
 * Checks first that both give the same columns, byte for byte. Then interleaves the contenders and prints medians and
 * spread. Each `prepare` runs in a process of its own, whose largest resident size is printed too.
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { openDataset } from "../src/node.ts";
import { folderSource, type IdxSplit, idxSource, prepare } from "../src/prepare/index.ts";

const [mode, ...rest] = process.argv.slice(2);
const classNames = Array.from({ length: 10 }, (_, i) => String(i));
const options = { name: "mnist", version: "1", classNames };
const names = { train: "train", test: "t10k" } as const;

function idxFiles(folder: string): Record<string, IdxSplit> {
  const path = (file: string) => ({ path: join(folder, file) });
  return Object.fromEntries(
    Object.entries(names).map(([split, name]) => [
      split,
      { images: path(`${name}-images-idx3-ubyte`), labels: path(`${name}-labels-idx1-ubyte`) },
    ]),
  );
}

if (mode === "--idx" || mode === "--png") {
  const [from = "", out = ""] = rest;
  const start = performance.now();
  await prepare(mode === "--idx" ? await idxSource(idxFiles(from)) : folderSource(from, { classNames }), {
    ...options,
    out,
  });
  process.stdout.write(JSON.stringify(resultSince(start)));
} else if (mode === "--bare") {
  const [from = "", concurrency = "4"] = rest;
  sharp.cache(false);
  const files = readdirSync(from, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".png"));
  const start = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < files.length) await sharp(join(from, files[next++]!)).greyscale().raw().toBuffer();
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, worker));
  process.stdout.write(JSON.stringify(resultSince(start)));
} else {
  await compare(mode ?? "", Number(rest[0] ?? 3), rest[1]);
}

interface Result {
  readonly seconds: number;
  /** Of all threads: what tells on a busy machine. */
  readonly cpuSeconds: number;
  readonly rssMiB: number;
}

function resultSince(start: number): Result {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  return {
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    rssMiB: maxRSS / 1024,
  };
}

function run(...args: string[]): Result {
  const output = execFileSync(process.execPath, ["--conditions=@nn/source", import.meta.filename, ...args], {
    encoding: "utf8",
  });
  return JSON.parse(output) as Result;
}

async function compare(idx: string, rounds: number, kept: string | undefined): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "nn-images-"));
  try {
    const png = kept ?? join(folder, "png");
    const images = existsSync(png) ? 70_000 : await writePngs(idx, png);
    const contenders: Record<string, () => Result> = {
      "IDX → Arrow": () => run("--idx", idx, fresh(folder, "idx")),
      "PNG → Arrow": () => run("--png", png, fresh(folder, "arrow")),
      ...Object.fromEntries(
        [1, 2, 4, 8, 16].map((c) => [`bare sharp, ${c} at a time`, () => run("--bare", png, String(c))]),
      ),
    };
    contenders["IDX → Arrow"]!();
    contenders["PNG → Arrow"]!();
    for (const split of ["train", "test"]) {
      const [a, b] = [
        await openDataset(join(folder, "idx"), { split }),
        await openDataset(join(folder, "arrow"), { split }),
      ];
      const same = Buffer.compare(a.inputs.data as Uint8Array, b.inputs.data as Uint8Array) === 0;
      if (!same || Buffer.compare(a.labels.data, b.labels.data) !== 0) throw new Error(`${split}: PNG and IDX differ`);
    }
    process.stdout.write(`${images} images: IDX and PNG give the same columns, byte for byte\n`);
    const results: Record<string, Result[]> = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [name, contender] of Object.entries(contenders)) results[name]!.push(contender());
    }
    for (const [name, all] of Object.entries(results)) {
      const seconds = all.map((result) => result.seconds).sort((a, b) => a - b);
      const median = seconds[seconds.length >> 1]!;
      const rss = Math.max(...all.map(({ rssMiB }) => rssMiB));
      const cpu = Math.min(...all.map(({ cpuSeconds }) => cpuSeconds));
      process.stdout.write(
        `${name.padEnd(26)} ${median.toFixed(2)} s (${seconds[0]!.toFixed(2)}–${seconds.at(-1)!.toFixed(2)}), ` +
          `${Math.round(images / median)} images/s, ${cpu.toFixed(2)} s of CPU, ${rss.toFixed(0)} MiB resident\n`,
      );
    }
    const load = loadavg()[0]!.toFixed(1);
    const versions = `Node ${process.version}, sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;
    process.stdout.write(`${cpus()[0]?.model}, ${availableParallelism()} cores, load ${load}; ${versions}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function fresh(folder: string, name: string): string {
  rmSync(join(folder, name), { recursive: true, force: true });
  return join(folder, name);
}

/** A folder per class, files numbered as in the IDX files. */
async function writePngs(idx: string, out: string): Promise<number> {
  let images = 0;
  for (const [split, name] of Object.entries(names)) {
    const pixels = readFileSync(join(idx, `${name}-images-idx3-ubyte`)).subarray(16);
    const labels = readFileSync(join(idx, `${name}-labels-idx1-ubyte`)).subarray(8);
    for (const label of classNames) mkdirSync(join(out, split, label), { recursive: true });
    let next = 0;
    const worker = async () => {
      while (next < labels.length) {
        const i = next++;
        await sharp(pixels.subarray(784 * i, 784 * i + 784), { raw: { width: 28, height: 28, channels: 1 } })
          .toColourspace("b-w")
          .png()
          .toFile(join(out, split, String(labels[i]), `${String(i).padStart(6, "0")}.png`));
      }
    };
    await Promise.all(Array.from({ length: 4 }, worker));
    images += labels.length;
  }
  return images;
}
