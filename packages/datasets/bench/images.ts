/**
 * MNIST through the pipeline, from its IDX files and from 70,000 PNG files, beside bare sharp on the same files.
 *
 *     node --conditions=@nn/source bench/images.ts FOLDER_OF_IDX_FILES [rounds = 3] [FOLDER_FOR_PNGS]
 *
 * Checks first that both give the same rows, byte for byte, in the order of each; with 0 rounds that is all. Then interleaves the contenders,
 * each in a process of its own, prints medians and spread, and compares the pipeline with the best of bare sharp, in
 * seconds and in CPU time. A folder for the PNGs that is there already is used again.
 */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import sharp from "sharp";
import { openDataset } from "../src/node.ts";
import { folderSource, idxSource, prepare } from "../src/prepare/index.ts";
import { interleave, line, machine, median, printUsage, runAlone, type Usage } from "./alone.ts";
import { digits, mnistFiles, mnistSplits } from "./mnist-idx.ts";

const [mode, ...rest] = process.argv.slice(2);
const options = { name: "mnist", version: "1", classNames: digits };

interface BareOptions {
  /** Calls under way at a time. */
  readonly atATime: number;
  /** Threads of libvips for each. */
  readonly threads?: number;
  /** Files are read here and given as bytes, instead of by their names. */
  readonly asBytes?: boolean;
  /** So many files go into one call, one below the other, as `prepare` does it. */
  readonly joined?: number;
}

const bareContenders: Readonly<Record<string, BareOptions>> = {
  "bare sharp, 1 at a time": { atATime: 1 },
  "bare sharp, 2 at a time": { atATime: 2 },
  "bare sharp, 4 at a time": { atATime: 4 },
  "bare sharp, 8 at a time": { atATime: 8 },
  "bare sharp, 2 at a time, 2 threads": { atATime: 2, threads: 2 },
  "bare sharp, 2 at a time, as bytes": { atATime: 2, asBytes: true },
  "bare sharp, 2 calls of 32 joined": { atATime: 2, joined: 32 },
};

if (mode === "--idx" || mode === "--png") {
  const [from = "", out = ""] = rest;
  const start = performance.now();
  const isIdx = mode === "--idx";
  const source = isIdx ? await idxSource(mnistSplits(from)) : folderSource(from, { classNames: digits });
  await prepare(source, { ...options, out });
  printUsage(start);
} else if (mode === "--bare") await bare(rest[0] ?? "", rest[1] ?? "{}");
else await compare(mode ?? "", Number(rest[0] ?? 3), rest[1]);

/** Decodes every PNG below a folder, and does nothing else. */
async function bare(from: string, json: string): Promise<void> {
  const { atATime, threads = 1, asBytes = false, joined = 1 } = JSON.parse(json) as BareOptions;
  sharp.cache(false);
  sharp.concurrency(threads);
  const files = readdirSync(from, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".png"))
    .map((file) => join(from, file));
  const start = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < files.length) {
      const group = files.slice(next, next + joined);
      next += joined;
      const inputs = asBytes || joined > 1 ? group.map((file) => readFileSync(file)) : group;
      const picture = joined > 1 ? sharp(inputs as Buffer[], { join: { across: 1 } }) : sharp(inputs[0]);
      await picture.greyscale().raw().toBuffer();
    }
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  printUsage(start);
}

async function compare(idx: string, rounds: number, kept: string | undefined): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "nn-images-"));
  try {
    const png = kept ?? join(folder, "png");
    if (!existsSync(png)) await writePngs(idx, png);
    const fromIdx = () => runAlone(import.meta.filename, "--idx", idx, fresh(folder, "idx"));
    const fromPng = () => runAlone(import.meta.filename, "--png", png, fresh(folder, "arrow"));
    fromIdx();
    fromPng();
    const images = await checkRows(join(folder, "idx"), join(folder, "arrow"), png);
    process.stdout.write(`${images} images: IDX and PNG give the same rows, byte for byte\n`);
    if (rounds === 0) return;
    const contenders: Record<string, () => Usage> = { "IDX → Arrow": fromIdx, "PNG → Arrow": fromPng };
    for (const [name, how] of Object.entries(bareContenders)) {
      contenders[name] = () => runAlone(import.meta.filename, "--bare", png, JSON.stringify(how));
    }
    const results = interleave(contenders, rounds);
    for (const [name, usages] of Object.entries(results)) process.stdout.write(line(name, usages, images));
    const single = Object.keys(bareContenders).filter((name) => bareContenders[name]!.joined === undefined);
    process.stdout.write(ratios(results, "bare sharp, a call a file", single));
    process.stdout.write(ratios(results, "bare sharp, joined", [Object.keys(bareContenders).at(-1)!]));
    process.stdout.write(machine());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Throws unless labels and pixels of every split are the same, image by image. */
async function checkRows(one: string, other: string, pngs: string): Promise<number> {
  const source = folderSource(pngs, { classNames: digits });
  let images = 0;
  for (const split of Object.keys(mnistFiles)) {
    // The files are named by their number in the IDX files.
    const order = [...source.images(split, 0)].map(({ id }) => Number(basename(id, ".png")));
    const [a, b] = [(await openDataset(one, { split })).subset(order), await openDataset(other, { split })];
    const same = Buffer.compare(a.inputs.data as Uint8Array, b.inputs.data as Uint8Array) === 0;
    if (!same || Buffer.compare(a.targets.data as Uint8Array, b.targets.data as Uint8Array) !== 0)
      throw new Error(`${split}: PNG and IDX differ`);
    images += a.size;
  }
  return images;
}

/** The pipeline's images a second and CPU time beside the best of `rivals`, by their medians. */
function ratios(results: Readonly<Record<string, readonly Usage[]>>, name: string, rivals: readonly string[]): string {
  const best = (key: "seconds" | "cpuSeconds", of: readonly string[]) =>
    Math.min(...of.map((rival) => median(results[rival]!.map((usage) => usage[key]))));
  const percent = (a: number, b: number) => `${((100 * a) / b).toFixed(1)} %`;
  const own = ["PNG → Arrow"];
  const rate = percent(best("seconds", rivals), best("seconds", own));
  const cpu = percent(best("cpuSeconds", own), best("cpuSeconds", rivals));
  return `PNG → Arrow beside the best of ${name}: ${rate} of its images/s, ${cpu} of its CPU time\n`;
}

function fresh(folder: string, name: string): string {
  rmSync(join(folder, name), { recursive: true, force: true });
  return join(folder, name);
}

/** A folder per class, files numbered as in the IDX files. */
async function writePngs(idx: string, out: string): Promise<void> {
  const partial = `${out}.partial`;
  rmSync(partial, { recursive: true, force: true });
  for (const [split, name] of Object.entries(mnistFiles)) {
    const pixels = readFileSync(join(idx, `${name}-images-idx3-ubyte`)).subarray(16);
    const labels = readFileSync(join(idx, `${name}-labels-idx1-ubyte`)).subarray(8);
    for (const label of digits) mkdirSync(join(partial, split, label), { recursive: true });
    let next = 0;
    const worker = async () => {
      while (next < labels.length) {
        const i = next++;
        await sharp(pixels.subarray(784 * i, 784 * i + 784), { raw: { width: 28, height: 28, channels: 1 } })
          .toColourspace("b-w")
          .png()
          .toFile(join(partial, split, String(labels[i]), `${String(i).padStart(6, "0")}.png`));
      }
    };
    await Promise.all(Array.from({ length: 4 }, worker));
  }
  renameSync(partial, out);
}
