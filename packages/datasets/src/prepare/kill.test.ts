import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
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

const source = (): Source => ({
  kind: "values",
  layout: { column: "point", dtype: "float32", inputShape: [2] },
  splits: { train: 9 },
  files: [],
  steps: [],
  blocks: function* () {
    for (let i = 0; i < 9; i++) yield { split: "train", inputs: Float32Array.of(i, -i), labels: Uint8Array.of(i % 2) };
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

test.each([1, 5, 9])(
  "killed after %d rows, nothing looks whole and the next run gives the same bytes",
  async (rows) => {
    const child = spawn(process.execPath, ["--conditions=@nn/source", "--input-type=module", "-e", program(rows)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exit = once(child, "exit");
    await Promise.race([once(child.stdout, "data"), exit]);
    child.kill("SIGKILL");
    expect((await exit)[1]).toBe("SIGKILL");
    expect((await readdir(folder)).filter((file) => !file.endsWith(".partial"))).toEqual([]);
    await expect(openDataset(folder)).rejects.toThrow(DataError);

    await prepare(source(), options(folder));
    const after = await contents(folder);
    expect(Object.keys(after)).toHaveLength(6);
    const fresh = join(folder, "fresh");
    await prepare(source(), options(fresh));
    expect(after).toEqual(await contents(fresh));
  },
);

async function contents(path: string): Promise<Record<string, string>> {
  const names = (await readdir(path)).filter((name) => name.includes(".")).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(path, name), "latin1")));
  return Object.fromEntries(names.map((name, i) => [name, texts[i]!]));
}
