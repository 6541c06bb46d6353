/** The command: `node src/bench-batches.ts --help`. */

import { runCommand } from "@nn/command";
import { benchBatches } from "./batches/command.ts";

await runCommand("bench:batches", ({ args, ...io }) => benchBatches(args, io));
