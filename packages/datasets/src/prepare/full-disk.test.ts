import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDataset } from "../node.ts";
import { prepare, type Source } from "./index.ts";

let folder: string;
let isMounted = false;

/** Mounts a file system in memory that holds `kilobytes`; false where that is not allowed. */
function mount(kilobytes: number): boolean {
  try {
    execFileSync("/usr/bin/env", ["mount", "-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", folder], {
      stdio: "ignore",
    });
    isMounted = true;
  } catch {
    isMounted = false;
  }
  return isMounted;
}

const unmount = () => execFileSync("/usr/bin/env", ["umount", folder], { stdio: "ignore" });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-full-"));
});

afterEach(async () => {
  if (isMounted) unmount();
  isMounted = false;
  await rm(folder, { recursive: true });
});

/** 400 rows of 1,000 bytes. */
const source: Source = {
  kind: "values",
  layout: { column: "image", dtype: "uint8", inputShape: [1000] },
  splits: { train: 400 },
  files: [],
  state: "1",
  steps: [],
  blocks: function* (_, from) {
    for (let i = from; i < 400; i++) yield { inputs: new Uint8Array(1000).fill(i), labels: Uint8Array.of(0) };
  },
};

test.skipIf(process.getuid?.() !== 0)(
  "a disk that fills up leaves nothing that looks whole, and with room the same run finishes (needs root, for a small disk)",
  async ({ skip }) => {
    if (!mount(300)) skip("no file system could be mounted");
    const options = { out: folder, name: "full", version: "1", classNames: ["a"], shardSize: 50 };
    await expect(prepare(source, options)).rejects.toMatchObject({ code: "ENOSPC" });
    expect((await readdir(folder)).filter((file) => /^[a-z].*\.(arrow|json)$/.test(file))).toEqual([]);
    execFileSync("/usr/bin/env", ["mount", "-o", "remount,size=2000k", folder]);
    const { fingerprint } = await prepare(source, options);
    const other = `${folder}-other`;
    try {
      expect((await prepare(source, { ...options, out: other })).fingerprint).toBe(fingerprint);
      expect((await openDataset(folder)).size).toBe(400);
    } finally {
      await rm(other, { recursive: true });
    }
  },
);
