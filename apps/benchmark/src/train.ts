/** The command: `node src/train.ts --help`. */

import { runCommand } from "@nn/command";
import { main } from "./train/command.ts";

await runCommand("train", ({ args, ...io }) => main(args, io), { endsItself: true });
