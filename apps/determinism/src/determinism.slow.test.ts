/** The promise of strict mode: one SHA-256 of the weights, wherever and however it is computed. */

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { directory } from "@nn/dataset-mnist";
import { trainTestSplit } from "@nn/datasets";
import { openDataset } from "@nn/datasets/node";
import { launchChromium, skipBrowserTests } from "@nn/testing/chromium";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle } from "./bundle.ts";
import { type Server, serve } from "./serve.ts";
import type { EngineChoice, Task } from "./task.ts";

const minutes = 600_000;
const run = promisify(execFile);
const require = createRequire(import.meta.url);

let folder: string;
let program: string;
let server: Server;

beforeAll(async () => {
  const code = await bundle("program.ts");
  folder = await mkdtemp(join(tmpdir(), "nn-determinism-"));
  program = join(folder, "program.mjs");
  await writeFile(program, code);
  // The rows that the recipe learns from.
  const { train } = trainTestSplit(await openDataset(directory, { split: "train" }), { testSize: 5000, seed: 0 });
  server = await serve({
    "/program.js": { type: "text/javascript", body: code },
    "/inputs": { type: "application/octet-stream", body: train.inputs.data as Uint8Array },
    "/labels": { type: "application/octet-stream", body: train.targets.data as Uint8Array },
  });
}, 2 * minutes);

afterAll(async () => {
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

const nodes = {
  "Node 22": join(dirname(require.resolve("node22/package.json")), "bin/node"),
  "Node 24": join(dirname(require.resolve("node24/package.json")), "bin/node"),
  "Node 26": process.execPath,
};

async function inNode(node: string, flags: readonly string[], task: Omit<Task, "origin">): Promise<string[]> {
  const argument = JSON.stringify({ ...task, origin: server.origin });
  const { stdout } = await run(node, [...flags, program, argument], { env: {} });
  return JSON.parse(stdout);
}

async function inChromium(page: "isolated" | "open", task: Omit<Task, "origin">): Promise<string[]> {
  const browser = await launchChromium();
  try {
    const tab = await browser.newPage();
    const lines: string[] = [];
    tab.on("console", (message) => message.type() === "log" && lines.push(message.text()));
    tab.on("pageerror", (error) => lines.push(JSON.stringify([String(error)])));
    const address = `${server.origin}/${page}`;
    await tab.goto(`${address}#${encodeURIComponent(JSON.stringify({ ...task, origin: server.origin }))}`);
    await expect.poll(() => lines.length, { timeout: 2 * minutes }).toBeGreaterThan(0);
    return JSON.parse(lines[0]!);
  } finally {
    await browser.close();
  }
}

const wide = ["--experimental-wasm-revectorize"];
const strict = (...threads: number[]): EngineChoice[] => threads.map((count) => ({ backend: "wasm", threads: count }));
const packed = (...threads: number[]): EngineChoice[] => strict(...threads).map((each) => ({ ...each, wide: true }));

/**
 * What the reference loops give. Other bits are another program: they come with a change that means to make them. To renew
 * after one, run this test and take over what its first row, the reference loops, says that it received.
 */
const golden: { readonly [Name in Task["name"]]: string } = {
  small: "211e196db5ff2ec4136e62262f533d6ce1a0b6b9a823701684b5bf711af61ada",
  composed: "0a25ac0441341f27076eb49212501d450c01e15e688c553b9208fae0d7a8f6e8",
  mnist: "ccac7bf09d217366a015c5911f1049977764903c389df464a3dbf2f7cd9e46aa",
};

test("a small network: reference loops, 1 to 3 threads, both widths, three Nodes", {
  timeout: 3 * minutes,
}, async () => {
  const rows: [keyof typeof nodes, string[], EngineChoice[]][] = [
    ["Node 26", [], [{ backend: "reference" }, ...strict(1, 2, 3), ...packed(1)]],
    ["Node 26", wide, [...strict(1), ...packed(1, 2)]],
    ["Node 24", [], strict(1, 2)],
    ["Node 24", wide, packed(1, 2)],
    ["Node 22", [], strict(1, 2)],
    ["Node 22", wide, packed(1, 2)],
  ];
  await expectGolden("small", rows);
});

test("branches, running statistics and adamW: reference loops, 1 to 3 threads, both widths, two Nodes", {
  timeout: 3 * minutes,
}, async () => {
  await expectGolden("composed", [
    ["Node 26", [], [{ backend: "reference" }, ...strict(1, 2, 3)]],
    ["Node 26", wide, packed(1, 2)],
    ["Node 22", [], strict(1)],
  ]);
});

/** Throws unless every row's hashes are the golden one. */
async function expectGolden(name: Task["name"], rows: [keyof typeof nodes, string[], EngineChoice[]][]): Promise<void> {
  for (const [node, flags, engines] of rows) {
    const hashes = await inNode(nodes[node], flags, { name, engines });
    expect(hashes, `${node} ${flags}`).toEqual(engines.map(() => golden[name]));
  }
}

test("the first epoch of mnist-mlp: reference loops, 1 to 3 threads, both widths, three Nodes", {
  timeout: 8 * minutes,
}, async () => {
  await expectGolden("mnist", [
    ["Node 26", [], [{ backend: "reference" }, ...strict(1, 2, 3)]],
    ["Node 26", wide, packed(1, 2)],
    ["Node 24", wide, packed(2)],
    ["Node 22", [], strict(1)],
  ]);
});

test.skipIf(skipBrowserTests)(
  "Chromium gives the same bits, with two threads where a page is isolated",
  {
    timeout: 5 * minutes,
  },
  async () => {
    const { small, mnist } = golden;
    expect(await inChromium("isolated", { name: "small", engines: strict(1, 2) })).toEqual([small, small]);
    expect(await inChromium("isolated", { name: "mnist", engines: strict(1, 2) })).toEqual([mnist, mnist]);
    expect(await inChromium("open", { name: "small", engines: strict(1) })).toEqual([small]);
    expect(await inChromium("open", { name: "small", engines: strict(2) })).toEqual([
      expect.stringContaining("2 threads in a page that is not cross-origin isolated"),
    ]);
  },
);
