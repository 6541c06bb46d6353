// What build.ts puts into the page and the page reads back: the contract between the two halves of this app.

/** One folder of runs/. */
export interface EmbeddedRun {
  /** Name of the folder. */
  readonly recipe: string;
  /** The run log: Arrow bytes, gzip, base64; null when there is none. */
  readonly log: string | null;
  /** summary.json as it stands; null when there is none, as after a killed run. */
  readonly summary: Readonly<Record<string, unknown>> | null;
  /** Why a file that is there is not embedded; absent when all were read. */
  readonly problem?: string;
}

/** Id of the script element that holds `EmbeddedRun[]` as JSON. */
export const RUNS_ELEMENT_ID = "runs";
