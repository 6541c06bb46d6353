/** The workshop's network trained properly: whole epochs, mean loss, better first weights, canonical parts. */

import { trainTestSplit } from "@nn/datasets";
import { crossEntropy, dense, flatten, heUniform, relu, rescaling, sequential } from "@nn/model";
import { softmax } from "@nn/tensor";
import { accuracy, evaluate, fit, logRun, type Run, sgd } from "@nn/train";
import { engine } from "../engine.ts";
import type { Recipe } from "../recipe.ts";
import { logPredictions } from "./predictions.ts";

export interface MnistMlpOptions {
  /** Default 15. */
  readonly epochs?: number;
  /** Units of the hidden layer; default 256. */
  readonly hidden?: number;
  /** Images of the training part kept for validation; default 5,000. */
  readonly validationSize?: number;
  /** Default 0.05. */
  readonly learningRate?: number;
}

const BATCH_SIZE = 64;
const SEED = 0;
const MOMENTUM = 0.9;
const RECORDS = 500;

export function mnistMlp(options: MnistMlpOptions = {}): Recipe {
  const { epochs = 15, hidden = 256, validationSize = 5000, learningRate = 0.05 } = options;
  return {
    name: "mnist-mlp",
    description:
      "784-256-10 on MNIST with relu, mean loss and momentum, whole epochs in float32; at least 98.3 % on the test part",
    reaches: { testAccuracy: [0.983, 1] },
    async run({ data, startLog, print, progress, elapsedMs, signal }) {
      const whole = await data.mnist("train");
      const { train, test: validation } = trainTestSplit(whole, { testSize: validationSize, seed: SEED });
      const test = await data.mnist("test");
      const model = sequential(
        [28, 28, 1],
        rescaling(1 / 255),
        flatten(),
        dense(hidden, { weightInitializer: heUniform() }),
        relu(),
        dense(10),
      );
      const loss = crossEntropy();
      const optimizer = sgd({ learningRate, momentum: MOMENTUM });
      const log = startLog({
        config: {
          model: model.layers.map(({ layer }) => layer.call),
          loss: loss.call,
          optimizer: { name: optimizer.name, ...optimizer.config },
          epochs,
          batchSize: BATCH_SIZE,
          split: { train: train.size, validation: validation.size, test: test.size },
          seed: SEED,
          dtype: "float32",
          classNames: whole.classNames,
          imageShape: [28, 28],
          notes: `${validation.size.toLocaleString("en")} of the canonical training images are kept for validation; the canonical test part is used once, at the end. Training curves are from before each update, while the epoch went on; the accuracy at the end is that of the final weights.`,
        },
        datasets: [whole, test].map(({ name, fingerprint }) => ({ name, fingerprint })),
      });

      const steps = epochs * Math.ceil(train.size / BATCH_SIZE);
      const events = fit.events(model, train, {
        loss,
        optimizer,
        epochs,
        batchSize: BATCH_SIZE,
        validation,
        seed: SEED,
        backend: engine,
      });
      let trainingMs = 0;
      let run: Run<readonly [28, 28, 1], [10], "float32"> | undefined;
      for await (const event of logRun(events, log, { stepsPerRecord: Math.ceil(steps / RECORDS) })) {
        signal.throwIfAborted();
        if (event.type === "step") {
          progress(event.step, steps, `epoch ${event.epoch}, loss ${event.loss.toFixed(3)}`);
        } else if (event.type === "epoch") {
          trainingMs += event.durationMs;
          print(
            `Epoch ${event.epoch} - loss ${event.train.loss.toFixed(4)}, accuracy ${event.train.accuracy.toFixed(4)} · ` +
              `validation loss ${event.validation!.loss.toFixed(4)}, accuracy ${event.validation!.accuracy.toFixed(4)}`,
          );
        } else if (event.type === "end") {
          run = event.run;
        }
      }

      const { network, history, parameters } = run!;
      const probabilities = softmax(network.predict(test.inputs));
      const predicted = network.classify(test.inputs);
      const testAccuracy = accuracy(test.labels, predicted);
      const moment = { step: steps, epoch: epochs, elapsedMs: elapsedMs() };
      log.scalar({ ...moment, split: "test", name: "accuracy", value: testAccuracy });
      logPredictions(log, moment, { data: test, probabilities, predicted });
      const { accuracy: trainAccuracy } = await evaluate(network, train, { loss, backend: engine });
      return {
        parameters,
        steps,
        epochs,
        samples: epochs * train.size,
        trainingMs,
        finalLoss: history.at(-1)!.train.loss,
        trainAccuracy,
        testAccuracy,
      };
    },
  };
}
