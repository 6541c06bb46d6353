import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InterruptedError } from "@nn/command";
import { afterEach, beforeEach, expect, test } from "vitest";
import { reportCommand } from "./report-command.ts";
import { serveCommand } from "./serve-command.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nn-report-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function run(
  command: typeof serveCommand,
  args: readonly string[],
  onOut: (text: string) => void = () => undefined,
) {
  const controller = new AbortController();
  let out = "";
  let errors = "";
  const code = await command({
    args,
    out(text) {
      out += text;
      onOut(text);
      controller.abort(new InterruptedError("interrupted by SIGINT", 130));
    },
    error(text) {
      errors += text;
    },
    signal: controller.signal,
  });
  return { code, out, errors };
}

const port = "argument 'PORT' is invalid. Expected a whole number from 0 to 65535; see serve --help";

test.each([
  ["--bogus", "unknown option '--bogus'; see serve --help"],
  ["--prot=1", "unknown option '--prot=1' (Did you mean --port?); see serve --help"],
  ["x", "too many arguments. Expected 0 arguments but got 1: x; see serve --help"],
  ...["", "x", "1e3", "65536", "-1", " 80"].map((value): [string, string] => [
    `--port=${value}`,
    `option '-p, --port <number>' ${port.replace("PORT", value)}`,
  ]),
])("serve %j", async (argument, message) => {
  expect(await run(serveCommand, [argument])).toEqual({ code: 2, out: "", errors: `serve: ${message}\n` });
});

test.each([
  [serveCommand, ["--port", "--dist"]],
  [reportCommand, ["--runs", "--out"]],
] as const)("%o --help names every option", async (command, options) => {
  const { code, out, errors } = await run(command, ["--help"]);
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  for (const option of options) expect(out).toContain(option);
});

test("serve without a page says what to do", async () => {
  expect(await run(serveCommand, ["--dist", folder])).toEqual({
    code: 1,
    out: "",
    errors: `serve: found no ${join(folder, "index.html")}; build it first: npx pnpm@12 train\n`,
  });
});

test("serve serves until it is interrupted", async () => {
  writeFileSync(join(folder, "index.html"), "<p>");
  const { code, out, errors } = await run(serveCommand, ["--", "--dist", folder, "--port", "0"]);
  expect({ code, errors }).toEqual({ code: 130, errors: "" });
  expect(out).toMatch(/^Report: http:\/\/127.0.0.1:\d+\/\n/);
});

test.each([
  [["--bogus"], 2, /^report: unknown option '--bogus'; see report --help\n$/],
  [["--runs", ""], 2, /^report: received --runs "", which is empty/],
  [["--runs", "absent"], 1, /^report: received no runs in .*absent; expected .*\n$/],
  [["--out", import.meta.filename], 3, /^report: received --out .*, which cannot be written \(.*EEXIST\)/],
])("report %j", async (args, expected, message) => {
  const { code, out, errors } = await run(reportCommand, ["--out", folder, ...args]);
  expect({ code, out }).toEqual({ code: expected, out: "" });
  expect(errors).toMatch(message);
  expect(errors.trimEnd()).not.toContain("\n");
});
