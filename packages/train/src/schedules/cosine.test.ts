import { expect, test } from "vitest";
import { cosine } from "./cosine.ts";
import { scheduleOf } from "./schedule.ts";

const at = (step: number, totalSteps = 20) => ({ step, epoch: 0, totalSteps, stepsPerEpoch: 5, learningRateScale: 1 });

test.each([
  ["the first step of a warm-up", { peak: 1, warmup: 4 }, 0, 1 / 5],
  ["the last step of a warm-up", { peak: 1, warmup: 4 }, 3, 4 / 5],
  ["the peak", { peak: 1, warmup: 4 }, 4, 1],
  ["the middle", { peak: 1, warmup: 4 }, 12, 1 / 2],
  ["the end", { peak: 1, warmup: 4 }, 20, 0],
  ["beyond the end", { peak: 1, warmup: 4, end: 0.25 }, 50, 0.25],
  ["no warm-up", { peak: 3 }, 0, 3],
  ["steps of its own", { peak: 2, end: 1, steps: 10 }, 5, 1.5],
  ["steps of its own, over", { peak: 2, end: 1, steps: 10 }, 10, 1],
  ["a warm-up as long as the run", { peak: 1, warmup: 20 }, 19, 20 / 21],
  ["a warm-up longer than the run, afterwards", { peak: 1, warmup: 30, end: 0.1 }, 30, 0.1],
  ["a peak of 0", { peak: 0, warmup: 2 }, 7, 0],
] as const)("%s", (_, options, step, expected) => {
  expect(cosine(options).at(at(step))).toBeCloseTo(expected, 15);
});

test("never rises after its peak, and never leaves its range", () => {
  const schedule = cosine({ peak: 1, warmup: 10, end: 0.1 });
  const rates = Array.from({ length: 120 }, (_, step) => schedule.at(at(step, 100)));
  rates.slice(11).forEach((rate, i) => {
    expect(rate).toBeLessThanOrEqual(rates[10 + i]!);
  });
  for (const rate of rates) expect(rate >= 1 / 11 && rate <= 1).toBe(true);
});

test.each([
  [{}, "peak undefined"],
  [{ peak: -1 }, "peak -1"],
  [{ peak: Number.NaN }, "peak NaN"],
  [{ peak: 1, end: 2 }, "end 2"],
  [{ peak: 1, warmup: 1.5 }, "warmup 1.5"],
  [{ peak: 1, warmup: -1 }, "warmup -1"],
  [{ peak: 1, steps: 0 }, "steps 0"],
  [{ peak: 1, warmUp: 5 }, 'the unknown option "warmUp"'],
])("cosine(%o) is refused", (options, received) => {
  expect(() => cosine(options as never)).toThrow(expect.objectContaining({ name: "ArgumentError", received }));
});

test.each([
  [Number.NaN, "learningRate NaN"],
  [-1e-9, "learningRate -1e-9"],
  [Number.POSITIVE_INFINITY, "learningRate Infinity"],
  ["0.1", 'learningRate "0.1" of type string'],
  [undefined, "learningRate undefined"],
])("a schedule that gives %s is refused, naming the step", (value, received) => {
  const schedule = scheduleOf("adam", "learningRate", ({ step }) => (step < 3 ? 0.1 : (value as number)));
  expect(schedule.at(at(2))).toBe(0.1);
  expect(() => schedule.at(at(3))).toThrow(
    expect.objectContaining({ operation: "adam: at step 4", received, expected: "a finite number of at least 0" }),
  );
});

test.each([null, "0.1", {}, { at: 1 }, true])("%o is no schedule", (value) => {
  expect(() => scheduleOf("adam", "learningRate", value as never)).toThrow(
    "expected a number, a schedule such as cosine({ peak: 0.01 }), or a function of the moment.",
  );
});
