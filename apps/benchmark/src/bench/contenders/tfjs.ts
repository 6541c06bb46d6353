/** TensorFlow.js as a contender: `tfjs.ts <wasm | cpu>`. Both backends run on one thread in Node. */

import * as tf from "@tensorflow/tfjs";
import { oneHotRows, parameterNames, readProduct, readTraining } from "../problem-file.ts";
import type { ProductProblem, TrainingProblem } from "../protocol.ts";
import { serve, type Workload } from "../serve.ts";
import { versionOf } from "./version-of.ts";

function training(problem: TrainingProblem): Workload {
  const { batches, batchSize, features, hidden, classes, parameters } = readTraining(problem);
  const initial = {
    weight1: tf.tensor2d(parameters.weight1, [features, hidden]),
    bias1: tf.tensor1d(parameters.bias1),
    weight2: tf.tensor2d(parameters.weight2, [hidden, classes]),
    bias2: tf.tensor1d(parameters.bias2),
  };
  const variables = {
    weight1: tf.variable(initial.weight1),
    bias1: tf.variable(initial.bias1),
    weight2: tf.variable(initial.weight2),
    bias2: tf.variable(initial.bias2),
  };
  const data = batches.map(({ inputs, labels }) => ({
    inputs: tf.tensor2d(inputs, [batchSize, features]),
    targets: tf.tensor2d(oneHotRows(labels, classes), [batchSize, classes]),
  }));
  const activation = problem.activation === "relu" ? tf.relu<tf.Tensor2D> : tf.sigmoid<tf.Tensor2D>;
  const optimizer = tf.train.sgd(problem.learningRate);
  let steps = 0;
  const next = (): tf.Scalar => {
    const { inputs, targets } = data[steps++ % data.length]!;
    const loss = (): tf.Scalar => {
      const outputs = activation(tf.add(tf.matMul(inputs, variables.weight1), variables.bias1));
      const logits = tf.add(tf.matMul(outputs, variables.weight2), variables.bias2);
      return tf.losses.softmaxCrossEntropy(targets, logits);
    };
    return optimizer.minimize(loss, true, Object.values(variables))!;
  };
  return {
    check() {
      const losses = Float32Array.from({ length: problem.checkSteps }, () => {
        const value = next();
        const [loss] = value.dataSync();
        value.dispose();
        return loss!;
      });
      return [losses, ...parameterNames.map((name) => variables[name].dataSync<"float32">())];
    },
    reset() {
      steps = 0;
      for (const name of parameterNames) (variables[name] as tf.Variable).assign(initial[name]);
    },
    run(iterations) {
      for (let i = 0; i < iterations; i++) next().dispose();
    },
  };
}

function product(problem: ProductProblem): Workload {
  const values = readProduct(problem);
  const a = tf.tensor2d(values.a, [values.m, values.k]);
  const b = tf.tensor2d(values.b, [values.k, values.n]);
  return {
    check: () => [tf.matMul(a, b).dataSync<"float32">()],
    run(iterations) {
      for (let i = 0; i < iterations; i++) tf.matMul(a, b).dispose();
    },
  };
}

await serve(async () => {
  const backend = process.argv[2]!;
  if (backend === "wasm") await import("@tensorflow/tfjs-backend-wasm");
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no ${backend} backend here`);
  return {
    version: versionOf("@tensorflow/tfjs"),
    prepare: (problem) => (problem.kind === "training" ? training(problem) : product(problem)),
  };
});
