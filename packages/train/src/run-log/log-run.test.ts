import { crossEntropy, dense, sequential } from "@nn/model";
import { expect, test } from "vitest";
import type { TrainingEvent } from "../fit/events.ts";
import { fit } from "../fit/fit.ts";
import { sgd } from "../optimizers/sgd.ts";
import { createRunLog, type RunLog, type RunLogWriter, readRunLog } from "../run-log.ts";
import { halfCircles, testData } from "../test-data.ts";
import { logRun } from "./log-run.ts";

function memoryLog(): { readonly log: RunLogWriter; read(): RunLog } {
  let bytes: Uint8Array[] = [];
  const sink = {
    write: (more: Uint8Array) => void bytes.push(more),
    replace: (all: Uint8Array) => {
      bytes = [all];
    },
  };
  const log = createRunLog(sink, { recipe: "test", config: {}, environment: {}, datasets: [] });
  return { log, read: () => readRunLog(new Uint8Array(Buffer.concat(bytes))) };
}

const model = sequential([2], dense(2));
const data = halfCircles(40);
const options = { loss: crossEntropy(), optimizer: sgd(), epochs: 2, batchSize: 10 };

async function drain(events: AsyncIterable<TrainingEvent>): Promise<TrainingEvent[]> {
  const all: TrainingEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

test.each([
  { stepsPerRecord: undefined, steps: [4, 8], epochs: [1, 2] },
  { stepsPerRecord: 1, steps: [1, 2, 3, 4, 5, 6, 7, 8], epochs: [0, 0, 0, 1, 1, 1, 1, 2] },
  { stepsPerRecord: 2, steps: [2, 4, 6, 8], epochs: [0, 1, 1, 2] },
  { stepsPerRecord: 3, steps: [3, 4, 7, 8], epochs: [0, 1, 1, 2] },
])(
  "writes a training record every $stepsPerRecord steps and at each epoch's end",
  async ({ stepsPerRecord, steps, epochs: done }) => {
    const { log, read } = memoryLog();
    const given = stepsPerRecord === undefined ? {} : { stepsPerRecord };
    const events = await drain(logRun(fit.events(model, data, { ...options, validation: data }), log, given));
    expect(events.at(-1)?.type).toBe("end");
    await log.flush();
    const written = read();
    expect(written.status).toBe("running");
    for (const name of ["loss", "accuracy"]) {
      expect(written.series(name, "train")).toMatchObject({ step: steps, epoch: done });
      expect(written.series(name, "validation").step).toEqual([4, 8]);
      expect(written.series(name, "validation").epoch).toEqual([1, 2]);
    }
    const epochs = events.filter((event) => event.type === "epoch");
    expect(written.series("loss", "validation").value).toEqual(epochs.map(({ validation }) => validation?.loss));
    if (stepsPerRecord === undefined)
      expect(written.series("loss", "train").value).toEqual(epochs.map(({ train }) => train.loss));
  },
);

test.each([
  { stepsPerRecord: 1, steps: [1, 2] },
  { stepsPerRecord: 5, steps: [2] },
])("a run that fails leaves a failed log with what was before: $stepsPerRecord", async ({ stepsPerRecord, steps }) => {
  const { log, read } = memoryLog();
  const broken = testData([2], 2, Float64Array.of(1, 2, 3, 4, Number.NaN, 6), [0, 1, 0]);
  const events = fit.events(model, broken, { ...options, batchSize: 1, shuffle: false });
  await expect(drain(logRun(events, log, { stepsPerRecord }))).rejects.toMatchObject({ name: "DivergedError" });
  expect(read()).toMatchObject({ status: "failed", error: expect.stringContaining("step 3") });
  expect(read().series("loss", "train").step).toEqual(steps);
});

test.each(["write", "replace"] as const)("a log that fails at its end hides no error of the run: %s", async (part) => {
  let broken = false;
  const call = (name: typeof part) => (): void => {
    if (broken && name === part) throw new Error("disk full");
  };
  const sink = { write: call("write"), replace: call("replace") };
  const log = createRunLog(sink, { recipe: "test", config: {}, environment: {}, datasets: [] });
  const reason = new Error("what ended the run");
  async function* failing(): AsyncGenerator<TrainingEvent> {
    for await (const event of fit.events(model, data, options)) {
      yield event;
      if (event.type === "step") break;
    }
    broken = true;
    throw reason;
  }
  await expect(drain(logRun(failing(), log))).rejects.toBe(reason);
});

test.each([
  { stepsPerRecord: undefined, steps: [4, 8] },
  { stepsPerRecord: 3, steps: [3, 6, 8] },
])(
  "record last: the score of a single step, whatever epoch it is in: $stepsPerRecord",
  async ({ stepsPerRecord, steps }) => {
    const { log, read } = memoryLog();
    const given = { record: "last", ...(stepsPerRecord !== undefined && { stepsPerRecord }) } as const;
    const events = await drain(logRun(fit.events(model, data, options), log, given));
    await log.flush();
    const scores = events.flatMap((event) =>
      event.type === "step" && steps.includes(event.step) ? [event.score] : [],
    );
    expect(read().series("loss", "train")).toMatchObject({ step: steps, value: scores.map(({ loss }) => loss) });
    expect(read().series("accuracy", "train").value).toEqual(scores.map(({ accuracy }) => accuracy));
  },
);

test("refuses a record that is neither", () => {
  const { log } = memoryLog();
  expect(() => logRun(fit.events(model, data, options), log, { record: "first" as "last" })).toThrow(
    expect.objectContaining({ operation: "logRun", received: expect.stringContaining("first") }),
  );
});

test("refuses a window of no steps", () => {
  const { log } = memoryLog();
  expect(() => logRun(fit.events(model, data, options), log, { stepsPerRecord: 0 })).toThrow(
    expect.objectContaining({ operation: "logRun", received: "stepsPerRecord 0" }),
  );
});
