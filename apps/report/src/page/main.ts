// The page: reads the runs embedded in it and puts the views together.
import { element } from "./dom.ts";
import { readEmbeddedRuns } from "./embedded-runs.ts";
import { formatEnvironment } from "./format.ts";
import { pagePanels } from "./panels/index.ts";
import type { Run } from "./run.ts";
import { runArticle } from "./run-article.ts";
import { createStore } from "./store.ts";
import "./style.css";

const runs = await readEmbeddedRuns(document);
const store = createStore(runs.map((run) => run.recipe));
document
  .getElementById("page")
  ?.replaceWith(
    element("header", {}, element("h1", {}, "Training report"), element("p", {}, describeRuns(runs))),
    element(
      "main",
      {},
      ...pagePanels.map((panel) => panel.show(runs, store)),
      ...runs.filter((run) => run.log).map((run) => runArticle(run, store)),
    ),
    element(
      "footer",
      {},
      element(
        "p",
        {},
        "This page is one file and loads nothing: keep it, mail it, open it anywhere. The address keeps what you have chosen, so a link shows the same view.",
      ),
    ),
  );

function describeRuns(all: readonly Run[]): string {
  const finished = all.filter((run) => run.status === "finished").length;
  const count = `${all.length} ${all.length === 1 ? "run" : "runs"}, ${finished} finished`;
  const environments = new Set(all.flatMap((run) => (run.log ? [formatEnvironment(run.log.header.environment)] : [])));
  return [count, ...(environments.size === 1 ? environments : [])].join(" · ");
}
