// A run's colour and symbol: it looks the same in every list and chart, and no run is told by its colour alone.
import { element } from "./dom.ts";
import type { Run } from "./run.ts";

export type SymbolName = "circle" | "square" | "triangle" | "diamond" | "star" | "cross";

const SYMBOLS: readonly (readonly [name: SymbolName, character: string])[] = [
  ["circle", "●"],
  ["square", "■"],
  ["triangle", "▲"],
  ["diamond", "◆"],
  ["star", "★"],
  ["cross", "✚"],
];
const COLOURS = 6;

/** A CSS colour, defined for both themes in style.css. */
export function runColour(run: Run): string {
  return `var(--run-${run.index % COLOURS})`;
}

export function runSymbol(run: Run): SymbolName {
  return SYMBOLS[run.index % SYMBOLS.length]?.[0] ?? "circle";
}

export function runMark(run: Run): HTMLElement {
  const character = SYMBOLS[run.index % SYMBOLS.length]?.[1] ?? "●";
  return element("span", { class: "mark", style: `color: ${runColour(run)}`, "aria-hidden": "true" }, character);
}

/** The id of the run's part of the page. */
export function runId(run: Run): string {
  return `run-${run.recipe}`;
}
