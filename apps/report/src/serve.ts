// Script `serve`: the built report on localhost. `--port <number>` chooses the port.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { appFolder } from "./build-report.ts";
import { serveReport } from "./serve-report.ts";

// pnpm hands on the "--" that people put before a script's own options.
const args = process.argv.slice(2).filter((argument) => argument !== "--");
const { values } = parseArgs({ args, options: { port: { type: "string", default: "4173" } } });
const port = Number(values.port);
const folder = join(appFolder, "dist");
if (!Number.isInteger(port) || port < 0 || port > 65_535) {
  stop(`serve: received --port ${values.port}; expected a number from 0 to 65535`);
} else if (!existsSync(join(folder, "index.html"))) {
  stop(`serve: found no ${join(folder, "index.html")}. Build it first: npx pnpm@12 train`);
} else {
  const { url } = await serveReport(folder, port);
  process.stdout.write(
    `Report: ${url}\nThe same page opens without a server: ${join(folder, "index.html")}\nCtrl-C stops.\n`,
  );
}

function stop(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
