/** More random programs than the unit test runs: on several threads, and as V8's optimising compiler leaves them. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { largeValues } from "../../../test/fuzz/random-program.ts";
import { runPrograms } from "../../../test/fuzz/run-programs.ts";
import { wasm } from "./wasm.ts";

const longest = 600_000;

test(
  "one thread",
  async () => {
    const { failure } = await runPrograms(() => wasm(), { first: 1000, count: 2000 });
    expect(failure).toBeUndefined();
  },
  longest,
);

test.each([2, 3, 4])(
  "%i threads",
  async (threads) => {
    const fuzzing = { first: 10_000 * threads, count: 150, extent: largeValues };
    const { failure, sharedRuns } = await runPrograms(
      () => wasm({ threads, adaptThreads: false, patienceMs: longest }),
      fuzzing,
    );
    expect(failure).toBeUndefined();
    expect(sharedRuns).toBeGreaterThan(50);
  },
  longest,
);

test.each(["--optimized", "--wide"])(
  "%s",
  async (option) => {
    const fuzz = join(import.meta.dirname, "../../../test/fuzz/fuzz.ts");
    const args = ["--conditions=@nn/source", fuzz, "400", "--seed", "5000", option];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: {} });
    expect(stdout).toMatch(/^400 programs .* no difference/);
  },
  longest,
);
