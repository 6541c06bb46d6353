/** The command: `node src/train.ts --help`. */

import { runCommand } from "@nn/command";
import { main } from "./main.ts";

await runCommand("train", ({ args, ...io }) => main(args, io), { endsItself: true });
