import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { type FileHandle, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DataError } from "../errors.ts";
import { openDataset } from "../node.ts";
import { prepare, type Source } from "./index.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-kill-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** 9 rows to train and 3 to test, one a block; `asked` is told from where they are wanted. */
const source = (asked: (split: string, from: number) => void = () => undefined): Source => ({
  kind: "values",
  layout: { column: "point", dtype: "float32", inputShape: [2] },
  splits: { train: 9, test: 3 },
  files: [],
  state: "1",
  steps: [],
  blocks: function* (split, from) {
    asked(split, from);
    for (let i = from; i < (split === "train" ? 9 : 3); i++) {
      yield { inputs: Float32Array.of(i, -i), labels: Uint8Array.of(i % 2) };
    }
  },
});

const options = (out: string) => ({ out, name: "k", version: "1", classNames: ["a", "b"], shardSize: 2 });

/** A process that prepares the same source and stands still before the first call, or after the row, that `stop` names. */
const program = (stop: string) => `
  const { default: fs } = await import("node:fs");
  const { syncBuiltinESMExports } = await import("node:module");
  const stop = new RegExp(${JSON.stringify(stop)});
  const pass = (...what) => {
    if (!stop.test(what.join(" "))) return;
    process.stdout.write("here");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  };
  for (const name of ["open", "rename", "appendFile", "truncate", "rm"]) {
    const original = fs.promises[name];
    fs.promises[name] = (...args) => {
      pass(name, ...args.filter((arg) => typeof arg === "string"));
      return original(...args);
    };
  }
  syncBuiltinESMExports();
  const { prepare } = await import(${JSON.stringify(new URL("index.ts", import.meta.url).href)});
  const source = (${source.toString()})();
  const onProgress = ({ rows }) => pass("row", rows);
  await prepare(source, { ...(${options.toString()})(${JSON.stringify(folder)}), onProgress });
`;

async function kill(stop: string): Promise<void> {
  const child = spawn(process.execPath, ["--conditions=@nn/source", "--input-type=module", "-e", program(stop)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  await Promise.race([once(child.stdout, "data"), exit]);
  child.kill("SIGKILL");
  expect((await exit)[1]).toBe("SIGKILL");
}

/** The files of a finished run in a folder of its own. */
async function fresh(): Promise<Record<string, string>> {
  const out = join(folder, "fresh");
  await prepare(source(), options(out));
  const files = await contents(out);
  await rm(out, { recursive: true });
  return files;
}

const wholeFiles = async (path: string) =>
  (await readdir(path)).filter((name) => /^[a-z].*\.(arrow|json)$/.test(name)).sort();

/** Every file in `out` that looks whole is, and a manifest stands over nothing that is missing. */
async function isHonest(out: string, expected: Record<string, string>): Promise<void> {
  const found = await contents(out);
  if ("manifest.json" in found) expect(found).toEqual(expected);
  else await expect(openDataset(out)).rejects.toThrow(DataError);
  for (const [name, text] of Object.entries(found)) expect([name, text]).toEqual([name, expected[name]]);
}

const train = (row: number) => ["train", row];
const tests = ["test", 0];
const sealing = "^rename .*train-00002-of-00005.arrow$";

test.each<[string, string[], unknown[]]>([
  ["after row 1", ["^row 1$"], [train(0), tests]],
  ["after row 5", ["^row 5$"], [train(4), tests]],
  ["after row 9", ["^row 9$"], [tests]],
  ["after the last row", ["^row 12$"], []],
  ["before the journal", ["^rename .*prepare.journal$"], [train(0), tests]],
  ["between rows and journal", ["^appendFile"], [train(0), tests]],
  ["while ending a shard", ["^open .*train-00002-of-00005.arrow.partial$"], []],
  ["before a shard has its name", [sealing], []],
  ["while writing the manifest", ["^open .*manifest.json.*.tmp wx$"], []],
  ["before the manifest has its name", ["^rename .*manifest.json$"], []],
  ["between manifest and mark", ["^rename .*prepared$"], []],
  ["after the mark", ["^rm .*prepare.journal"], []],
  ["while it takes back what was ended", [sealing, "^truncate .*train-00001"], []],
  ["with a manifest, while it takes back", ["^rename .*prepared$", "^truncate .*train-00001"], []],
  ["with a manifest, before anything", ["^rename .*prepared$", "^rm .*manifest.json"], []],
  ["before the journal is written anew", ["^row 5$", "^rename .*prepare.journal$"], [train(4), tests]],
  ["in the row after", ["^row 5$", "^row 6$"], [train(6), tests]],
])("killed %s: nothing looks whole that is not, and the next run goes on to the same bytes", async (_, stops, due) => {
  const expected = await fresh();
  for (const stop of stops) {
    await kill(stop);
    await isHonest(folder, expected);
  }
  const asked: unknown[] = [];
  await prepare(
    source((...where) => asked.push(where)),
    options(folder),
  );
  expect(asked).toEqual(due);
  const after = await contents(folder);
  expect(Object.keys(after)).toHaveLength(8);
  expect(after).toEqual(expected);
});

describe("a file system that fails", () => {
  const calls = ["open", "rename", "writeFile", "appendFile", "truncate", "rm"] as const;
  const methods = ["write", "writeFile", "sync"] as const;
  const originals = Object.fromEntries(calls.map((name) => [name, fs.promises[name]]));
  let handles: FileHandle;
  let ofHandles: object;

  beforeAll(async () => {
    const handle = await fs.promises.open(fileURLToPath(import.meta.url));
    await handle.close();
    handles = Object.getPrototypeOf(handle) as FileHandle;
    ofHandles = Object.fromEntries(methods.map((name) => [name, handles[name]]));
  });

  /** From the `after`-th call on, every call that writes fails, but for `spared` ones. */
  function failAfter(after: number, spared: (typeof calls)[number] | undefined): { calls: number } {
    const count = { calls: 0 };
    const failing = (name: string, original: unknown) =>
      function (this: unknown, ...args: unknown[]) {
        const isRead = name === "open" && (args[1] === undefined || args[1] === "r");
        if (isRead || name === spared || ++count.calls <= after) {
          return (original as (...all: unknown[]) => unknown).apply(this, args);
        }
        return Promise.reject(Object.assign(new Error("ENOSPC"), { code: "ENOSPC", syscall: name }));
      };
    for (const name of calls) Object.assign(fs.promises, { [name]: failing(name, originals[name]) });
    for (const name of methods) Object.assign(handles, { [name]: failing(name, handles[name]) });
    syncBuiltinESMExports();
    return count;
  }

  function heal(): void {
    Object.assign(fs.promises, originals);
    Object.assign(handles, ofHandles);
    syncBuiltinESMExports();
  }

  afterEach(heal);

  /** Prepares into `out`; the calls that write, and the error of the one that failed. */
  async function failing(out: string, after: number, spared?: "rm") {
    const count = failAfter(after, spared);
    const error = await prepare(source(), options(out)).catch((thrown: unknown) => thrown);
    heal();
    if (error instanceof Error) expect(error).toMatchObject({ code: "ENOSPC" });
    return { calls: count.calls, isDone: !(error instanceof Error) };
  }

  /** Shards that the next run need not make. */
  async function kept(out: string): Promise<number> {
    const journal = await readFile(join(out, "prepare.journal"), "utf8").catch(() => undefined);
    if (journal !== undefined) return journal.split("\n").filter((line) => line.endsWith("}")).length;
    return (await readdir(out)).includes(".prepared") ? Number.POSITIVE_INFINITY : 0;
  }

  test("at any call: nothing looks whole, and the next run goes on to the same bytes", async () => {
    const expected = await fresh();
    for (let after = 0; ; after++) {
      const out = join(folder, `fails-${after}`);
      const { calls, isDone } = await failing(out, after, "rm");
      if (isDone) {
        expect(calls).toBeGreaterThan(80);
        break;
      }
      await isHonest(out, expected);
      await prepare(source(), options(out));
      expect(await contents(out)).toEqual(expected);
    }
  });

  // Where nothing can be removed either it is as if the run were killed, but for its lock.
  test("at any call of a run and again at any call of the next: nothing is lost either", async () => {
    const expected = await fresh();
    const step = 7;
    for (let [first, isDone] = [0, false]; !isDone; first += step) {
      for (let [second, isSecondDone] = [first % step, false]; !isSecondDone; second += step) {
        const out = join(folder, `fails-${first}-${second}`);
        ({ isDone } = await failing(out, first));
        await unlock(out);
        const before = await kept(out);
        ({ isDone: isSecondDone } = await failing(out, second));
        await unlock(out);
        expect(await kept(out)).toBeGreaterThanOrEqual(before);
        await isHonest(out, expected);
        await prepare(source(), options(out));
        expect(await contents(out)).toEqual(expected);
        await rm(out, { recursive: true });
      }
    }
  });

  async function unlock(out: string): Promise<void> {
    for (const file of await readdir(out)) if (file.endsWith(".lock")) await rm(join(out, file));
  }
});

describe("a second run", () => {
  const run = async () => {
    const asked: unknown[] = [];
    await prepare(
      source((...where) => asked.push(where)),
      options(folder),
    );
    return asked;
  };

  test("of the same request sums what is there, and keeps it", async () => {
    await run();
    const before = fs.statSync(join(folder, "manifest.json")).mtimeMs;
    expect(await run()).toEqual([]);
    expect(fs.statSync(join(folder, "manifest.json")).mtimeMs).toBe(before);
  });

  test("makes good what was altered since", async () => {
    await run();
    const expected = await contents(folder);
    const file = join(folder, "train-00001-of-00005.arrow");
    await writeFile(file, (await readFile(file)).with(100, 77));
    expect(await run()).toEqual([
      ["train", 0],
      ["test", 0],
    ]);
    expect(await contents(folder)).toEqual(expected);
  });

  test("believes no rows of a cut-off run that were altered", async () => {
    const failing = source();
    if (failing.kind !== "values") throw new Error("not values");
    const cut: Source = {
      ...failing,
      blocks: function* (split, from) {
        if (split === "test") throw Object.assign(new Error("EIO"), { syscall: "read" });
        yield* failing.blocks(split, from) as Iterable<never>;
      },
    };
    await expect(prepare(cut, options(folder))).rejects.toThrow("EIO");
    const file = join(folder, "train-00001-of-00005.arrow.partial");
    await writeFile(file, (await readFile(file)).fill(7, 130, 250));
    expect(await run()).toEqual([
      ["train", 2],
      ["test", 0],
    ]);
    expect(await contents(folder)).toEqual(await fresh());
  });
});

async function contents(path: string): Promise<Record<string, string>> {
  const names = await wholeFiles(path);
  const texts = await Promise.all(names.map((name) => readFile(join(path, name), "latin1")));
  return Object.fromEntries(names.map((name, i) => [name, texts[i]!]));
}
