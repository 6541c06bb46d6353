import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { prepare, tableSource } from "./index.ts";
import { Refusals } from "./refusals.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-memory-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** MiB of the largest resident size of a process that prepares `images` images of 28 × 28 from IDX files. */
async function residentOf(images: number): Promise<number> {
  const path = join(folder, String(images));
  const number = (value: number) => Buffer.from(Uint32Array.of(value).buffer).swap32();
  const pixels = Buffer.alloc(784 * images);
  for (let i = 0; i < images; i++) pixels.writeUInt32LE(i + 1, 784 * i + 300);
  const size = Buffer.concat([number(images), number(28), number(28)]);
  await writeFile(`${path}-images`, Buffer.concat([Buffer.from([0, 0, 8, 3]), size, pixels]));
  await writeFile(`${path}-labels`, Buffer.concat([Buffer.from([0, 0, 8, 1]), number(images), Buffer.alloc(images)]));
  const program = `
    const { idxSource, prepare } = await import(${JSON.stringify(new URL("index.ts", import.meta.url).href)});
    const train = { images: { path: ${JSON.stringify(`${path}-images`)} }, labels: { path: ${JSON.stringify(`${path}-labels`)} } };
    await prepare(await idxSource({ train }), { out: ${JSON.stringify(path)}, name: "x", version: "1", classNames: ["a"] });
    // Not maxRSS, which begins with that of the process that started this one.
    const { readFileSync } = await import("node:fs");
    process.stdout.write(/VmHWM:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  `;
  const args = ["--conditions=@nn/source", "--input-type=module", "-e", program];
  const { status, stdout } = spawnSync(process.execPath, args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  expect(status).toBe(0);
  return Number(stdout) / 1024;
}

test.skipIf(!existsSync("/proc/self/status"))(
  "ten times as many images take little more memory, and less than 300 MiB (needs /proc, to read it)",
  async () => {
    const few = await residentOf(20_000);
    expect(few).toBeGreaterThan(20);
    const many = await residentOf(200_000);
    // The pixels alone are 135 MiB.
    expect(many - few).toBeLessThan(70);
    expect(many).toBeLessThan(300);
  },
);

test("of files left out the first hundred by name are kept, in whatever order they come, and all are counted", () => {
  const refusals = new Refusals();
  for (let i = 0; i < 50_000; i++) refusals.add(String((i * 7919) % 50_000).padStart(5, "0"), "no");
  expect(refusals.count).toBe(50_000);
  expect(refusals.list().map(({ file }) => Number(file))).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

test("a run that leaves thousands out and is cut off names a hundred, and counts them all when it goes on", async () => {
  const rows = Array.from({ length: 3000 }, (_, i) =>
    JSON.stringify({ path: `${i % 2000 === 5 ? "a" : i}.png`, label: 0 }),
  );
  await writeFile(
    join(folder, "a.png"),
    await sharp(Buffer.alloc(4), { raw: { width: 2, height: 2, channels: 1 } })
      .png()
      .toBuffer(),
  );
  await writeFile(join(folder, "t.jsonl"), rows.join("\n"));
  const out = join(folder, "out");
  await mkdir(out);
  const options = { out, name: "x", version: "1", onError: "skip", shardSize: 1000 } as const;
  const onProgress = ({ rows }: { rows: number }) => {
    if (rows > 2500) throw Object.assign(new Error("cut"), { syscall: "write" });
  };
  const source = () => tableSource(join(folder, "t.jsonl"));
  await expect(prepare(await source(), { ...options, onProgress })).rejects.toThrow("cut");
  const journal = (await readFile(join(out, "prepare.journal"), "utf8")).trim().split("\n").slice(1);
  expect(
    journal.map((line) => JSON.parse(line)).map(({ skipped, skippedFiles }) => [skipped, skippedFiles.length]),
  ).toEqual([
    [999, 100],
    [1000, 100],
  ]);
  const { rows: kept, report } = await prepare(await source(), options);
  expect([kept, report.skipped, report.skippedFiles.length, report.duplicates]).toEqual([2, 2998, 100, 1]);
});
