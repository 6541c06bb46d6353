// The learning curves and their controls.

import { element, radioGroup } from "../../dom.ts";
import type { PagePanel } from "../../panel.ts";
import type { Run } from "../../run.ts";
import { runMark } from "../../run-mark.ts";
import type { Store } from "../../store.ts";
import type { ViewState, XAxis } from "../../view-state.ts";
import { chartFigure } from "./chart.ts";
import { curvesOf, metricNames, positive } from "./curve-data.ts";

export const curvesPanel: PagePanel = { name: "curves", show: curvesView };

function curvesView(all: readonly Run[], store: Store): HTMLElement {
  const runs = all.filter((run) => run.log?.records.some((record) => "value" in record));
  const charts = element("div", { class: "chart-groups" });
  store.watch(chosenCurves, (state) => {
    const chosen = runs.filter((run) => state.runs.includes(run.recipe));
    const groups = state.layout === "together" ? [chosen] : chosen.map((run) => [run]);
    charts.replaceChildren(...groups.filter((group) => group.length > 0).map((group) => chartGroup(group, state)));
    if (chosen.length === 0) charts.replaceChildren(element("p", {}, "Choose at least one run to see its curves."));
  });
  return element(
    "section",
    { "aria-labelledby": "curves-heading" },
    element("h2", { id: "curves-heading" }, "Learning curves"),
    controls(runs, store),
    element(
      "p",
      { class: "key" },
      ...(["train", "validation", "test"] as const).map((split) => element("span", { class: `line ${split}` }, split)),
    ),
    charts,
  );
}

type ChosenCurves = Pick<ViewState, "runs" | "x" | "y" | "layout" | "smoothing">;

function chosenCurves({ runs, x, y, layout, smoothing }: ViewState): ChosenCurves {
  return { runs, x, y, layout, smoothing };
}

function controls(runs: readonly Run[], store: Store): HTMLElement {
  const x = radioGroup<XAxis>(
    "x",
    "Horizontal axis",
    [
      ["step", "steps"],
      ["epoch", "epochs"],
      ["time", "seconds"],
    ],
    (value) => store.update({ x: value }),
  );
  const y = radioGroup<ViewState["y"]>(
    "y",
    "Loss axis",
    [
      ["linear", "linear"],
      ["log", "logarithmic"],
    ],
    (value) => store.update({ y: value }),
  );
  const layout = radioGroup<ViewState["layout"]>(
    "layout",
    "Charts",
    [
      ["separate", "one per run"],
      ["together", "all runs in one"],
    ],
    (value) => store.update({ layout: value }),
  );
  store.watch(chosenCurves, (state) => {
    x.set(state.x);
    y.set(state.y);
    layout.set(state.layout);
  });
  return element(
    "form",
    { class: "controls", "aria-label": "Learning curves" },
    runBoxes(runs, store),
    layout.root,
    x.root,
    y.root,
    smoothingSlider(store),
  );
}

function runBoxes(runs: readonly Run[], store: Store): HTMLElement {
  const boxes = runs.map((run) => element("input", { type: "checkbox", name: "run", value: run.recipe }));
  for (const box of boxes)
    box.addEventListener("change", () =>
      store.update({ runs: boxes.filter((other) => other.checked).map((other) => other.value) }),
    );
  store.watch(
    (state) => state.runs,
    (chosen) => {
      for (const box of boxes) box.checked = chosen.includes(box.value);
    },
  );
  const labels = runs.map((run, i) => element("label", {}, boxes[i], " ", runMark(run), ` ${run.recipe}`));
  return element("fieldset", { class: "choices" }, element("legend", {}, "Runs"), ...labels);
}

function smoothingSlider(store: Store): HTMLElement {
  const input = element("input", { id: "smoothing", type: "range", min: 0, max: 0.99, step: 0.01 });
  const output = element("output", { for: "smoothing", "aria-live": "polite" });
  input.addEventListener("input", () => store.update({ smoothing: input.valueAsNumber }));
  store.watch(
    (state) => state.smoothing,
    (smoothing) => {
      input.value = String(smoothing);
      output.value = smoothing === 0 ? "off" : smoothing.toFixed(2);
    },
  );
  return element("div", { class: "slider" }, element("label", { for: "smoothing" }, "Smoothing"), input, output);
}

function chartGroup(group: readonly Run[], state: ChosenCurves): HTMLElement {
  const title = group.map((run) => run.recipe).join(", ");
  const metrics = metricNames(group.flatMap((run) => run.log ?? []));
  const figures = metrics.map((metric) => {
    // Accuracy lives between 0 and 1: a log axis would only hide what happens near 1.
    const scale = metric === "accuracy" ? "linear" : state.y;
    const curves = group.flatMap((run) => curvesOf(run.recipe, run.log?.records ?? [], metric, state));
    return chartFigure({
      metric,
      title,
      runs: group,
      curves: scale === "log" ? curves.map(positive) : curves,
      x: state.x,
      scale,
      smoothed: state.smoothing > 0,
    });
  });
  return element(
    "section",
    { class: "chart-group", "aria-label": `Curves of ${title}` },
    element("h3", {}, ...group.map((run) => element("span", { class: "name" }, runMark(run), ` ${run.recipe} `))),
    element("div", { class: "charts" }, ...figures),
  );
}
