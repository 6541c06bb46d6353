// One run's part of the page: what a reader must know about it, and what it drew.
import { boundaryOf, confusionOf, predictionsOf } from "./array-data.ts";
import { boundaryView } from "./boundary-view.ts";
import { confusionView } from "./confusion-view.ts";
import { element } from "./dom.ts";
import { predictionsView } from "./predictions-view.ts";
import type { Run } from "./run.ts";
import { runId, runMark } from "./run-mark.ts";
import type { Store } from "./store.ts";

export function runArticle(run: Run, store: Store): HTMLElement {
  const notes = run.log?.header.config.notes;
  const boundary = run.log && boundaryOf(run.log);
  const confusion = run.log && confusionOf(run.log);
  const predictions = run.log && predictionsOf(run.log);
  return element(
    "article",
    { "aria-labelledby": runId(run) },
    element("h2", { id: runId(run), tabindex: -1 }, runMark(run), ` ${run.recipe}`),
    run.problem === undefined ? undefined : element("p", { class: "problem" }, run.problem),
    ...noteParagraphs(notes).map((text) => element("p", { class: "note" }, text)),
    boundary && boundaryView(run, boundary, store),
    element(
      "div",
      { class: "answers" },
      confusion && confusionView(run, confusion, store),
      predictions && predictionsView(run, predictions, confusion, store),
    ),
  );
}

function noteParagraphs(notes: unknown): string[] {
  if (typeof notes === "string") return [notes];
  return Array.isArray(notes) ? notes.filter((note) => typeof note === "string") : [];
}
