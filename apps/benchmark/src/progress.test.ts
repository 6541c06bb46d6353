import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { reporterOn } from "./progress.ts";

function terminal() {
  let output = "";
  const stream = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 60,
    write(text: string) {
      output += text;
      return true;
    },
  });
  return { stream: stream as unknown as NodeJS.WriteStream, output: () => output };
}

test("on a terminal: a bar that is cut at its width, and taken away before a line and at the end", () => {
  const { stream, output } = terminal();
  const reporter = reporterOn(stream, "moons \u001b[31m");
  const listeners = process.listenerCount("exit");
  reporter.progress(1, 4, `loss 0.5 \u001b]0;title\u0007 ${"x".repeat(100)}`);
  expect(process.listenerCount("exit")).toBe(listeners + 1);
  reporter.print("a line \u001b[2J");
  expect(output().endsWith("\u001b[2Ka line \\u001b[2J\n")).toBe(true);
  reporter.progress(2, 4, "loss 0.25");
  reporter.end();
  reporter.end();
  expect(process.listenerCount("exit")).toBe(listeners);
  expect(output().endsWith("\u001b[2K")).toBe(true);
  // Neither wrapping nor the cursor is ever switched off, whatever ends the process.
  for (const off of ["\u001b[?7l", "\u001b[?25l", "\u001b[31m", "\u0007", "x".repeat(60)])
    expect(output()).not.toContain(off);
});

test("elsewhere: lines", () => {
  const { stream, output } = terminal();
  const reporter = reporterOn(Object.assign(stream, { isTTY: false }), "moons");
  reporter.print("a\u0007 line");
  reporter.progress(1, 4, "soon after is too soon");
  reporter.end();
  expect(output()).toBe("a\\u0007 line\n");
});
