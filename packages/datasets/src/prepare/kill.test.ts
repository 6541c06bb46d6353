import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
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

/** A process that prepares the same source and stands still after `rows` rows. */
const program = (rows: number) => `
  const { prepare } = await import(${JSON.stringify(new URL("index.ts", import.meta.url).href)});
  const source = (${source.toString()})();
  const onProgress = ({ rows }) => {
    if (rows === ${rows}) {
      process.stdout.write("here");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }
  };
  await prepare(source, { ...(${options.toString()})(${JSON.stringify(folder)}), onProgress });
`;

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

test.each([
  [
    1,
    [
      ["train", 0],
      ["test", 0],
    ],
  ],
  [
    5,
    [
      ["train", 4],
      ["test", 0],
    ],
  ],
  [9, [["test", 0]]],
  [12, []],
] as const)(
  "killed after %d rows, nothing looks whole and the next run goes on to the same bytes",
  { timeout: 30_000 },
  async (rows, due) => {
    const child = spawn(process.execPath, ["--conditions=@nn/source", "--input-type=module", "-e", program(rows)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exit = once(child, "exit");
    await Promise.race([once(child.stdout, "data"), exit]);
    child.kill("SIGKILL");
    expect((await exit)[1]).toBe("SIGKILL");
    expect(await wholeFiles(folder)).toEqual([]);
    await expect(openDataset(folder)).rejects.toThrow(DataError);

    const asked: unknown[] = [];
    await prepare(
      source((...where) => asked.push(where)),
      options(folder),
    );
    expect(asked).toEqual(due);
    const after = await contents(folder);
    expect(Object.keys(after)).toHaveLength(8);
    expect(after).toEqual(await fresh());
  },
);

describe("a file system that fails", () => {
  const calls = ["open", "rename", "writeFile", "appendFile", "truncate"] as const;
  const originals = Object.fromEntries(calls.map((name) => [name, fs.promises[name]]));

  /** From the `after`-th call on, every call that writes fails as on a full disk. */
  function failAfter(after: number): { calls: number } {
    const count = { calls: 0 };
    for (const name of calls) {
      Object.assign(fs.promises, {
        [name]: (...args: unknown[]) => {
          const isRead = name === "open" && (args[1] === undefined || args[1] === "r");
          if (!isRead && ++count.calls > after) {
            return Promise.reject(Object.assign(new Error("ENOSPC"), { code: "ENOSPC", syscall: name }));
          }
          return (originals[name] as (...all: unknown[]) => unknown)(...args);
        },
      });
    }
    syncBuiltinESMExports();
    return count;
  }

  afterEach(() => {
    Object.assign(fs.promises, originals);
    syncBuiltinESMExports();
  });

  test("at any call: nothing looks whole, and the next run goes on to the same bytes", {
    timeout: 60_000,
  }, async () => {
    const expected = await fresh();
    for (let after = 0; ; after++) {
      const out = join(folder, `fails-${after}`);
      const count = failAfter(after);
      const error = await prepare(source(), options(out)).catch((thrown: unknown) => thrown);
      Object.assign(fs.promises, originals);
      syncBuiltinESMExports();
      if (!(error instanceof Error)) {
        expect(count.calls).toBeGreaterThan(30);
        break;
      }
      expect(error).toMatchObject({ code: "ENOSPC" });
      if ((await wholeFiles(out)).includes("manifest.json")) {
        // All that was missing is the mark that the work is done.
        expect(await contents(out)).toEqual(expected);
      }
      for (const file of (await wholeFiles(out)).filter((name) => name.endsWith(".arrow"))) {
        expect(await readFile(join(out, file), "latin1")).toBe(expected[file]);
      }
      await prepare(source(), options(out));
      expect(await contents(out)).toEqual(expected);
    }
  });
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
