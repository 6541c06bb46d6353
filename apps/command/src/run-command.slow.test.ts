import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const command = `${process.execPath} --conditions=@nn/source ${join(import.meta.dirname, "test-command.ts")}`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nn-command-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a line of the shell; `code` is that of the command, whatever reads its output. */
function shell(line: string) {
  const code = join(folder, "code");
  const { stdout, stderr } = spawnSync(
    "sh",
    ["-c", line.replaceAll("COOK", command).replaceAll("CODE", `echo $? >${code}`)],
    {
      encoding: "utf8",
    },
  );
  return { out: stdout, errors: stderr, code: existsSync(code) ? Number(readFileSync(code, "utf8")) : undefined };
}

test("a command that ends by itself", () => {
  expect(shell("COOK done; CODE")).toEqual({ out: "done\n", errors: "", code: 0 });
});

test("what is thrown is one line and exit code 1", () => {
  expect(shell("COOK throw; CODE")).toEqual({ out: "", errors: "cook: burnt\\nblack\n", code: 1 });
});

test("control characters are escaped", () => {
  expect(shell("COOK write | head -n 2").out).toBe("line 0 \\u001b[31m\nline 1 \\u001b[31m\n");
});

test("output that nobody reads is one line and exit code 3", () => {
  const { errors, code } = shell("{ COOK write; CODE; } | head -n 1");
  expect({ errors, code }).toEqual({ errors: "cook: nobody reads standard output any more (EPIPE)\n", code: 3 });
});

describe.skipIf(!existsSync("/dev/full"))("a full disk", () => {
  test.each(["write", "done", "wait"])("is one line and exit code 3: %s", (what) => {
    expect(shell(`COOK ${what} >/dev/full; CODE`)).toEqual({
      out: "",
      errors: "cook: standard output cannot be written: ENOSPC: no space left on device, write\n",
      code: 3,
    });
  });

  test("on standard error changes nothing", () => {
    expect(shell("COOK complain 2>/dev/full; CODE")).toEqual({ out: "done\n", errors: "", code: 0 });
  });
});

// Mounts of a namespace of its own go with it.
const canMount = spawnSync("unshare", ["-m", "true"]).status === 0;

test.skipIf(!canMount).each(["", "/new/folder"])(
  "a folder on a read-only file system is said to be one: %j",
  (below) => {
    const line = `mount --bind ${folder} ${folder} && mount -o remount,ro,bind ${folder} && ${command} check ${folder}${below}`;
    const { status, stderr } = spawnSync("unshare", ["-m", "sh", "-c", line], { encoding: "utf8" });
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: `cook: received --out ${folder}${below}, which cannot be written (read-only file system, EROFS); expected a folder for the results\n`,
    });
  },
);

function start(what: string) {
  const [file = "", ...args] = command.split(" ");
  const child = spawn(file, [...args, what, join(folder, "cleaned")], { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const ready = new Promise((resolve) => child.stdout.once("data", resolve));
  const ended = new Promise<{ code: number | null; signal: string | null; errors: string }>((resolve) =>
    child.on("close", (code, signal) => resolve({ code, signal, errors })),
  );
  return { child: child as ChildProcess, ready, ended };
}

describe.skipIf(process.platform === "win32")("signals", () => {
  test.each([
    ["wait", "SIGINT", 130],
    ["wait", "SIGTERM", 143],
    ["wait", "SIGHUP", 129],
    ["watch", "SIGINT", 130],
    ["watch", "SIGTERM", 143],
    ["watch", "SIGHUP", 129],
  ] as const)("%s, %s", async (what, signal, code) => {
    const { child, ready, ended } = start(what);
    await ready;
    child.kill(signal);
    expect(await ended).toEqual({ code, signal: null, errors: `cook: interrupted by ${signal}\n` });
    expect(readFileSync(join(folder, "cleaned"), "utf8")).toBe("cleaned up");
  });

  test("one that does not end by itself is ended by signals that go on", async () => {
    const { child, ready, ended } = start("linger");
    await ready;
    const again = setInterval(() => child.kill("SIGINT"), 100);
    expect(await ended).toEqual({ code: 130, signal: null, errors: "cook: interrupted by SIGINT\n" });
    clearInterval(again);
  });
});
