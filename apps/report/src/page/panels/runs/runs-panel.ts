// The table of runs: final figures, and the configuration of each run.

import { formatCount, formatDuration, formatShare } from "@nn/command/format";
import { element, lazyDetails } from "../../dom.ts";
import { formatNumber, formatValue, shortHash } from "../../format.ts";
import type { PagePanel } from "../../panel.ts";
import type { Run, Status } from "../../run.ts";
import { runId, runMark } from "../../run-mark.ts";
import { configurationTable } from "./configuration-table.ts";

const STATUS_WORDS: Readonly<Record<Status, string>> = {
  finished: "✓ finished",
  failed: "✗ failed",
  interrupted: "■ interrupted",
  unfinished: "… not finished",
  missing: "∅ no run log",
  unreadable: "✗ unreadable",
};

type Column = readonly [heading: string, cell: (run: Run) => string | undefined];

const FIGURES: readonly Column[] = [
  ["Data", ({ facts }) => facts.datasets || undefined],
  ["Status", ({ status }) => STATUS_WORDS[status]],
  ["Steps", ({ facts }) => whenKnown(facts.steps, formatCount)],
  ["Epochs", ({ facts }) => whenKnown(facts.epochs, formatCount)],
  ["Final loss", ({ facts }) => whenKnown(facts.finalLoss, formatNumber)],
  ["Train accuracy", ({ facts }) => whenKnown(facts.trainAccuracy, formatShare)],
  ["Test accuracy", ({ facts }) => whenKnown(facts.testAccuracy, formatShare)],
  ["Samples/s", ({ facts }) => whenKnown(facts.samplesPerSecond, formatCount)],
  ["Time", ({ facts }) => whenKnown(facts.durationMs, formatDuration)],
];
const TEXT_COLUMNS = ["Data", "Status"];

export const runsPanel: PagePanel = { name: "runs", show: runList };

function runList(runs: readonly Run[]): HTMLElement {
  const headings = ["Run", ...FIGURES.map(([heading]) => heading), "Weights SHA-256"];
  const head = headings.map((heading) =>
    element("th", { scope: "col", role: "columnheader", class: kindOf(heading) }, heading),
  );
  // On a narrow screen the rows become cards; the roles keep them a table for screen readers.
  const table = element(
    "table",
    { class: "runs", role: "table", "aria-labelledby": "runs-heading" },
    element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...head)),
    ...runs.map((run) => element("tbody", { role: "rowgroup" }, figuresRow(run), detailsRow(run, headings.length))),
  );
  return element(
    "section",
    { "aria-labelledby": "runs-heading" },
    element("h2", { id: "runs-heading" }, "Runs"),
    table,
    lazyDetails("Compare configurations", () => configurationTable(runs)),
  );
}

function figuresRow(run: Run): HTMLElement {
  const hash = run.facts.weightsSha256;
  const cells = [
    ...FIGURES.map(([heading, cell]) => dataCell(heading, kindOf(heading, run), cell(run))),
    dataCell("Weights SHA-256", "", hash && element("code", { title: hash }, `${shortHash(hash)}…`)),
  ];
  return element(
    "tr",
    { role: "row" },
    element("th", { scope: "row", role: "rowheader" }, runMark(run), " ", run.log ? linkTo(run) : run.recipe),
    ...cells,
  );
}

/** The part behind "#" belongs to the chosen view, so the jump is made by hand. */
function linkTo(run: Run): HTMLElement {
  const link = element("a", { href: `#${runId(run)}` }, run.recipe);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const heading = document.getElementById(runId(run));
    heading?.scrollIntoView();
    heading?.focus({ preventScroll: true });
  });
  return link;
}

/** What is not known shows as a dash in a table and not at all on a card. */
function dataCell(heading: string, kind: string, content: Node | string | undefined): HTMLElement {
  const classes = content === undefined ? `${kind} unknown` : kind;
  return element("td", { role: "cell", "data-label": heading, class: classes }, content ?? "–");
}

function kindOf(heading: string, run?: Run): string {
  if (heading === "Status" && run !== undefined) return `status ${run.status}`;
  return heading === "Run" || heading === "Weights SHA-256" || TEXT_COLUMNS.includes(heading) ? "" : "number";
}

function detailsRow(run: Run, columns: number): HTMLElement {
  const entries = detailEntries(run);
  const content =
    entries.length === 0
      ? element("p", {}, run.problem ?? "")
      : element(
          "details",
          {},
          element("summary", {}, "Configuration", element("span", { class: "visually-hidden" }, ` of ${run.recipe}`)),
          definitionList(entries),
        );
  return element("tr", { role: "row", class: "more" }, element("td", { role: "cell", colspan: columns }, content));
}

function detailEntries(run: Run): [string, string][] {
  if (run.log === undefined) return [];
  const { config, environment, datasets } = run.log.header;
  return [
    ...Object.entries(config).map(([key, value]): [string, string] => [key, formatValue(value)]),
    ...datasets.map(({ name, fingerprint }): [string, string] => [`data set ${name}`, fingerprint]),
    ...Object.entries(environment).map(([key, value]): [string, string] => [`environment ${key}`, formatValue(value)]),
    ...(run.facts.weightsSha256 ? [["weights SHA-256", run.facts.weightsSha256] as [string, string]] : []),
  ];
}

function definitionList(entries: readonly (readonly [string, string])[]): HTMLElement {
  return element(
    "dl",
    {},
    ...entries.map(([key, value]) => element("div", {}, element("dt", {}, key), element("dd", {}, value))),
  );
}

function whenKnown(value: number | undefined, format: (value: number) => string): string | undefined {
  return value === undefined ? undefined : format(value);
}
