import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { reportFailure, UsageError } from "./failure.ts";
import { InterruptedError } from "./interrupted-error.ts";

function failureOf(action: () => void): unknown {
  try {
    return action();
  } catch (error) {
    return error;
  }
}

test.each([
  [new InterruptedError("interrupted by SIGTERM", 143), "interrupted by SIGTERM", 143],
  [new UsageError("received x"), "received x", 2],
  [failureOf(() => readdirSync("absent")), "ENOENT: no such file or directory, scandir 'absent'", 3],
  [new Error("two\nlines \u001b[0m"), "two\\nlines \\u001b[0m", 1],
  ["text", "text", 1],
])("%s", (error, message, code) => {
  const lines: string[] = [];
  expect(reportFailure("cook", error, { error: (text) => void lines.push(text) })).toBe(code);
  expect(lines).toEqual([`cook: ${message}\n`]);
});
