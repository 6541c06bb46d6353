import { Command } from "commander";
import { expect, test } from "vitest";
import { integerFrom, numberAbove } from "./argument-numbers.ts";
import { parseCommand } from "./parse-command.ts";

function parse(...args: readonly string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const command = new Command("cook")
    .description("Cooks.")
    .option("-p, --port <number>", "a port", integerFrom(0, 65_535), 4173)
    .option("-s, --salt <grams>", "how much", numberAbove(0))
    .option("-d, --dish <name...>", "which")
    .option("-o, --out <directory>", "where");
  const io = { args, out: (text: string) => void out.push(text), error: (text: string) => void errors.push(text) };
  return { parsed: parseCommand(command, io), out: out.join(""), errors: errors.join("") };
}

test.each([
  [[], { port: 4173 }],
  [["--port", "0"], { port: 0 }],
  [["--salt", "0.5", "--dish", "a", "b"], { port: 4173, salt: 0.5, dish: ["a", "b"] }],
  // pnpm hands it on.
  [["--", "--port", "8080"], { port: 8080 }],
])("%j is read", (args, expected) => {
  expect(parse(...args)).toEqual({ parsed: expected, out: "", errors: "" });
});

test("--help is an answer", () => {
  const { parsed, out, errors } = parse("--help");
  expect({ parsed, errors }).toEqual({ parsed: 0, errors: "" });
  for (const text of ["Cooks.", "--port", "--salt", "--dish", "--out", "--help"]) expect(out).toContain(text);
});

test.each([
  [["--bogus"], "unknown option '--bogus'"],
  [["--prot", "1"], "unknown option '--prot' (Did you mean --port?)"],
  [["rice"], "too many arguments. Expected 0 arguments but got 1: rice"],
  [["--port"], "option '-p, --port <number>' argument missing"],
  ...["", " 1", "+1", "1e3", "0x10", "1.5", "65536", "-1"].map((port): [string[], string] => [
    [`--port=${port}`],
    `option '-p, --port <number>' argument '${port}' is invalid. Expected a whole number from 0 to 65535`,
  ]),
  ...["", "0", "1e3", "Infinity", "-2"].map((salt): [string[], string] => [
    [`--salt=${salt}`],
    `option '-s, --salt <grams>' argument '${salt}' is invalid. Expected a number above 0`,
  ]),
  [["--out", ""], 'received --out "", which is empty; expected -o, --out <directory>'],
  [["--dish", "a", ""], 'received --dish "", which is empty; expected -d, --dish <name...>'],
  [["--\u001b[31m\nx"], "unknown option '--\\u001b[31m\\nx'"],
] as [string[], string][])("%j is one line and exit code 2", (args, message) => {
  expect(parse(...args)).toEqual({ parsed: 2, out: "", errors: `cook: ${message}; see cook --help\n` });
});
