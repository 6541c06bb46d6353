/** One step of training as one compiled program: forward, loss, backward and update, with the variables inside. */

import { type Applied, type Model, randomKey, splitVariables, type Tensors, type Variables } from "@nn/model";
import {
  add,
  compileStep,
  type FloatDType,
  fromArray,
  gradients,
  multiply,
  type Shape,
  subtract,
  type Tensor,
} from "@nn/tensor";
import { checkMembers } from "@nn/tensor/arguments";
import { observeAll, valuesOf } from "../metrics/metric-sums.ts";
import { mapRecord, type ScalarTensors, type TensorRecord, type TransformState } from "../optimizers/transform.ts";
import type { Moment } from "../schedules/schedule.ts";
import type { TrainingBatch } from "./data.ts";
import type { FitPlan } from "./fit-options.ts";
import type { BatchResult } from "./score-sums.ts";

/** The result of one step. */
interface StepResult extends BatchResult {
  /** The number that the step minimises: the loss with the regulariser's penalty. `loss` is without it; both are before the update. */
  readonly objective: number;
}

/** The tensors that a step passes to the next one. */
export type StepState = {
  readonly parameters: TensorRecord;
  /** Parameters that keep their values. */
  readonly frozen: TensorRecord;
  readonly buffers: TensorRecord;
  readonly optimizer: TransformState;
  /** The moving average of all variables; empty where there is none. */
  readonly average: TensorRecord;
};

export interface TrainingStep {
  /** Runs the step that follows `moment`. */
  run(batch: TrainingBatch, moment: Moment): StepResult;
  /** A copy of the state as it is now. */
  state(): StepState;
  /** Replaces the state. */
  write(state: StepState): void;
  /** Gives the memory of its programs back; the state stays. */
  release(): void;
}

type Batch = { readonly inputs: Tensors; readonly targets: Tensor; readonly weights?: Tensor };
type Scalar = Tensor<readonly [], "int32">;
type FloatTensor = Tensor<Shape, FloatDType>;

/** The step of `plan` over its initial variables. Each batch size is compiled once. */
export function compileTrainingStep(model: Model, plan: FitPlan): TrainingStep {
  const { loss, optimizer, regularizer, metrics, averageDecay, target, compiling } = plan;
  const initial = initialState(model, plan);
  const [dtype = "float32"] = Object.values(plan.initialVariables).map((variable) => variable.dtype);
  const step = compileStep(
    (state: StepState, batch: Batch, seed: Scalar, index: Scalar, scalars: ScalarTensors) => {
      const before: Variables = { ...state.parameters, ...state.frozen, ...state.buffers };
      const context = { training: true, key: randomKey(seed, index) } as const;
      const { output, buffers: changed } = model.apply(before, batch.inputs as never, context) as Applied;
      const { targets } = batch;
      const weights = batch.weights as Tensor<readonly [number], FloatDType> | undefined;
      const value = loss.apply(output, targets, weights);
      const all = { ...state.parameters, ...state.frozen };
      const objective = regularizer === undefined ? value : add(value, regularizer.penalty(all));
      const dParameters = gradients(objective as Tensor, state.parameters);
      const next = optimizer.update(dParameters, state.optimizer, state.parameters, scalars);
      checkMembers("fit", `what optimizer ${optimizer.kind} gave`, next, ["updates", "state"], "{ updates, state }");
      const kept = next.parameters ?? state.parameters;
      const parameters = mapRecord(state.parameters, (name) => subtract(kept[name]!, next.updates[name]!) as never);
      const buffers = { ...state.buffers, ...changed };
      const after: Variables = { ...parameters, ...state.frozen, ...buffers };
      const average = mapRecord(state.average, (name) => moved(state.average[name]!, after[name]!, averageDecay!));
      const seen = observeAll(metrics, { outputs: output, targets, model, target });
      return {
        state: { parameters, frozen: state.frozen, buffers, optimizer: next.state, average } as StepState,
        outputs: { loss: value as Tensor, objective: objective as Tensor, seen },
      };
    },
    initial,
    compiling,
  );
  const seed = scalar(plan.seed);
  return {
    run({ inputs, targets, weights, size }, moment) {
      const scalars = Object.fromEntries(
        Object.entries(optimizer.scalars?.(moment) ?? {}).map(([name, value]) => [name, floatScalar(value, dtype)]),
      );
      const batch = { inputs, targets, ...(weights && { weights }) } as Batch;
      const { loss, objective, seen } = step.run(batch, seed, scalar(moment.step), scalars);
      return {
        loss: loss.item(),
        objective: objective.item(),
        seen: valuesOf(seen),
        rows: { size, weights: weights?.data },
      };
    },
    state: () => step.state(),
    write: (state) => step.write(state),
    release: () => step.release(),
  };
}

function initialState(model: Model, { initialVariables, frozen, optimizer, averageDecay }: FitPlan): StepState {
  const { parameters: all, buffers } = splitVariables(model, initialVariables);
  const isFrozen = new Set(frozen);
  const pick = (want: boolean): TensorRecord =>
    Object.fromEntries(Object.entries(all).filter(([name]) => isFrozen.has(name) === want));
  const parameters = pick(false);
  return {
    parameters,
    frozen: pick(true),
    buffers,
    optimizer: optimizer.initialize(parameters),
    average: averageDecay === undefined ? {} : initialVariables,
  };
}

/** decay · average + (1 − decay) · now. */
function moved(average: FloatTensor, now: FloatTensor, decay: number): FloatTensor {
  return add(multiply(average, decay), multiply(now, 1 - decay)) as FloatTensor;
}

/** The variables of a state, in the order of the model's declarations. */
export function variablesOf(model: Model, { parameters, frozen, buffers }: StepState): Variables {
  const all: Variables = { ...parameters, ...frozen, ...buffers };
  return Object.fromEntries(Object.keys(model.variables()).map((name) => [name, all[name]!]));
}

/** `state` with the values of `variables`. */
export function withVariables(state: StepState, variables: Variables): StepState {
  const pick = (record: TensorRecord): TensorRecord => mapRecord(record, (name) => variables[name]!);
  return { ...state, parameters: pick(state.parameters), frozen: pick(state.frozen), buffers: pick(state.buffers) };
}

/** `value` modulo 2³². */
function scalar(value: number): Scalar {
  return fromArray(Int32Array.of(value), []);
}

/** `value` rounded once to `dtype`. */
function floatScalar(value: number, dtype: FloatDType): Tensor<readonly [], FloatDType> {
  return fromArray(dtype === "float32" ? Float32Array.of(value) : Float64Array.of(value), []);
}
