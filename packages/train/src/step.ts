/** One step of training as one compiled program: forward, loss, backward and update, with the parameters inside. */

import { type Parameters, predictedClasses, type Sequential } from "@nn/model";
import { add, compileStep, fromArray, gradients, type Tensor } from "@nn/tensor";
import { countCorrect } from "./count-correct.ts";
import type { Score } from "./events.ts";
import type { FitPlan } from "./fit-options.ts";
import type { OptimizerState } from "./optimizer.ts";
import type { TrainingBatch } from "./training-data.ts";

/** What one step tells. */
interface StepResult extends Score {
  /** The loss with the regulariser's penalty: what the step makes smaller. `loss` is without it; all are before the update. */
  readonly objective: number;
}

export interface TrainingStep {
  /** Runs one step; `index` counts them from 0 and, with the seed, fixes all random layers. */
  run(batch: TrainingBatch, index: number): StepResult;
  /** The parameters as they are now, copied. */
  parameters(): Parameters;
  /** Gives the memory of its programs back; the parameters stay. */
  release(): void;
}

interface State {
  readonly [name: string]: Parameters | OptimizerState;
  readonly parameters: Parameters;
  readonly optimizer: OptimizerState;
}

type Inputs = TrainingBatch["inputs"];
type Labels = TrainingBatch["labels"];
type Scalar = Tensor<readonly [], "int32">;

/** The step of `plan` over its initial parameters. Each batch size is compiled once. */
export function compileTrainingStep(model: Sequential, plan: FitPlan): TrainingStep {
  const { loss, optimizer, regularizer, initialParameters, compiling } = plan;
  const step = compileStep(
    (state: State, inputs: Inputs, labels: Labels, seed: Scalar, index: Scalar) => {
      const outputs = model.apply(state.parameters, inputs, { training: true, seed, step: index });
      const value = loss.apply(outputs, labels);
      const objective = regularizer === undefined ? value : add(value, regularizer.penalty(state.parameters));
      const dParameters = gradients(objective as Tensor, state.parameters);
      const next = optimizer.update(dParameters, state.optimizer, state.parameters);
      return {
        state: { parameters: next.parameters, optimizer: next.state },
        outputs: { loss: value, objective, correct: countCorrect(predictedClasses(model, outputs), labels) },
      };
    },
    { parameters: initialParameters, optimizer: optimizer.initialize(initialParameters) } as State,
    compiling,
  );
  const seed = scalar(plan.seed);
  return {
    run({ inputs, labels, size }, index) {
      const { loss, objective, correct } = step.run(inputs, labels, seed, scalar(index));
      return { loss: loss.item(), objective: objective.item(), accuracy: correct.item() / size };
    },
    parameters: () => step.state().parameters,
    release: () => step.release(),
  };
}

/** `value` modulo 2³². */
function scalar(value: number): Scalar {
  return fromArray(Int32Array.of(value), []);
}
