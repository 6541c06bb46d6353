/** jax-js on its WebAssembly device: jitted functions, references counted as its documentation teaches. */

import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { oneHotRows, parameterNames, readProduct, readTraining } from "../problem-file.ts";
import type { ProductProblem, TrainingProblem } from "../protocol.ts";
import { serve, type Workload } from "../serve.ts";
import { versionOf } from "./version-of.ts";

type Parameters = { weight1: np.Array; bias1: np.Array; weight2: np.Array; bias2: np.Array };

function matrix(values: Float32Array, rows: number): np.Array {
  return np.array(values as Float32Array<ArrayBuffer>).reshape([rows, values.length / rows]);
}

function training(problem: TrainingProblem): Workload {
  const { batches, batchSize, features, hidden, classes, parameters: first } = readTraining(problem);
  const activation = problem.activation === "relu" ? nn.relu : nn.sigmoid;

  const loss = ({ weight1, bias1, weight2, bias2 }: Parameters, inputs: np.Array, targets: np.Array): np.Array => {
    const logits = np.matmul(activation(np.matmul(inputs, weight1).add(bias1)), weight2).add(bias2);
    return nn
      .logSoftmax(logits)
      .mul(targets)
      .sum()
      .mul(-1 / batchSize);
  };
  const step = jit((parameters: Parameters, inputs: np.Array, targets: np.Array): [Parameters, np.Array] => {
    const { weight1, bias1, weight2, bias2 } = parameters;
    const kept = { weight1: weight1.ref, bias1: bias1.ref, weight2: weight2.ref, bias2: bias2.ref };
    const [value, gradients] = valueAndGrad(loss)(kept, inputs, targets) as [np.Array, Parameters];
    const update = (name: keyof Parameters): np.Array =>
      parameters[name].sub(gradients[name].mul(problem.learningRate));
    return [
      { weight1: update("weight1"), bias1: update("bias1"), weight2: update("weight2"), bias2: update("bias2") },
      value,
    ];
  });

  const data = batches.map(({ inputs, labels }) => ({
    inputs: matrix(inputs, batchSize),
    targets: matrix(oneHotRows(labels, classes), batchSize),
  }));
  const initial: Parameters = {
    weight1: matrix(first.weight1, features),
    bias1: np.array(first.bias1 as Float32Array<ArrayBuffer>),
    weight2: matrix(first.weight2, hidden),
    bias2: np.array(first.bias2 as Float32Array<ArrayBuffer>),
  };
  const copyOfInitial = (): Parameters => {
    const { weight1, bias1, weight2, bias2 } = initial;
    return { weight1: weight1.ref, bias1: bias1.ref, weight2: weight2.ref, bias2: bias2.ref };
  };
  let parameters = copyOfInitial();
  let steps = 0;
  const next = (): np.Array => {
    const { inputs, targets } = data[steps++ % data.length]!;
    const [updated, value] = step(parameters, inputs.ref, targets.ref) as [Parameters, np.Array];
    parameters = updated;
    return value;
  };
  return {
    async check() {
      const losses = new Float32Array(problem.checkSteps);
      for (let i = 0; i < losses.length; i++) losses[i] = (await next().data())[0]!;
      const values = await Promise.all(parameterNames.map((name) => parameters[name].ref.data()));
      return [losses, ...(values as Float32Array[])];
    },
    reset() {
      steps = 0;
      for (const name of parameterNames) parameters[name].dispose();
      parameters = copyOfInitial();
    },
    async run(iterations) {
      for (let i = 0; i < iterations; i++) {
        next().dispose();
        await blockUntilReady(parameters);
      }
    },
  };
}

function product(problem: ProductProblem): Workload {
  const values = readProduct(problem);
  const a = matrix(values.a, values.m);
  const b = matrix(values.b, values.k);
  const multiply = jit((left: np.Array, right: np.Array) => np.matmul(left, right));
  return {
    check: async () => [(await multiply(a.ref, b.ref).data()) as Float32Array],
    async run(iterations) {
      for (let i = 0; i < iterations; i++) {
        const c = multiply(a.ref, b.ref);
        await blockUntilReady(c);
        c.dispose();
      }
    },
  };
}

await serve(async () => {
  await init("wasm");
  defaultDevice("wasm");
  return {
    version: versionOf("@jax-js/jax"),
    prepare: (problem) => (problem.kind === "training" ? training(problem) : product(problem)),
  };
});
