import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownPlace } from "@nn/arrow/node";
import { ArgumentError } from "@nn/tensor";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDataset } from "../node.ts";
import { prepare, type Source } from "./index.ts";

let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-lock-"));
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

/** 8 rows, one a block, with a turn of the event loop before each. */
const source = (): Source => ({
  kind: "values",
  layout: { column: "point", dtype: "float32", inputShape: [1] },
  splits: { train: 8 },
  files: [],
  state: "1",
  steps: [],
  blocks: async function* (_, from) {
    for (let i = from; i < 8; i++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      yield { inputs: Float32Array.of(i), labels: Uint8Array.of(0) };
    }
  },
});

const options = (out: string) => ({ out, name: "k", version: "1", classNames: ["a"], shardSize: 2 });

/** A process that prepares the source; it says "here" and stands still after `stop` rows. */
function start(stop: number): ChildProcess {
  const program = `
    const { prepare } = await import(${JSON.stringify(new URL("index.ts", import.meta.url).href)});
    const onProgress = ({ rows }) => {
      if (rows !== ${stop}) return;
      process.stdout.write("here");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    };
    const options = (${options.toString()})(${JSON.stringify(folder)});
    await prepare((${source.toString()})(), { ...options, onProgress }).catch((error) => {
      process.stdout.write(error.message);
      process.exitCode = 1;
    });
  `;
  const child = spawn(process.execPath, ["--conditions=@nn/source", "--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  return child;
}

const locks = async () => (await readdir(folder)).filter((file) => file.endsWith(".lock"));
const isWhole = async () => expect([...(await openDataset(folder)).inputs.data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);

async function refusal(): Promise<string> {
  const error = await prepare(source(), options(folder)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ArgumentError);
  return (error as ArgumentError).message;
}

test("while another process prepares, a second is told by which; when that was killed, it takes over", async () => {
  const child = start(5);
  await once(child.stdout!, "data");
  const before = (await readdir(folder)).sort();
  expect(await refusal()).toContain(`into which process ${child.pid} is preparing`);
  expect((await readdir(folder)).sort()).toEqual(before);
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
  expect(await locks()).toHaveLength(1);
  const asked: number[] = [];
  await prepare(source(), { ...options(folder), onProgress: ({ rows }) => asked.push(rows) });
  expect(asked[0]).toBe(5);
  await isWhole();
  expect(await locks()).toEqual([]);
});

test("of many at once none spoils the work of another, and one at least finishes", async () => {
  const ends = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const child = start(-1);
      const said: string[] = [];
      child.stdout!.on("data", (data: Buffer) => said.push(data.toString()));
      const [code] = await once(child, "close");
      return { code, said: said.join("") };
    }),
  );
  for (const { said, code } of ends) {
    if (code === 1) expect(said).toContain("expected one prepare at a time in a folder");
    else expect(said).toBe("");
  }
  expect(ends.some(({ code }) => code === 0)).toBe(true);
  await isWhole();
  expect(await locks()).toEqual([]);
});

test("two calls in one process are two", async () => {
  const runs = await Promise.allSettled([1, 2].map(() => prepare(source(), options(folder))));
  const refused = runs.filter((run) => run.status === "rejected");
  for (const { reason } of refused) expect(String(reason)).toContain(`process ${process.pid} is preparing`);
  expect(refused.length).toBeLessThan(2);
  await isWhole();
  expect(await locks()).toEqual([]);
});

test("what a process on another machine left is not taken for dead, and the error says what to remove", async () => {
  const file = ".prepare-1-0-0123abcd-elsewhere.lock";
  await writeFile(join(folder, file), "");
  const message = await refusal();
  expect(message).toContain("process 1 on elsewhere");
  expect(message).toContain(`remove ${file} there`);
  await rm(join(folder, file));
  await prepare(source(), options(folder));
});

/** The name of the lock that a process leaves here, with another number or birth where they are given. */
async function lockName(change: { pid?: number; birth?: string; place?: string } = {}): Promise<string> {
  const child = start(1);
  await once(child.stdout!, "data");
  const [file = ""] = await locks();
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
  await rm(join(folder, file));
  const { pid, birth, place } = {
    ...file.match(/^\.prepare-(?<pid>\d+)-(?<birth>\d+)-\w{8}-(?<place>.*)\.lock$/)?.groups,
    ...change,
  };
  return `.prepare-${pid}-${birth}-0123abcd-${place}.lock`;
}

describe.skipIf(!existsSync("/proc/self/ns/pid"))("where the system has /proc (Linux)", () => {
  test("a number that belongs to another process by now is no owner", async () => {
    await writeFile(join(folder, await lockName({ pid: process.pid, birth: "1" })), "");
    await prepare(source(), options(folder));
    expect(await locks()).toEqual([]);
  });

  test("a number from another namespace of processes says nothing of one here: containers of one name", async () => {
    const file = await lockName();
    expect(file).toContain(`${ownPlace}.lock`);
    // The machine's name stays; the hash is of the name and the namespace.
    const other = file.replace(/[0-9a-f]{8}\.lock$/, "00000000.lock");
    await writeFile(join(folder, other), "");
    expect(await refusal()).toContain(`remove ${other} there`);
    expect(await locks()).toEqual([other]);
  });
});

test("a process whose birth nobody knew counts as alive as long as its number is", async () => {
  const file = await lockName({ pid: process.pid, birth: "0" });
  await writeFile(join(folder, file), "");
  expect(await refusal()).toContain(`process ${process.pid} is preparing`);
  expect(await locks()).toEqual([file]);
  await rm(join(folder, file));
  await writeFile(join(folder, await lockName({ birth: "0" })), "");
  await prepare(source(), options(folder));
  expect(await locks()).toEqual([]);
});

test("a folder that holds the whole result already needs no lock", async () => {
  const manifest = await prepare(source(), options(folder));
  await writeFile(join(folder, ".prepare-1-0-0123abcd-elsewhere.lock"), "");
  expect(await prepare(source(), options(folder))).toEqual(manifest);
});
