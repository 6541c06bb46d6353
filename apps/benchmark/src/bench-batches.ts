/** The command: `node src/bench-batches.ts --help`. */

import { benchBatches } from "./batches/command.ts";

process.exitCode = await benchBatches(process.argv.slice(2));
