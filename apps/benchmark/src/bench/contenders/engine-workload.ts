/** The work on a backend of @nn/tensor, written as a user of the packages would. */

import { crossEntropy, dense, relu, sequential, sigmoid } from "@nn/model";
import { type Backend, compileStep, fromArray, gradients, matmul, type Shape, subtract, type Tensor } from "@nn/tensor";
import { mapRecord, type Scalars, type ScalarTensors, sgd, type TensorRecord } from "@nn/train";
import { readProduct, readTraining } from "../problem-file.ts";
import type { Problem, ProductProblem, TrainingProblem } from "../protocol.ts";
import type { Workload } from "../serve.ts";

export function engineWorkload(problem: Problem, backend: Backend): Workload {
  return problem.kind === "training" ? training(problem, backend) : product(problem, backend);
}

type Inputs = Tensor<readonly [number, number], "float32">;
type Labels = Tensor<readonly [number], "uint8">;

function training(problem: TrainingProblem, backend: Backend): Workload {
  const { batches, batchSize, features, hidden, classes, parameters } = readTraining(problem);
  const activation = problem.activation === "relu" ? relu() : sigmoid();
  const model = sequential([features], dense(hidden), activation, dense(classes));
  const loss = crossEntropy();
  const optimizer = sgd({ learningRate: problem.learningRate });
  const parametersBefore: TensorRecord = {
    "dense1.weight": fromArray(parameters.weight1, [features, hidden]),
    "dense1.bias": fromArray(parameters.bias1, [hidden]),
    "dense2.weight": fromArray(parameters.weight2, [hidden, classes]),
    "dense2.bias": fromArray(parameters.bias2, [classes]),
  };
  const data = batches.map(({ inputs, labels }) => ({
    inputs: fromArray(inputs, [batchSize, features]) as Inputs,
    labels: fromArray(labels, [batchSize]) as Labels,
  }));

  const initial = { parameters: parametersBefore, optimizer: optimizer.initialize(parametersBefore) };
  const compiled = compileStep(
    ({ parameters, optimizer: before }: typeof initial, inputs: Inputs, labels: Labels, scalars: ScalarTensors) => {
      const value = loss.apply(model.apply(parameters, inputs) as never, labels as never) as Tensor;
      const { updates, state } = optimizer.update(gradients(value, parameters), before, parameters, scalars);
      const next = mapRecord(parameters, (name) => subtract(parameters[name]!, updates[name]! as never) as never);
      return { state: { parameters: next, optimizer: state }, outputs: { loss: value } };
    },
    initial,
    { backend },
  );
  const moment = { epoch: 0, totalSteps: batches.length, stepsPerEpoch: batches.length, learningRateScale: 1 };
  let steps = 0;
  const step = (): { readonly loss: Tensor } => {
    const { inputs, labels } = data[steps % data.length]!;
    // As in a run: the rate is an input of the step, computed for each one.
    const scalars = tensorsOf(optimizer.scalars?.({ ...moment, step: steps++ }) ?? {});
    return compiled.run(inputs, labels, scalars);
  };
  return {
    check() {
      const losses = Array.from({ length: problem.checkSteps }, () => step().loss.item());
      return [
        Float32Array.from(losses),
        ...Object.values(compiled.state().parameters).map(({ data }) => data as Float32Array),
      ];
    },
    reset() {
      steps = 0;
      compiled.write(initial);
    },
    run(iterations) {
      for (let i = 0; i < iterations; i++) step();
    },
  };
}

function tensorsOf(scalars: Scalars): ScalarTensors {
  return Object.fromEntries(
    Object.entries(scalars).map(([name, value]) => [name, fromArray(Float32Array.of(value), [])]),
  );
}

type Matrix = Tensor<Shape, "float32">;

/**
 * The right factor is state, as a network's weights are: it lies in the engine in the panels that products read, which BLAS
 * makes again for each product. So is the product state, written where the last one was, as NumPy's `out` and PyTorch's do.
 */
function product(problem: ProductProblem, backend: Backend): Workload {
  const { a, b, c } = matrices(problem);
  const step = compileStep(
    (state: { readonly b: Matrix; readonly c: Matrix }) => ({
      state: { b: state.b, c: matmul(a, state.b) as Matrix },
      outputs: {},
    }),
    { b, c },
    { backend },
  );
  return repeated(
    () => step.run(),
    () => step.state().c,
  );
}

/** Both factors are arguments: each product copies them into the engine and puts the right one into panels. */
export function productOfArguments(problem: ProductProblem, backend: Backend): Workload {
  const { a, b, c } = matrices(problem);
  const step = compileStep(
    (_: { readonly c: Matrix }, left: Matrix, right: Matrix) => ({
      state: { c: matmul(left, right) as Matrix },
      outputs: {},
    }),
    { c },
    { backend },
  );
  return repeated(
    () => step.run(a, b),
    () => step.state().c,
  );
}

function matrices(problem: ProductProblem): { readonly [name in "a" | "b" | "c"]: Matrix } {
  const { a, b, m, k, n } = readProduct(problem);
  return {
    a: fromArray(a, [m, k]),
    b: fromArray(b, [k, n]),
    c: fromArray(new Float32Array(m * n), [m, n]),
  };
}

function repeated(run: () => void, result: () => Matrix): Workload {
  return {
    check() {
      run();
      return [result().data as Float32Array];
    },
    run(iterations) {
      for (let i = 0; i < iterations; i++) run();
    },
  };
}
