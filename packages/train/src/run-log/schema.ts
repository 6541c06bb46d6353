// The run log's one schema, version 1. Writer and reader both take it from here. As Arrow's fields it is in
// arrow-schema.ts.
//
// One row is one named record of a run:
//
//   step       Int32                    optimiser steps done when recorded
//   epoch      Int32                    epochs done, 0 before the first ends
//   elapsedMs  Float64                  wall time since the run began, ms
//   split      Utf8                     "train" · "validation" · "test"
//   name       Utf8                     "loss", "accuracy", "boundary", "confusion", … (records.ts)
//   value      Float64, nullable        the scalar; null when the record is an array
//   shape      List<Int32>, nullable    shape of `data`; null when the record is a scalar
//   data       List<Float32>, nullable  row-major values
//
// `split` and `name` are plain Utf8, not dictionaries: a stream that grows batch by batch would need delta
// dictionaries, which readers support unevenly, and the text costs little once compressed.
//
// Schema metadata (string → string): "nn.runLog" = version, "recipe", "status"; JSON: "config", "environment",
// "datasets"; once the run has ended "weightsSha256" and "summary" (JSON), or "error" (its message), or
// "interruption" (what came).

/** Version of the schema above, the value of the metadata key `nn.runLog`. */
export const RUN_LOG_VERSION = "1";

export type Split = "train" | "validation" | "test";
export const SPLITS: readonly string[] = ["train", "validation", "test"] satisfies readonly Split[];

/**
 * How a run ended: `finished`, `failed` by an error of its own, or `interrupted` from outside, as by Ctrl-C. `running` also
 * describes a run that was killed: the end was never written.
 */
export type RunStatus = "running" | "finished" | "failed" | "interrupted";
export const STATUSES: readonly string[] = [
  "running",
  "finished",
  "failed",
  "interrupted",
] satisfies readonly RunStatus[];

/** What is known before the first step. `config`, `environment` and `datasets` must survive JSON. */
export interface RunLogHeader {
  readonly recipe: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, unknown>>;
  readonly datasets: readonly { readonly name: string; readonly fingerprint: string }[];
}

/** When and about what a record was made. `step` and `epoch` count what is done, from 0. */
export interface RunMoment {
  readonly step: number;
  readonly epoch: number;
  /** Wall time since the run began, ms. */
  readonly elapsedMs: number;
  readonly split: Split;
  readonly name: string;
}

/** One number. NaN and ±∞ are kept: a diverging loss is worth seeing. */
export interface ScalarRecord extends RunMoment {
  readonly value: number;
}

/** One array, row-major; `data.length` is the product of `shape`. */
export interface ArrayRecord extends RunMoment {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type RunLogRecord = ScalarRecord | ArrayRecord;
