// The decision boundary over the run: what the network answers at every place, with the points it learned from.

import { formatCount } from "@nn/command/format";
import { accessiblePlot } from "../../accessible-plot.ts";
import { element } from "../../dom.ts";
import { formatNumber } from "../../format.ts";
import type { RunPanel } from "../../panel.ts";
import type { Run } from "../../run.ts";
import type { Store } from "../../store.ts";
import { type Boundary, boundaryOf, frameIndex } from "./boundary-data.ts";
import { drawBoundary } from "./boundary-plot.ts";
import { createPlayer } from "./player.ts";

const MAX_WIDTH = 560;

export const boundaryPanel: RunPanel = {
  name: "boundary",
  width: "whole",
  show(run, log, store) {
    const boundary = boundaryOf(log);
    return boundary && boundaryView(run, boundary, store);
  },
};

function boundaryView(run: Run, boundary: Boundary, store: Store): HTMLElement {
  const { recipe } = run;
  const { frames } = boundary;
  const last = frames.length - 1;
  const id = `boundary-${recipe}`;
  const chart = element("div", { class: "chart boundary" });
  const slider = element("input", { id, type: "range", min: 0, max: last, step: 1, disabled: last < 1 });
  const output = element("output", { for: id });
  const chosen = (): number => frameIndex(frames, store.state.step[recipe]);
  const choose = (index: number): void => {
    const frame = frames[index];
    if (frame !== undefined) store.update({ step: { ...store.state.step, [recipe]: frame.step } });
  };
  const player = createPlayer({
    subject: `the iterations of ${recipe}`,
    begin: () => chosen() === last && choose(0),
    advance: () => {
      choose(chosen() + 1);
      return chosen() < last;
    },
    onChange: (playing) => output.setAttribute("aria-live", playing ? "off" : "polite"),
  });
  slider.addEventListener("input", () => {
    player.stop();
    choose(slider.valueAsNumber);
  });

  let width = 0;
  const show = (): void => {
    const text = describeFrame(run, boundary, chosen());
    slider.valueAsNumber = chosen();
    slider.setAttribute("aria-valuetext", text);
    output.value = text;
    if (width > 0)
      chart.replaceChildren(
        accessiblePlot(drawBoundary(boundary, chosen(), { width, name: `${recipe}, iteration ${text}` })),
      );
  };
  store.watch((state) => state.step[recipe] ?? null, show);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
  new ResizeObserver(([entry]) => {
    const next = Math.min(MAX_WIDTH, Math.floor(entry?.contentRect.width ?? 0));
    if (next === width) return;
    width = next;
    show();
  }).observe(chart);

  return element(
    "section",
    {},
    element("h3", {}, "Decision boundary"),
    element(
      "div",
      { class: "slider" },
      element("label", { for: id }, "Iteration"),
      slider,
      last > 0 ? player.button : undefined,
      output,
    ),
    element("figure", {}, chart, element("figcaption", {}, captionOf(boundary))),
  );
}

function captionOf({ points, classes }: Boundary): string {
  const [zero, one] = classes.map((name) => `class ${name}`);
  const [zeros, ones] = [0, 1].map((label) => points.filter((point) => point.label === label).length);
  const marks = points.length === 0 ? "" : ` ● ${zeros} points of ${zero}, ▲ ${ones} points of ${one}.`;
  return `Shade: the network's answer, from ${zero} (blue) to ${one} (orange). Line: where it is undecided.${marks}`;
}

function describeFrame(run: Run, { frames }: Boundary, index: number): string {
  const step = frames[index]?.step ?? 0;
  const loss = run.log?.records.findLast(
    (record) => "value" in record && record.name === "loss" && record.split === "train" && record.step <= step,
  );
  const iteration = `${formatCount(step)} of ${formatCount(frames.at(-1)?.step ?? 0)}`;
  return loss !== undefined && "value" in loss ? `${iteration} · loss ${formatNumber(loss.value)}` : iteration;
}
