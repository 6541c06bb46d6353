/** The command as a process: output that nobody takes, and a terminal after an interrupt. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "./index.ts";

const bin = fileURLToPath(new URL("../../../bin/nn-datasets.js", import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "nn-output-"));
  const source = { type: "moons", samples: 4 };
  await writeFile(join(folder, "d.json"), JSON.stringify({ name: "x", version: "1", classNames: ["a", "b"], source }));
  const io = { out: () => undefined, error: () => undefined, terminal: undefined, now: () => 0 };
  expect(await run(["prepare", join(folder, "d.json"), "-o", join(folder, "out")], io)).toBe(0);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const commands = [["--help"], ["inspect", "OUT"], ["inspect", "OUT", "--json"], ["verify", "OUT"], ["prepare", "IN"]];

/** Runs the command with its output to `stdout`: its code, and what it says on standard error. */
async function call(command: readonly string[], stdout: number | "pipe") {
  const args = command.flatMap((arg) =>
    arg === "IN" ? [join(folder, "d.json"), "-o", join(folder, "new")] : [arg.replace("OUT", join(folder, "out"))],
  );
  const child = spawn(process.execPath, ["--conditions=@nn/source", bin, ...args], {
    stdio: ["ignore", stdout, "pipe"],
  });
  // As `| head` does when it has seen enough: before anything is written.
  child.stdout?.destroy();
  let error = "";
  child.stderr!.on("data", (piece) => {
    error += piece;
  });
  const [code] = await once(child, "close");
  return { code, error };
}

test.each(commands)("a closed pipe ends %s %s %s without a word", async (...command) => {
  expect(await call(command, "pipe")).toEqual({ code: 141, error: "" });
});

test.skipIf(!existsSync("/dev/full")).each(commands)("a full disk ends %s %s %s with a line", async (...command) => {
  const full = openSync("/dev/full", "w");
  try {
    const { code, error } = await call(command, full);
    expect(code).toBe(3);
    expect(error).toMatch(/^nn-datasets: standard output cannot be written \(ENOSPC: [^\n]*\)\n$/);
  } finally {
    closeSync(full);
  }
});

test.skipIf(process.platform === "win32").each(["SIGINT", "SIGTERM"] as const)(
  "%s gives cursor and line wrap back, and ends the process as it would have",
  async (signal) => {
    const program = `
      const { reportProgress } = await import(${JSON.stringify(new URL("progress.ts", import.meta.url).href)});
      const terminal = Object.assign(process.stdout, { isTTY: true, columns: 80 });
      const report = reportProgress("x", { terminal, now: () => 0 });
      report.onProgress({ split: "train", rows: 1, totalRows: 10, skipped: 0 });
      setInterval(() => undefined, 1000);
    `;
    const child = spawn(process.execPath, ["--conditions=@nn/source", "--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let drawn = "";
    child.stdout.on("data", (piece) => {
      if (drawn === "") child.kill(signal);
      drawn += piece;
    });
    const [, by] = await once(child, "close");
    expect(by).toBe(signal);
    for (const mode of ["?25", "?7"]) {
      expect(drawn.lastIndexOf(`\u001b[${mode}h`)).toBeGreaterThan(drawn.lastIndexOf(`\u001b[${mode}l`));
      expect(drawn).toContain(`\u001b[${mode}l`);
    }
  },
);
