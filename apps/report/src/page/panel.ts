// The contract of a panel: one thing that the report shows, read from run logs through `@nn/train/records`.
import type { RunLog } from "@nn/train/run-log";
import type { Run } from "./run.ts";
import type { Store } from "./store.ts";

/** A part of the page about all runs. */
export interface PagePanel {
  readonly name: string;
  show(runs: readonly Run[], store: Store): HTMLElement;
}

/** A part of each run's article. */
export interface RunPanel {
  readonly name: string;
  /** `"half"`: beside others of half the width, where the window is wide. */
  readonly width: "whole" | "half";
  /** Undefined where the log lacks what the panel reads. */
  show(run: Run, log: RunLog, store: Store): HTMLElement | undefined;
}
