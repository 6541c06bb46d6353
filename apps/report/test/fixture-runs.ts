// A folder of runs as the benchmark leaves it, small and made up, written by the real run log.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileSink } from "@nn/train/node";
import { boundary, confusion, curves, points, predictions } from "@nn/train/records";
import { createRunLog, type RunLogHeader, type RunLogWriter } from "@nn/train/run-log";

export const WORKSHOP_NOTE = "An epoch of this recipe is 4 batches of 64 samples, not a whole pass </script><b>.";
const SHA = "0123456789abcdef".repeat(4);
const SEGMENTS = ["abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg"];

export async function writeFixtureRuns(folder: string): Promise<void> {
  await writePlaneRun(folder, "perceptron-loans", 12, 1);
  await writePlaneRun(folder, "moons-workshop", 20_000, 1000);
  await writeDigitsRun(folder, "mnist-workshop", { epochs: 200, stepsPerEpoch: 4, notes: WORKSHOP_NOTE });
  await writeDigitsRun(folder, "mnist-mlp", { epochs: 4, stepsPerEpoch: 500 });
  const killed = openLog(folder, "killed", {});
  logLosses(killed, 30, 10);
  await killed.flush();
  appendFileSync(join(folder, "killed", "run.arrow"), Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x08));
  mkdirSync(join(folder, "never-started"));
  mkdirSync(join(folder, "damaged"));
  writeFileSync(join(folder, "damaged", "run.arrow"), "no Arrow");
}

function openLog(folder: string, recipe: string, config: RunLogHeader["config"]): RunLogWriter {
  return createRunLog(fileSink(join(folder, recipe, "run.arrow")), {
    recipe,
    config: { learningRate: 0.01, seed: 42, ...config },
    environment: { node: "26.10.0", platform: "linux x64", cpu: "a fixture" },
    datasets: [{ name: recipe.split("-")[0] ?? recipe, fingerprint: `sha256:${SHA}` }],
  });
}

async function finish(
  folder: string,
  recipe: string,
  log: RunLogWriter,
  summary: Record<string, unknown>,
): Promise<void> {
  const whole = { recipe, durationMs: 84_000, samplesPerSecond: 15_230.4, weightsSha256: SHA, ...summary };
  await log.finish({ weightsSha256: SHA, summary: whole });
  writeFileSync(join(folder, recipe, "summary.json"), JSON.stringify(whole));
}

function logLosses(log: RunLogWriter, epochs: number, stepsPerEpoch: number): void {
  for (let step = 1; step <= epochs * stepsPerEpoch; step++) {
    const share = step / (epochs * stepsPerEpoch);
    const moment = { step, epoch: Math.floor(step / stepsPerEpoch), elapsedMs: 4 * step };
    const noise = 0.3 * Math.abs(Math.sin(step * 12.9898));
    log.scalar({ ...moment, split: "train", name: "loss", value: 2.3 * Math.exp(-4 * share) * (0.85 + noise) + 0.05 });
    if (step % stepsPerEpoch !== 0) continue;
    const accuracy = 0.97 - 0.85 * Math.exp(-5 * share);
    log.scalar({ ...moment, split: "validation", name: "loss", value: 2.4 * Math.exp(-3.5 * share) + 0.09 });
    log.scalar({ ...moment, split: "train", name: "accuracy", value: accuracy });
    log.scalar({ ...moment, split: "validation", name: "accuracy", value: accuracy - 0.015 });
  }
}

async function writePlaneRun(folder: string, recipe: string, steps: number, every: number): Promise<void> {
  const size = 40;
  const extent = { xMin: -1.5, xMax: 2.5, yMin: -1, yMax: 1.5 };
  const log = openLog(folder, recipe, {
    ...boundary.config({ extent, classNames: ["0", "1"] }),
    ...points.config(["0", "1"]),
    iterations: steps,
  });
  const places = Array.from({ length: 200 }, (_, i) => {
    const angle = (Math.PI * (i >> 1)) / 100;
    const wobble = 0.12 * Math.sin(i * 78.233);
    return i % 2 === 0
      ? { x: Math.cos(angle) + wobble, y: Math.sin(angle) - wobble, label: 0 }
      : { x: 1 - Math.cos(angle) - wobble, y: 0.5 - Math.sin(angle) + wobble, label: 1 };
  });
  points.write(log, { step: 0, epoch: 0, elapsedMs: 0 }, { points: places });
  for (let step = 0; step <= steps; step += every) {
    const share = step / steps;
    const moment = { step, epoch: step, elapsedMs: step };
    const values = Array.from({ length: size * size }, (_, i) => {
      const x = extent.xMin + ((extent.xMax - extent.xMin) * (i % size)) / (size - 1);
      const y = extent.yMin + ((extent.yMax - extent.yMin) * Math.floor(i / size)) / (size - 1);
      return 1 / (1 + Math.exp(8 * (y - 0.25 - share * 0.6 * Math.sin(2.5 * (x - 0.5) + Math.PI) * -1)));
    });
    boundary.write(log, moment, { rows: size, columns: size, values });
    curves.write(log, moment, "train", { loss: 0.69 * Math.exp(-3 * share), accuracy: 0.5 + 0.48 * share });
  }
  const summary = { steps, epochs: steps, finalLoss: 0.034, trainAccuracy: 0.98, testAccuracy: 0.975 };
  await finish(folder, recipe, log, summary);
}

interface DigitsOptions {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly notes?: string;
}

async function writeDigitsRun(folder: string, recipe: string, options: DigitsOptions): Promise<void> {
  const { epochs, stepsPerEpoch } = options;
  const log = openLog(folder, recipe, {
    ...options,
    ...confusion.config(SEGMENTS.map((_, digit) => `${digit}`)),
    ...predictions.config({ height: 28, width: 28, classNames: SEGMENTS.map((_, digit) => `${digit}`) }),
    layers: [784, 256, 10],
    batchSize: 64,
  });
  logLosses(log, epochs, stepsPerEpoch);
  const end = { step: epochs * stepsPerEpoch, epoch: epochs, elapsedMs: 60_000 };
  curves.write(log, end, "test", { accuracy: 0.9781 });
  const counts = SEGMENTS.map((_, label) =>
    SEGMENTS.map((_, predicted) => (label === predicted ? 960 + 7 * label : (label * predicted * 7) % 11)),
  );
  confusion.write(log, end, { counts });
  const samples = Array.from({ length: 200 }, (_, i) => {
    const label = i % 10;
    const predicted = i % 4 === 1 ? (label + 5) % 10 : label;
    return { label, predicted, probability: 0.5 + 0.5 * Math.abs(Math.sin(i)), pixels: drawDigit(label, i % 3) };
  });
  predictions.write(log, end, { samples });
  const summary = { steps: end.step, epochs, finalLoss: 0.0312, trainAccuracy: 0.9953, testAccuracy: 0.9781 };
  await finish(folder, recipe, log, summary);
}

/** A seven-segment digit of 28 × 28, moved to the right by `shift`. */
function drawDigit(digit: number, shift: number): number[] {
  const boxes: Readonly<Record<string, readonly [x: number, y: number, width: number, height: number]>> = {
    a: [9, 4, 10, 2],
    b: [17, 4, 2, 10],
    c: [17, 14, 2, 10],
    d: [9, 22, 10, 2],
    e: [9, 14, 2, 10],
    f: [9, 4, 2, 10],
    g: [9, 13, 10, 2],
  };
  const pixels = new Array<number>(784).fill(0);
  for (const segment of SEGMENTS[digit] ?? "") {
    const [x, y, width, height] = boxes[segment] ?? [0, 0, 0, 0];
    for (let dy = 0; dy < height; dy++)
      for (let dx = 0; dx < width; dx++) pixels[28 * (y + dy) + x + dx + shift] = 255 - 60 * ((dx + dy) % 2);
  }
  return pixels;
}
