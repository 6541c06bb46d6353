// Building the page: vite bundles src/page into one HTML text, then the runs are put into it.
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";
import { type EmbeddedRun, RUNS_ELEMENT_ID } from "./embedded.ts";
import { readRuns } from "./read-runs.ts";

/** The folder of this app. */
export const appFolder: string = fileURLToPath(new URL("..", import.meta.url));

const PLACE_OF_RUNS = "<!-- runs -->";

export interface ReportSizes {
  readonly runs: number;
  readonly pageBytes: number;
  readonly totalBytes: number;
}

/** Writes the report of all runs in `runsFolder` to `outputFile`, whole or not at all. */
export async function buildReport(runsFolder: string, outputFile: string): Promise<ReportSizes> {
  const runs = readRuns(runsFolder);
  const page = await bundlePage();
  const report = embedRuns(page, runs);
  mkdirSync(dirname(outputFile), { recursive: true });
  const temporary = `${outputFile}.${process.pid}.tmp`;
  writeFileSync(temporary, report);
  renameSync(temporary, outputFile);
  return { runs: runs.length, pageBytes: Buffer.byteLength(page), totalBytes: Buffer.byteLength(report) };
}

async function bundlePage(): Promise<string> {
  const result = await build({
    root: appFolder,
    configFile: false,
    logLevel: "warn",
    resolve: { conditions: ["@nn/source", "module", "browser", "production"] },
    build: { write: false, target: "es2023", modulePreload: false, reportCompressedSize: false },
    plugins: [viteSingleFile()],
  });
  const [bundle] = Array.isArray(result) ? result : [result];
  const outputs = bundle !== undefined && "output" in bundle ? bundle.output : [];
  const html = outputs.find((file) => file.fileName === "index.html");
  if (html?.type !== "asset" || outputs.length !== 1)
    throw new Error(`report: received ${outputs.map((file) => file.fileName).join(", ")} from vite; expected one page`);
  return html.source.toString();
}

/** Puts the runs where the page looks for them. "<" is escaped, so no text in a log can end the script element. */
export function embedRuns(page: string, runs: readonly EmbeddedRun[]): string {
  const json = JSON.stringify(runs).replaceAll("<", "\\u003c");
  if (page.split(PLACE_OF_RUNS).length !== 2) throw new Error(`report: the page lacks its ${PLACE_OF_RUNS}`);
  return page.replace(PLACE_OF_RUNS, () => `<script type="application/json" id="${RUNS_ELEMENT_ID}">${json}</script>`);
}
