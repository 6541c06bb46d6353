/**
 * Runs random programs on the engine and compares every bit with the reference loops.
 *
 *     pnpm --filter @nn/tensor fuzz <count> [--seed first] [--threads n] [--wide] [--optimized] [--large]
 *
 * `--optimized` compiles every kernel with V8's optimising compiler at once, `--wide` with its packing into 256 bits too.
 * `--large` makes values large enough for threads to share most kernels. A failure prints its seed, which
 * `fuzz 1 --seed <seed>` runs again with the same options.
 */

import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { checkInteger, wasm } from "../../src/index.ts";
import { largeValues, smallValues } from "./random-program.ts";
import { runPrograms } from "./run-programs.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "0" },
    threads: { type: "string", default: "1" },
    wide: { type: "boolean", default: false },
    optimized: { type: "boolean", default: false },
    large: { type: "boolean", default: false },
  },
});
const [count, first, threads] = [positionals[0] ?? 1000, values.seed, values.threads].map(Number) as [
  number,
  number,
  number,
];
checkInteger("fuzz", "count", count, 1);
checkInteger("fuzz", "seed", first, 0, 2 ** 31 - 1);
const { wide, large } = values;
// V8 must have these flags before it starts.
const flags = [
  ...(wide || values.optimized ? ["--no-liftoff"] : []),
  ...(wide ? ["--experimental-wasm-revectorize"] : []),
];
if (flags.some((flag) => !process.execArgv.includes(flag))) {
  const args = [...flags, ...process.execArgv, ...process.argv.slice(1)];
  process.exit(spawnSync(process.execPath, args, { stdio: "inherit" }).status ?? 1);
}

const started = performance.now();
const extent = large ? largeValues : smallValues;
const { sharedRuns, calls, failure } = await runPrograms(
  () => wasm({ threads, adaptThreads: false, wide, patienceMs: 600_000 }),
  {
    first,
    count,
    extent,
  },
);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
if (failure === undefined)
  console.log(
    `${count} programs of ${calls} operations, ${sharedRuns} runs on ${threads} threads: no difference, ${seconds} s`,
  );
else {
  console.log(failure);
  process.exitCode = 1;
}
