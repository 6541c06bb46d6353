/** Random programs one after another, each on an engine beside the reference loops. */

import type { WasmBackend } from "../../src/index.ts";
import { differenceOn } from "./check-program.ts";
import { sourceOf } from "./program.ts";
import type { Extent } from "./program-builder.ts";
import { randomProgram } from "./random-program.ts";
import { shrunk } from "./smaller-programs.ts";

export interface Fuzzing {
  /** The programs are those of the seeds from `first` on. */
  readonly first: number;
  readonly count: number;
  readonly extent?: Extent | undefined;
}

/** Programs that share an engine, and with it memory that others have used. */
const programsAnEngine = 500;

/**
 * Runs programs on engines that `makeEngine` makes. Reports how many runs threads shared, and the first program whose
 * results differ: its seed, the difference, and the source of the smallest program that still fails.
 */
export async function runPrograms(
  makeEngine: () => WasmBackend,
  { first, count, extent }: Fuzzing,
): Promise<{ readonly sharedRuns: number; readonly calls: number; readonly failure?: string }> {
  let [sharedRuns, calls] = [0, 0];
  for (let from = first; from < first + count; from += programsAnEngine) {
    const engine = makeEngine();
    try {
      for (let seed = from; seed < Math.min(first + count, from + programsAnEngine); seed++) {
        const program = randomProgram(seed, extent);
        calls += program.calls.length;
        const difference = differenceOn(engine, program);
        if (difference !== undefined) {
          const smallest = shrunk(program, (candidate) => differenceOn(engine, candidate) !== undefined);
          const failure = `seed ${seed}: ${difference}\n${sourceOf(smallest)}\n// ${differenceOn(engine, smallest)}`;
          return { sharedRuns: sharedRuns + engine.sharedRuns, calls, failure };
        }
        // Memory of earlier programs comes back between turns of the event loop.
        if (seed % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      sharedRuns += engine.sharedRuns;
    } finally {
      engine.close();
    }
  }
  return { sharedRuns, calls };
}
