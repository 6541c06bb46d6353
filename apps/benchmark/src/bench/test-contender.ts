/** A contender for tests: `test-contender.ts <wrong | stays | nan | short | refuses | dies | silent | noisy>`. */

import { reference } from "@nn/tensor";
import { engineWorkload } from "./contenders/engine-workload.ts";
import { serve } from "./serve.ts";

const behaviour = process.argv[2];

await serve(() => ({
  version: "0.0.0",
  prepare(problem) {
    if (behaviour === "refuses") throw new Error("not today");
    if (behaviour === "dies") process.exit(3);
    if (behaviour === "silent") return new Promise(() => undefined);
    if (behaviour === "noisy") process.stdout.write("Hi there!\n");
    const workload = engineWorkload(problem, reference);
    return {
      run: workload.run,
      ...(behaviour === "stays" ? {} : { reset: workload.reset! }),
      async check() {
        const values = [...(await workload.check())];
        if (behaviour === "wrong") values[0] = values[0]!.map((value) => value + 0.001);
        if (behaviour === "nan") values[0] = values[0]!.map(() => Number.NaN);
        if (behaviour === "short") values.pop();
        return values;
      },
    };
  },
}));
