/** The command: `node src/bench.ts --help`. */

import { runCommand } from "@nn/command";
import { bench } from "./bench/command.ts";

await runCommand("bench", ({ args, ...io }) => bench(args, io));
