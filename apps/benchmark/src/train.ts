/** The command: `node src/train.ts --help`. */

import { main } from "./main.ts";

process.exitCode = await main(process.argv.slice(2));
