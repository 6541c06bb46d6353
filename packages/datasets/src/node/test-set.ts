/** A small prepared dataset for a test to tamper with, and the command to read it with. */

import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zeros } from "@nn/tensor";
import { expect } from "vitest";
import { datasetFromArrays } from "../dataset-from-arrays.ts";
import { datasetSource, prepare } from "../prepare/index.ts";
import { run } from "./cli/index.ts";

/** A new folder, and in it the folder `set` with six points of two classes in one shard. */
export async function preparedSet(): Promise<{ readonly root: string; readonly folder: string }> {
  const root = await mkdtemp(join(tmpdir(), "nn-set-"));
  const folder = join(root, "set");
  const train = datasetFromArrays({
    name: "d",
    inputs: zeros([6, 2], { dtype: "float32" }),
    labels: [0, 1, 0, 1, 0, 1],
    classNames: ["a", "b"],
  });
  const source = datasetSource({ train }, { column: "point", steps: [] });
  await prepare(source, { out: folder, name: "d", version: "1", classNames: ["a", "b"] });
  return { root, folder };
}

/** Runs `nn-datasets` as a script does, without a terminal. */
export async function call(...args: string[]): Promise<{ code: number; out: string; error: string }> {
  let [out, error] = ["", ""];
  const code = await run(args, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    terminal: undefined,
    now: () => 0,
  });
  return { code, out, error };
}

/** Writes the manifest in a folder with a change to its text. */
export async function changeManifest(folder: string, edit: (text: string) => string): Promise<void> {
  const path = join(folder, "manifest.json");
  const text = await readFile(path, "utf8");
  expect(edit(text)).not.toBe(text);
  await writeFile(path, edit(text));
}
