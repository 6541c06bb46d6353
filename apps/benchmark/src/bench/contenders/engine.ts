/** This engine as a contender: `engine.ts <strict | fast | reference> <threads> <128 | 256> [plain]`. */

import { reference, wasm } from "@nn/tensor";
import { serve } from "../serve.ts";
import { engineWorkload, productOfArguments } from "./engine-workload.ts";

const [mode, threads, bits, plain] = process.argv.slice(2);

await serve(() => {
  let warned: string | undefined;
  process.on("warning", ({ message }) => {
    if (message.includes("256-bit")) warned = message;
  });
  const backend =
    mode === "reference"
      ? reference
      : wasm({ mode: mode as "strict" | "fast", threads: Number(threads), wide: bits === "256", adaptThreads: false });
  return {
    version: "this commit",
    async prepare(problem) {
      const workload =
        plain !== undefined && problem.kind === "product"
          ? productOfArguments(problem, backend)
          : engineWorkload(problem, backend);
      // A warning comes in a turn of its own. Figures of the fallback must not pass for those of 256 bits.
      await new Promise((resolve) => setImmediate(resolve));
      if (warned !== undefined) throw new Error(warned);
      return workload;
    },
  };
});
