// Script `report`: builds dist/index.html from the runs that the benchmark left.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { appFolder, buildReport } from "./build-report.ts";

const benchmark = dirname(fileURLToPath(import.meta.resolve("@nn/benchmark/package.json")));
const outputFile = join(appFolder, "dist", "index.html");
try {
  const { runs, pageBytes, totalBytes } = await buildReport(join(benchmark, "runs"), outputFile);
  const kilobytes = (bytes: number): string => `${Math.round(bytes / 1000)} kB`;
  process.stdout.write(
    `${outputFile}: ${runs} runs, ${kilobytes(totalBytes)} (${kilobytes(pageBytes)} without data)\n`,
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
