import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { watchOtherPrograms } from "./other-programs.ts";

/** Asked for anything, works for half a second of a core's time and says how much in milliseconds it was. */
const program = `
  process.stdin.on("data", () => {
    const before = process.cpuUsage();
    for (;;) {
      for (let i = 0; i < 1e7; i++);
      const { user, system } = process.cpuUsage(before);
      if (user + system < 500_000) continue;
      console.log((user + system) / 1000);
      break;
    }
  });
  console.log("ready");
`;

test.runIf(process.platform === "linux")("a child is one of the others, unless it is named", async () => {
  const child = spawn(process.execPath, ["-e", program]);
  await once(child.stdout, "data");
  const startedMs = performance.now();
  const all = watchOtherPrograms();
  const allButChild = watchOtherPrograms(child.pid);
  child.stdin.write("go\n");
  const [workedMs] = await once(child.stdout, "data");
  const differenceMs = (all() - allButChild()) * (performance.now() - startedMs);
  child.kill();
  // What others do meanwhile is in both. Linux counts in steps of 10 ms.
  expect(Math.abs(differenceMs - Number(workedMs))).toBeLessThan(100);
});

test("of a child that is not there nothing can be told", () => {
  expect(watchOtherPrograms(-1)()).toBeNaN();
});
