/** The command: `node src/bench.ts --help`. */

import { bench } from "./bench/command.ts";

// An exit cleans up after itself; a signal alone would not.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.exitCode = await bench(process.argv.slice(2));
