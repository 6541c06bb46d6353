/** The command: `node src/bench.ts --help`. */

import { bench } from "./bench/command.ts";
import { closeAll } from "./bench/contender-process.ts";

// Contenders that are stopped would outlive the command.
process.on("exit", closeAll);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.exitCode = await bench(process.argv.slice(2));
