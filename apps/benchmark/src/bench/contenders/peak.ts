/** The register-only loop as a contender: `peak.ts <128 | 256>`. Its problem is always the same. */

import { peakLoop } from "../peak.ts";
import { serve } from "../serve.ts";

await serve(() => {
  const loop = peakLoop(process.argv[2] === "256" ? 256 : 128);
  return {
    version: "this commit",
    prepare: () => ({
      check: () => [],
      run(iterations) {
        for (let i = 0; i < iterations; i++) loop.run();
      },
    }),
  };
});
