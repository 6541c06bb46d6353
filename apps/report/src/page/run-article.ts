// One run's part of the page: what a reader must know about it, and what it drew.
import { element } from "./dom.ts";
import type { RunPanel } from "./panel.ts";
import { runPanels } from "./panels/index.ts";
import type { Run } from "./run.ts";
import { runId, runMark } from "./run-mark.ts";
import type { Store } from "./store.ts";

export function runArticle(run: Run, store: Store): HTMLElement {
  const notes = run.log?.header.config.notes;
  const shown = (width: RunPanel["width"]): (HTMLElement | undefined)[] =>
    runPanels.map((panel) => (run.log && panel.width === width ? panel.show(run, run.log, store) : undefined));
  return element(
    "article",
    { "aria-labelledby": runId(run) },
    element("h2", { id: runId(run), tabindex: -1 }, runMark(run), ` ${run.recipe}`),
    run.problem === undefined ? undefined : element("p", { class: "problem" }, run.problem),
    ...noteParagraphs(notes).map((text) => element("p", { class: "note" }, text)),
    ...shown("whole"),
    element("div", { class: "answers" }, ...shown("half")),
  );
}

function noteParagraphs(notes: unknown): string[] {
  if (typeof notes === "string") return [notes];
  return Array.isArray(notes) ? notes.filter((note) => typeof note === "string") : [];
}
