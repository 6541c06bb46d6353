import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ownPlace } from "./owner.ts";
import { parseTemporaryName, removeLeftovers, removeLeftoversSync, temporaryName } from "./temporary.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nn-arrow-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

// Above the largest process number of any system: such a process is gone.
const GONE = 2 ** 31 - 1;

type Change = (name: string) => string;
const ofGoneProcess: Change = (name) => name.replace(`.${process.pid}-`, `.${GONE}-`);
// Born at another time: the number of a process that is gone, taken by this one.
const ofEarlierProcess: Change = (name) => name.replace(/-\d+-/, "-1-");
const ofOtherMachine: Change = (name) => ofGoneProcess(name).replace(ownPlace, "elsewhere-00000000");

function place(name: string, daysOld = 0): string {
  const path = join(folder, name);
  writeFileSync(path, "half");
  const time = new Date(Date.now() - daysOld * 86_400_000);
  utimesSync(path, time, time);
  return name;
}

describe.each([
  ["removeLeftovers", removeLeftovers],
  ["removeLeftoversSync", async (...of: Parameters<typeof removeLeftoversSync>) => removeLeftoversSync(...of)],
] as const)("%s", (_, remove) => {
  test.each<[string, Change, number, boolean]>([
    ["of a live process", (name) => name, 0, true],
    ["of a live process, old", (name) => name, 9, true],
    ["of a process that is gone", ofGoneProcess, 0, false],
    ["of another machine", ofOtherMachine, 0, true],
    ["of another machine, of the day before yesterday", ofOtherMachine, 2, false],
    ["of somebody else", () => `run.arrow.${GONE}.tmp`, 9, true],
    ["of somebody else, without a name", (name) => ofGoneProcess(name).slice("run.arrow".length), 9, true],
  ])("a temporary file %s", async (_, change, daysOld, stays) => {
    const name = place(change(temporaryName("run.arrow")), daysOld);
    await remove(folder);
    expect(readdirSync(folder)).toEqual(stays ? [name] : []);
  });

  test.skipIf(process.platform !== "linux")("the number of a process that is gone may be another's now", async () => {
    place(ofEarlierProcess(temporaryName("run.arrow")));
    await remove(folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("folders go with what is in them; other names stay when one is asked for", async () => {
    const problem = join(folder, ofGoneProcess(temporaryName("problem")));
    mkdirSync(problem);
    writeFileSync(join(problem, "values"), "");
    const other = place(ofGoneProcess(temporaryName("run.arrow")));
    await remove(folder, "problem");
    expect(readdirSync(folder)).toEqual([other]);
  });

  test("a folder that cannot be read is left alone", async () => {
    await remove(join(folder, "absent"));
  });
});

test("a name tells for what and by which process it was made", () => {
  const file = temporaryName("a.b-1\nc.tmp");
  expect(parseTemporaryName(file)).toMatchObject({
    name: "a.b-1\nc.tmp",
    owner: { pid: process.pid, place: ownPlace },
  });
  expect(temporaryName("a.b-1\nc.tmp")).not.toBe(file);
  for (const other of ["run.tmp", "run.1-2-3.tmp", "run.arrow", file.slice(0, -4), ""])
    expect(parseTemporaryName(other)).toBeUndefined();
});
