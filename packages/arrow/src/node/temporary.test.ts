import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeFileAtomically } from "./atomic-file.ts";
import { removeLeftovers, temporaryName } from "./temporary.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nn-train-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

// Above the largest process number of any system: such a process is gone.
const GONE = 2 ** 31 - 1;

type Change = (name: string) => string;
const ofGoneProcess: Change = (name) => name.replace(`.${process.pid}-`, `.${GONE}-`);
// Born at another time: the number of a process that is gone, taken by this one.
const ofEarlierProcess: Change = (name) => name.replace(/-\d+-/, "-1-");
const ofOtherMachine: Change = (name) => ofGoneProcess(name).replace(/-[0-9a-f]{8}-/, "-00000000-");

function place(name: string, daysOld = 0): string {
  const path = join(folder, name);
  writeFileSync(path, "half");
  const time = new Date(Date.now() - daysOld * 86_400_000);
  utimesSync(path, time, time);
  return name;
}

test.each<[string, Change, number, boolean]>([
  ["of a live process", (name) => name, 0, true],
  ["of a live process, old", (name) => name, 9, true],
  ["of a process that is gone", ofGoneProcess, 0, false],
  ["of another machine", ofOtherMachine, 0, true],
  ["of another machine, of the day before yesterday", ofOtherMachine, 2, false],
  ["of somebody else", () => `run.arrow.${GONE}.tmp`, 9, true],
  ["of somebody else, without a name", (name) => ofGoneProcess(name).slice("run.arrow".length), 9, true],
])("a temporary file %s", (_, change, daysOld, stays) => {
  const name = place(change(temporaryName("run.arrow")), daysOld);
  removeLeftovers(folder);
  expect(readdirSync(folder)).toEqual(stays ? [name] : []);
});

test.skipIf(process.platform !== "linux")("the number of a process that is gone may be another's now", () => {
  place(ofEarlierProcess(temporaryName("run.arrow")));
  removeLeftovers(folder);
  expect(readdirSync(folder)).toEqual([]);
});

test("folders go with what is in them; other names stay when one is asked for", () => {
  const problem = join(folder, ofGoneProcess(temporaryName("problem")));
  mkdirSync(problem);
  writeFileSync(join(problem, "values"), "");
  const other = place(ofGoneProcess(temporaryName("run.arrow")));
  removeLeftovers(folder, "problem");
  expect(readdirSync(folder)).toEqual([other]);
});

test("a folder that cannot be read is left alone", () => {
  removeLeftovers(join(folder, "absent"));
});

test("writing any file of a folder removes what killed processes left there", () => {
  place(ofGoneProcess(temporaryName("run.arrow")));
  const live = place(temporaryName("run.arrow"));
  writeFileAtomically(join(folder, "summary.json"), Uint8Array.of(1));
  expect(readdirSync(folder).sort()).toEqual([live, "summary.json"]);
});

test("a write that fails names its file and leaves nothing", () => {
  writeFileSync(join(folder, "file"), "");
  const below = join(folder, "file", "run.arrow");
  expect(() => writeFileAtomically(below, Uint8Array.of(1))).toThrow(
    expect.objectContaining({ code: "EEXIST", message: expect.stringContaining(below) }),
  );
  mkdirSync(join(folder, "taken"));
  const taken = join(folder, "taken");
  expect(() => writeFileAtomically(taken, Uint8Array.of(1))).toThrow(taken);
  expect(readdirSync(folder).sort()).toEqual(["file", "taken"]);
});
