// A grid of test images with what the model said about them; the wrong ones bear a frame and a cross.

import { formatCount } from "@nn/command/format";
import type { Prediction } from "@nn/train/records";
import { element, radioGroup } from "../../dom.ts";
import type { RunPanel } from "../../panel.ts";
import type { Run } from "../../run.ts";
import type { Store } from "../../store.ts";
import { choosePredictions, type Predictions, predictionsOf } from "./prediction-data.ts";

/** Fills the usual question, which did it get wrong, without making the page endless on a phone. */
const SHOWN_AT_FIRST = 48;

export const predictionsPanel: RunPanel = {
  name: "predictions",
  width: "half",
  show(run, log, store) {
    const predictions = predictionsOf(log);
    return predictions && predictionsView(run, predictions, store);
  },
};

function predictionsView(run: Run, predictions: Predictions, store: Store): HTMLElement {
  const { recipe } = run;
  const id = `predictions-${recipe}`;
  const nameOf = (label: number): string => predictions.classes[label] ?? String(label);
  const tiles = new Map<Prediction, HTMLElement>();
  const tileOf = (sample: Prediction): HTMLElement => {
    const made = tiles.get(sample) ?? tile(sample, predictions, nameOf);
    tiles.set(sample, made);
    return made;
  };
  const list = element("ul", { class: "predictions", role: "list" });
  const status = element("p", { role: "status" });
  const reset = element("button", { type: "button" }, "Show all classes");
  const more = element("button", { type: "button" });
  let chosen: Prediction[] = [];
  const show = (count: number): void => {
    list.replaceChildren(...chosen.slice(0, count).map(tileOf));
    more.hidden = chosen.length <= count;
    more.textContent = `Show all ${chosen.length}`;
  };
  more.addEventListener("click", () => {
    const next = list.children.length;
    show(chosen.length);
    // The button is gone now; what it brought is where a keyboard goes on.
    const first = list.children[next] as HTMLElement | undefined;
    first?.setAttribute("tabindex", "-1");
    first?.focus();
  });
  const filter = radioGroup<"all" | "wrong">(
    `filter-${recipe}`,
    "Show",
    [
      ["all", "all"],
      ["wrong", "wrong only"],
    ],
    (value) => {
      const others = store.state.wrong.filter((name) => name !== recipe);
      store.update({ wrong: value === "wrong" ? [...others, recipe] : others });
    },
  );
  reset.addEventListener("click", () => {
    const { [recipe]: _, ...others } = store.state.cell;
    store.update({ cell: others });
    document.querySelector<HTMLElement>(`#${CSS.escape(id)}`)?.focus();
  });
  store.watch(
    (state) => ({ cell: state.cell[recipe], wrong: state.wrong.includes(recipe) }),
    ({ cell, wrong }) => {
      chosen = choosePredictions(predictions.samples, cell, wrong);
      show(SHOWN_AT_FIRST);
      filter.set(wrong ? "wrong" : "all");
      reset.hidden = cell === undefined;
      const whole = cell && predictions.countOf(...cell);
      const about = cell === undefined ? "" : ` with true class ${nameOf(cell[0])} predicted as ${nameOf(cell[1])}`;
      const among = whole === undefined ? "" : `; in the whole test set ${formatCount(whole)}`;
      status.textContent = `${chosen.length} of ${predictions.samples.length} kept samples${about}${among}.`;
    },
  );
  return element(
    "section",
    {},
    element("h3", { id, tabindex: -1 }, "Predictions"),
    element(
      "p",
      { class: "caption" },
      "A part of the test samples; wrong predictions are kept more often than their share. ",
      "✗ 4 → 9 means: a 4 that the model took for a 9. The percentage is the model's confidence.",
    ),
    element("div", { class: "controls" }, filter.root, reset, status),
    list,
    more,
  );
}

function tile(sample: Prediction, { width, height }: Predictions, nameOf: (label: number) => string): HTMLElement {
  const { label, predicted, probability } = sample;
  const wrong = label !== predicted;
  const confidence = `${Math.round(100 * probability)} %`;
  const canvas = element("canvas", { width, height, "aria-hidden": "true" });
  paint(canvas, sample.pixels);
  const text = wrong ? `✗ ${nameOf(label)} → ${nameOf(predicted)}` : nameOf(label);
  const spoken = wrong
    ? `wrong: ${nameOf(label)} predicted as ${nameOf(predicted)}, confidence ${confidence}`
    : `right: ${nameOf(label)}, confidence ${confidence}`;
  return element(
    "li",
    { class: wrong ? "wrong" : "right" },
    canvas,
    element("span", { class: "visually-hidden" }, spoken),
    element("span", { class: "answer", "aria-hidden": "true" }, text),
    element("span", { class: "confidence", "aria-hidden": "true" }, confidence),
  );
}

/** Ink on paper in both themes: brightness 255 is black, as on the scanned form. */
function paint(canvas: HTMLCanvasElement, pixels: ArrayLike<number>): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const image = context.createImageData(canvas.width, canvas.height);
  image.data.fill(255);
  for (let i = 0; i < pixels.length; i++) image.data.fill(255 - (pixels[i] ?? 0), 4 * i, 4 * i + 3);
  context.putImageData(image, 0, 0);
}
