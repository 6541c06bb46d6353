import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { reportCommand } from "./report-command.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nn-report-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.skipIf(process.platform === "win32")(
  "report builds the page without what it may not read, and says so",
  async () => {
    const secret = join(folder, "secret");
    writeFileSync(secret, "a secret");
    const name = "r\u001b[31m\nx";
    mkdirSync(join(folder, "runs", name), { recursive: true });
    for (const file of ["run.arrow", "summary.json"]) symlinkSync(secret, join(folder, "runs", name, file));
    const printed = { out: "", errors: "" };
    const code = await reportCommand({
      args: ["--runs", join(folder, "runs"), "--out", join(folder, "dist")],
      out(text) {
        printed.out += text;
      },
      error(text) {
        printed.errors += text;
      },
    });
    expect(code).toBe(0);
    expect(printed.errors).toMatch(
      /^report: r\\u001b\[31m\\nx: run.arrow cannot be read: a link leads out of the folder of runs. .*\n$/,
    );
    expect(printed.out).toMatch(/index.html: 1 run, \d+ kB \(\d+ kB without data\)\n$/);
    const page = readFileSync(join(folder, "dist", "index.html"), "utf8");
    for (const text of ["a secret", Buffer.from("a secret").toString("base64"), "%policy%"])
      expect(page).not.toContain(text);
  },
);
