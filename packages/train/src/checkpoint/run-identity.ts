/** What makes a run the run that it is: a checkpoint belongs to a run where all of it is the same. */

import { configOf, formatTarget, type Json, type Model, weightsSha256 } from "@nn/model";
import type { TrainingData } from "../fit/data.ts";
import type { FitPlan } from "../fit/fit-options.ts";
import type { Optimizer, Scalars } from "../optimizers/transform.ts";
import { momentAt } from "../schedules/schedule.ts";

/** JSON by field. More epochs, another number of threads and another strict backend are the same run. */
export type RunIdentity = { readonly [field: string]: Json };

export function identityOf(model: Model, data: TrainingData, plan: FitPlan): RunIdentity {
  const { loss, optimizer, metrics, regularizer, control, validation, initialVariables } = plan;
  const [dtype = "float32"] = Object.values(initialVariables).map((variable) => variable.dtype);
  return {
    model: configOf(model),
    loss: { ...configOf(loss), reduction: loss.reduction },
    optimizer: configOf(optimizer),
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, configOf(metric)])),
    regularizer: regularizer?.call ?? null,
    control: control.map(configOf),
    data: describe(data),
    validation: validation === undefined ? null : describe(validation),
    batchSize: plan.batchSize,
    stepsPerEpoch: plan.stepsPerEpoch,
    shuffle: plan.shuffle,
    seed: plan.seed,
    dtype,
    initialVariables: plan.drawsVariables ? null : weightsSha256(initialVariables),
    frozen: plan.frozen,
    average: plan.averageDecay === undefined ? null : { decay: plan.averageDecay },
    mode: plan.compiling.backend?.mode ?? "strict",
  };
}

function describe({ size, target, fingerprint }: TrainingData): Json {
  return { size, target: formatTarget(target), fingerprint: fingerprint ?? null };
}

/** The optimiser's scalars at some of the steps that are done, by the number of the step from 0. */
export type PastScalars = { readonly [step: string]: Scalars };

const MOST_SAMPLES = 8;

/**
 * Scalars of at most 8 of the first `steps` steps, the first two and the last among them: they tell schedules that have no
 * configuration, such as plain functions, from one another.
 */
export function sampleScalars(
  optimizer: Optimizer,
  plan: Pick<FitPlan, "epochs" | "stepsPerEpoch">,
  steps: number,
): PastScalars {
  const samples = Array.from({ length: MOST_SAMPLES - 1 }, (_, i) =>
    Math.floor(((steps - 1) * i) / (MOST_SAMPLES - 2)),
  );
  const chosen = [...new Set([...samples, 1])].filter((step) => step >= 0 && step < steps);
  return Object.fromEntries(chosen.map((step) => [step, scalarsAt(optimizer, plan, step)]));
}

/** The scalars of one step of a run without controllers. */
function scalarsAt(optimizer: Optimizer, plan: Pick<FitPlan, "epochs" | "stepsPerEpoch">, step: number): Scalars {
  return optimizer.scalars?.(momentAt(step, plan)) ?? {};
}

/** Two values of one field that differ. */
export interface Difference {
  /** `"optimizer.config.momentum"`. */
  readonly path: string;
  readonly found: unknown;
  readonly wanted: unknown;
}

/** The first field of `found`, from a file, that differs from `wanted`. */
export function firstDifference(found: unknown, wanted: unknown, path: string = ""): Difference | undefined {
  const isLeaf = [found, wanted].some((value) => typeof value !== "object" || value === null);
  if (isLeaf || Array.isArray(found) !== Array.isArray(wanted)) {
    return Object.is(found, wanted) ? undefined : { path, found, wanted };
  }
  const [was, is] = [found, wanted] as { readonly [name: string]: unknown }[];
  for (const name of new Set([...Object.keys(is!), ...Object.keys(was!)])) {
    const difference = firstDifference(was![name], is![name], path === "" ? name : `${path}.${name}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

/**
 * The first of the scalars in a file that `optimizer` does not give at the same moment of the run that wrote it. Values that
 * differ by a rounding are the same: functions of the user may use the platform's `Math`.
 */
export function firstOtherScalar(
  found: PastScalars,
  optimizer: Optimizer,
  written: Pick<FitPlan, "epochs" | "stepsPerEpoch">,
): Difference | undefined {
  for (const [step, scalars] of Object.entries(found)) {
    const now = scalarsAt(optimizer, written, Number(step));
    for (const [name, value] of Object.entries(scalars)) {
      const wanted = now[name] ?? Number.NaN;
      if (Math.abs(value - wanted) <= 1e-9 * Math.max(Math.abs(value), Math.abs(wanted))) continue;
      return { path: `${name} at step ${Number(step) + 1}`, found: value, wanted };
    }
  }
  return undefined;
}
