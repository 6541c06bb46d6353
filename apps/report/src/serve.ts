// Script `serve`: the built report on localhost.
import { runCommand } from "@nn/command";
import { serveCommand } from "./serve-command.ts";

await runCommand("serve", serveCommand, { endsItself: true });
