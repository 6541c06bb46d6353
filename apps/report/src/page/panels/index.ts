// The panels, in the order in which the page shows them. A new one is a folder here and a line in one of the lists.
import type { PagePanel, RunPanel } from "../panel.ts";
import { boundaryPanel } from "./boundary/boundary-panel.ts";
import { confusionPanel } from "./confusion/confusion-panel.ts";
import { curvesPanel } from "./curves/curves-panel.ts";
import { predictionsPanel } from "./predictions/predictions-panel.ts";
import { runsPanel } from "./runs/runs-panel.ts";

export const pagePanels: readonly PagePanel[] = [runsPanel, curvesPanel];
export const runPanels: readonly RunPanel[] = [boundaryPanel, confusionPanel, predictionsPanel];
