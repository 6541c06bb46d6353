/** A command for the tests: what it does is its only argument. */
import { writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { runCommand } from "./run-command.ts";
import { checkWritableFolder } from "./writable-folder.ts";

const [, , what, path = ""] = process.argv;
process.once("exit", () => path !== "" && what !== "check" && writeFileSync(path, "cleaned up"));

await runCommand(
  "cook",
  async ({ out, error, signal }) => {
    if (what === "check") checkWritableFolder(path);
    if (what === "throw") throw new Error("burnt\nblack");
    for (let i = 0; what === "write" && i < 50_000 && !signal.aborted; i++) {
      out(`line ${i} \u001b[31m\n`);
      if (i % 100 === 0) await setTimeout(0);
    }
    if (what === "complain") error("a warning\n");
    if (what === "wait" || what === "watch" || what === "linger") {
      out("ready\n");
      // A listener alone keeps no process.
      for (let i = 0; i < 600 && !(what === "watch" && signal.aborted); i++) await setTimeout(100);
    }
    signal.throwIfAborted();
    out("done\n");
    return 0;
  },
  { endsItself: what !== "wait" },
);
