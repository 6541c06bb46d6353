/**
 * Makes a drawing by Plot one picture for assistive technology: its name and description stand, the labels that Plot
 * gives to its parts ("line", "x-axis tick label") move to `data-part`, where they would be read to nobody.
 */
export function accessiblePlot(plot: Element): Element {
  plot.setAttribute("role", "img");
  for (const part of plot.querySelectorAll("[aria-label]")) {
    part.setAttribute("data-part", part.getAttribute("aria-label") ?? "");
    part.removeAttribute("aria-label");
  }
  return plot;
}
