/** Processes that train are killed, start again with the same arguments, and end as one that was never killed. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { loadSafetensors } from "@nn/model";
import { RandomState } from "@nn/tensor";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logContent, type RunName, runs } from "../test-runs.ts";
import { isIntact } from "./checksum.ts";

const places = ["in an epoch", "in validation", "while the checkpoint is written", "while the log is flushed"] as const;
type Place = (typeof places)[number];
const names = Object.keys(runs) as RunName[];
/** Processes killed in each of the 15 rows of the table: 3 runs × (4 places + any instant). */
const KILLS = Number(process.env.NN_KILLS ?? 7);

let root: string;
/** One file with all that a process needs: it starts several times as fast. */
let bundle: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "nn-kill-"));
  const entry = join(root, "entry.ts");
  const from = ["../test-runs.ts", "../node.ts"].map((file) => fileURLToPath(new URL(file, import.meta.url)));
  writeFileSync(entry, from.map((file) => `export * from ${JSON.stringify(file)};`).join("\n"));
  await build({
    configFile: false,
    logLevel: "silent",
    root,
    resolve: { conditions: ["@nn/source"] },
    ssr: { noExternal: true, resolve: { conditions: ["@nn/source"] } },
    build: {
      ssr: entry,
      outDir: root,
      emptyOutDir: false,
      rollupOptions: { output: { entryFileNames: "bundle.mjs" } },
    },
  });
  bundle = pathToFileURL(join(root, "bundle.mjs")).href;
});
afterAll(() => rmSync(root, { recursive: true }));

/**
 * A process that trains run `name` in `path` and prints its result. It kills itself at the passage `at`, from 1, of `place`:
 * before or after a batch, and before, in the middle of and after each write and rename.
 */
const program = (name: RunName, path: string, place: Place | "", at: number): string => `
  const { default: fs } = await import("node:fs");
  const { syncBuiltinESMExports } = await import("node:module");
  let passages = 0;
  const pass = (here) => {
    if (here !== ${JSON.stringify(place)} || ++passages !== ${at}) return;
    process.kill(process.pid, "SIGKILL");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  const half = (bytes) => bytes.subarray(0, bytes.length >> 1);
  const checkpoint = () => pass("while the checkpoint is written");
  const { open, rename } = fs.promises;
  fs.promises.open = async (...args) => {
    const handle = await open(...args);
    const write = handle.write.bind(handle);
    handle.writeFile = async (bytes) => {
      checkpoint();
      await write(half(bytes));
      checkpoint();
      await write(bytes.subarray(bytes.length >> 1));
      checkpoint();
    };
    return handle;
  };
  fs.promises.rename = async (...args) => {
    checkpoint();
    await rename(...args);
    checkpoint();
  };
  const log = () => pass("while the log is flushed");
  fs.writeFileSync = (file, bytes) => {
    log();
    fs.writeSync(file, half(bytes));
    log();
    fs.writeSync(file, bytes.subarray(bytes.length >> 1));
    log();
  };
  fs.appendFileSync = (path, bytes) => {
    const file = fs.openSync(path, "a");
    fs.writeFileSync(file, bytes);
    fs.closeSync(file);
  };
  const { renameSync } = fs;
  fs.renameSync = (...args) => {
    log();
    renameSync(...args);
    log();
  };
  syncBuiltinESMExports();
  const { data, eventsOf, fileSink, folder, loggedEvents, resultOf, runs } = await import(${JSON.stringify(bundle)});
  const passing = (rows, here) => ({
    ...rows,
    async *batches(order) {
      for (const batch of rows.batches(order)) {
        pass(here);
        yield batch;
        pass(here);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  });
  const path = ${JSON.stringify(path)};
  const file = path + "/run.arrow";
  const continueFrom = fs.existsSync(file) ? fs.readFileSync(file) : undefined;
  const events = eventsOf(${JSON.stringify(name)}, folder(path), {
    data: passing(data, "in an epoch"),
    validation: passing(runs[${JSON.stringify(name)}].options.validation, "in validation"),
  });
  process.stdout.write("started\\n");
  for await (const event of loggedEvents(events, fileSink(file), continueFrom)) {
    if (event.type === "end") process.stdout.write(JSON.stringify({ result: resultOf(event.run) }) + "\\n");
  }
`;

interface Ended {
  readonly signal: string | null;
  /** Of a run that came to its end. */
  readonly result: unknown;
}

/** Runs a process; kills it `killAfterMs` after it started to train. */
async function run(name: RunName, path: string, place: Place | "", at = 0, killAfterMs?: number): Promise<Ended> {
  const args = ["--input-type=module", "-e", program(name, path, place, at)];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (text) => {
    if (output === "" && killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    output += text;
  });
  const [code, signal] = await once(child, "close");
  if (signal === null) expect(code).toBe(0);
  const [, line] = output.split("\n");
  return { signal, result: line ? JSON.parse(line).result : undefined };
}

const expected = new Map<RunName, { readonly result: unknown; readonly log: unknown }>();
beforeAll(async () => {
  for (const name of names) {
    const path = join(root, `${name} whole`);
    const { result } = await run(name, path, "");
    expected.set(name, { result, log: logContent(readFileSync(join(path, "run.arrow"))) });
  }
});

function checkWhole(path: string): void {
  const file = join(path, "checkpoint.safetensors");
  if (!existsSync(file)) return;
  const bytes = readFileSync(file);
  expect(isIntact(bytes)).toBe(true);
  expect(loadSafetensors(bytes).metadata.format).toBe("nn-checkpoint");
}

/** Kills `KILLS` processes of a run one after another, then lets it end. `next` tells the passage or the time of the next kill. */
async function checkKilled(name: RunName, path: string, place: Place | "", next: () => number): Promise<void> {
  let kills = 0;
  for (let starts = 0; kills < KILLS && starts < 3 * KILLS; starts++) {
    const { signal } = place === "" ? await run(name, path, "", 0, next()) : await run(name, path, place, next());
    checkWhole(path);
    if (signal === "SIGKILL") kills++;
    // It came to its end: another one from the first step.
    else rmSync(path, { recursive: true });
  }
  expect(kills).toBe(KILLS);
  const { result } = await run(name, path, "");
  expect(result).toEqual(expected.get(name)!.result);
  expect(logContent(readFileSync(join(path, "run.arrow")))).toEqual(expected.get(name)!.log);
  expect(readdirSync(path).sort()).toEqual(["checkpoint.safetensors", "run.arrow"]);
}

// The number of passages that a kill is drawn from: fewer than a run has, so that most processes are killed.
const passages: { readonly [P in Place]: number } = {
  "in an epoch": 20,
  "in validation": 3,
  "while the checkpoint is written": 12,
  "while the log is flushed": 20,
};

describe.concurrent.each(names)("%s", (name) => {
  test.each(places)("killed %s", async (place) => {
    const random = new RandomState(names.indexOf(name) * 10 + places.indexOf(place));
    await checkKilled(
      name,
      join(root, `${name} ${place}`),
      place,
      () => 1 + Math.floor(random.uniform({ size: 1 }).data[0]! * passages[place]),
    );
  });

  test("killed at any instant", async () => {
    const random = new RandomState(100 + names.indexOf(name));
    await checkKilled(name, join(root, `${name} any`), "", () =>
      Math.floor(random.uniform({ size: 1 }).data[0]! * 200),
    );
  });
});
