// The configurations of all runs side by side: what was done differently, in one look.
import { recordKinds } from "@nn/train/records";
import { element } from "../../dom.ts";
import { formatValue } from "../../format.ts";
import type { Run } from "../../run.ts";
import { runMark } from "../../run-mark.ts";

export interface ConfigurationRow {
  readonly key: string;
  /** One text per run, undefined where its configuration lacks the key. */
  readonly values: readonly (string | undefined)[];
}

/** Prose, and what only the drawing needs. */
const LEFT_OUT = ["notes", ...recordKinds.map(({ name }) => name)];

/** Keys that most runs have come first, otherwise in the order of the first run that has them. */
export function configurationRows(configs: readonly Readonly<Record<string, unknown>>[]): ConfigurationRow[] {
  const keys = [...new Set(configs.flatMap((config) => Object.keys(config)))].filter((key) => !LEFT_OUT.includes(key));
  const rows = keys.map((key) => ({
    key,
    values: configs.map((config) => (key in config ? formatValue(config[key]) : undefined)),
  }));
  const known = (row: ConfigurationRow): number => row.values.filter((value) => value !== undefined).length;
  return rows.toSorted((a, b) => known(b) - known(a));
}

export function configurationTable(runs: readonly Run[]): HTMLElement {
  const logged = runs.flatMap((run) => (run.log ? [{ run, config: run.log.header.config }] : []));
  const rows = configurationRows(logged.map(({ config }) => config));
  const table = element(
    "table",
    { class: "configurations" },
    element("caption", {}, "Configuration of every run; – where a run has no such setting"),
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        element("th", { scope: "col" }, "Setting"),
        ...logged.map(({ run }) => element("th", { scope: "col" }, runMark(run), ` ${run.recipe}`)),
      ),
    ),
    element(
      "tbody",
      {},
      ...rows.map(({ key, values }) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, key),
          ...values.map((value) => element("td", {}, value ?? "–")),
        ),
      ),
    ),
  );
  return element("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table: configurations" }, table);
}
