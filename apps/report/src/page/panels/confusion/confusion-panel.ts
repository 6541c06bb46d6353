// The confusion matrix: which class was taken for which. Choosing a cell filters the grid of predictions below it.

import { formatCount, formatShare } from "@nn/command/format";
import { element, lazyDetails } from "../../dom.ts";
import type { RunPanel } from "../../panel.ts";
import type { Run } from "../../run.ts";
import type { Store } from "../../store.ts";
import { type Confusion, classFigures, confusionOf } from "./confusion-data.ts";

/** Strongest shade of a cell; below 1 so that the figures on it stay readable. */
const STRONGEST = 0.5;

export const confusionPanel: RunPanel = {
  name: "confusion",
  width: "half",
  show(run, log, store) {
    const confusion = confusionOf(log);
    return confusion && confusionView(run, confusion, store);
  },
};

function confusionView(run: Run, confusion: Confusion, store: Store): HTMLElement {
  const { recipe } = run;
  const { classes, counts } = confusion;
  const buttons = counts.map((row, label) =>
    row.map((count, predicted) => cellButton(confusion, label, predicted, count, () => toggle(label, predicted))),
  );
  const toggle = (label: number, predicted: number): void => {
    const { [recipe]: chosen, ...others } = store.state.cell;
    const again = chosen?.[0] === label && chosen[1] === predicted;
    store.update({ cell: again ? others : { ...others, [recipe]: [label, predicted] } });
  };
  store.watch(
    (state) => state.cell[recipe] ?? null,
    (chosen) => {
      for (const [label, row] of buttons.entries())
        for (const [predicted, button] of row.entries())
          button.setAttribute("aria-pressed", String(chosen?.[0] === label && chosen[1] === predicted));
    },
  );
  const table = element(
    "table",
    { class: "confusion" },
    element(
      "caption",
      {},
      `Rows: true class. Columns: predicted class. ${formatCount(confusion.total)} test samples. `,
      "Choose a cell to see its samples; arrow keys move between cells.",
    ),
    element(
      "thead",
      {},
      element("tr", {}, element("td", {}), ...classes.map((name) => element("th", { scope: "col" }, name))),
    ),
    element(
      "tbody",
      {},
      ...buttons.map((row, label) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, classes[label]),
          ...row.map((button) => element("td", {}, button)),
        ),
      ),
    ),
  );
  moveByArrowKeys(buttons);
  return element(
    "section",
    {},
    element("h3", {}, "Confusion matrix"),
    table,
    lazyDetails("Precision and recall by class", () => classTable(confusion)),
  );
}

function cellButton(
  { classes, counts }: Confusion,
  label: number,
  predicted: number,
  count: number,
  onChoose: () => void,
): HTMLButtonElement {
  const right = label === predicted;
  const most = Math.max(1, ...counts.flatMap((row, r) => row.filter((_, c) => (r === c) === right)));
  const shade = STRONGEST * Math.sqrt(count / most);
  const button = element(
    "button",
    {
      type: "button",
      class: right ? "right" : "wrong",
      style: `--shade: ${(100 * shade).toFixed(1)}%`,
      "aria-label": `${classes[label]} predicted as ${classes[predicted]}: ${count}`,
      tabindex: label === 0 && predicted === 0 ? 0 : -1,
    },
    count === 0 ? "·" : String(count),
  );
  button.addEventListener("click", onChoose);
  return button;
}

/** One tab stop for the whole matrix; the arrow keys, Home and End move within it. */
function moveByArrowKeys(buttons: readonly (readonly HTMLButtonElement[])[]): void {
  for (const [row, line] of buttons.entries())
    for (const [column, button] of line.entries())
      button.addEventListener("keydown", (event) => {
        const target = targetOf(event, row, column, line.length);
        const next = target && buttons[target[0]]?.[target[1]];
        if (next === undefined) return;
        event.preventDefault();
        for (const other of buttons.flat()) other.tabIndex = other === next ? 0 : -1;
        next.focus();
      });
}

function targetOf(event: KeyboardEvent, row: number, column: number, columns: number): [number, number] | undefined {
  const targets: Readonly<Record<string, [number, number]>> = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [event.ctrlKey ? 0 : row, 0],
    End: [event.ctrlKey ? columns - 1 : row, columns - 1],
  };
  return targets[event.key];
}

function classTable(confusion: Confusion): HTMLElement {
  const headings = ["Class", "Samples", "Recall", "Precision"];
  const share = (value: number): string => (Number.isNaN(value) ? "–" : formatShare(value));
  return element(
    "table",
    {},
    element(
      "caption",
      {},
      "Recall: share of the class that was found. Precision: share of its predictions that were right.",
    ),
    element("thead", {}, element("tr", {}, ...headings.map((text) => element("th", { scope: "col" }, text)))),
    element(
      "tbody",
      {},
      ...classFigures(confusion).map((figures) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, figures.name),
          element("td", {}, formatCount(figures.count)),
          element("td", {}, share(figures.recall)),
          element("td", {}, share(figures.precision)),
        ),
      ),
    ),
  );
}
