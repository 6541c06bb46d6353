// Building the page: vite bundles src/page into one HTML text, then the runs are put into it.
import { writeFileAtomicallySync } from "@nn/arrow/node";
import { build } from "vite";
import { viteSingleFile } from "vite-plugin-singlefile";
import { appFolder } from "./app-folder.ts";
import { contentSecurityPolicy, PLACE_OF_POLICY } from "./content-security-policy.ts";
import { type EmbeddedRun, RUNS_ELEMENT_ID } from "./embedded.ts";
import { readRuns } from "./read-runs.ts";

const PLACE_OF_RUNS = "<!-- runs -->";

export interface ReportSizes {
  readonly runs: number;
  /** What could not be embedded, and why; the page says it too. */
  readonly problems: readonly string[];
  readonly pageBytes: number;
  readonly totalBytes: number;
}

/** Writes the report of all runs in `runsFolder`, those of `course` first, to `outputFile`, whole or not at all. */
export async function buildReport(
  runsFolder: string,
  outputFile: string,
  course: readonly string[] = [],
): Promise<ReportSizes> {
  const runs = readRuns(runsFolder, course);
  const page = await bundlePage();
  const report = embedRuns(page, runs);
  writeFileAtomicallySync(outputFile, new TextEncoder().encode(report));
  const problems = runs.flatMap(({ recipe, problem }) => (problem === undefined ? [] : [`${recipe}: ${problem}`]));
  return { runs: runs.length, problems, pageBytes: Buffer.byteLength(page), totalBytes: Buffer.byteLength(report) };
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
    throw new Error(`received ${outputs.map((file) => file.fileName).join(", ")} from vite; expected one page`);
  return withPolicy(html.source.toString());
}

function withPolicy(page: string): string {
  if (page.split(PLACE_OF_POLICY).length !== 2) throw new Error(`the page lacks its ${PLACE_OF_POLICY}`);
  return page.replace(PLACE_OF_POLICY, contentSecurityPolicy(page));
}

/** Puts the runs where the page looks for them. "<" is escaped, so no text in a log can end the script element. */
export function embedRuns(page: string, runs: readonly EmbeddedRun[]): string {
  const json = JSON.stringify(runs).replaceAll("<", "\\u003c");
  if (page.split(PLACE_OF_RUNS).length !== 2) throw new Error(`the page lacks its ${PLACE_OF_RUNS}`);
  return page.replace(PLACE_OF_RUNS, () => `<script type="application/json" id="${RUNS_ELEMENT_ID}">${json}</script>`);
}
