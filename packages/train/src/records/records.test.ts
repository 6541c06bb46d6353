import { expect, test } from "vitest";
import {
  boundary,
  confusion,
  curves,
  defineRecord,
  points,
  predictions,
  type RecordKind,
  recordKinds,
} from "../records.ts";
import { createRunLog, type RunLog, type RunLogHeader, type RunLogWriter, readRunLog } from "../run-log.ts";

const at = { step: 3, epoch: 1, elapsedMs: 5 };
const classNames = ["cat", "dog"];
const extent = { xMin: -1, xMax: 2, yMin: 0, yMax: 1 };

function logOf(config: RunLogHeader["config"], record: (log: RunLogWriter) => void): RunLog {
  const parts: Uint8Array[] = [];
  const sink = { write: (part: Uint8Array) => void parts.push(part), replace: () => undefined };
  const log = createRunLog(sink, { recipe: "r", config, environment: {}, datasets: [] }, { flushEvery: 1 });
  record(log);
  return readRunLog(new Uint8Array(Buffer.concat(parts)));
}

/** A kind, a setting, and a value as it is written and as it is read. */
type Row = readonly [kind: RecordKind<unknown, unknown>, setting: unknown, value: unknown, read: unknown];

function row<Value, Setting>(kind: RecordKind<Value, Setting>, setting: Setting, value: Value, read: unknown): Row {
  return [kind as unknown as RecordKind<unknown, unknown>, setting, value, read];
}

const rows: readonly Row[] = [
  row(
    boundary,
    { extent, classNames },
    { rows: 1, columns: 2, values: [0.25, 1] },
    { rows: 1, columns: 2, values: Float32Array.of(0.25, 1) },
  ),
  row(points, classNames, { points: [{ x: 1, y: 2, label: 1 }] }, { points: [{ x: 1, y: 2, label: 1 }] }),
  row(
    confusion,
    classNames,
    {
      counts: [
        [1, 2],
        [3, 4],
      ],
    },
    {
      counts: [
        [1, 2],
        [3, 4],
      ],
    },
  ),
  row(
    predictions,
    { height: 1, width: 2, classNames },
    { samples: [{ label: 0, predicted: 1, probability: 0.75, pixels: [0, 255] }] },
    { samples: [{ label: 0, predicted: 1, probability: 0.75, pixels: Float32Array.of(0, 255) }] },
  ),
];

test.each(rows.map((each) => [each[0].name, each] as const))("%s: what was written is read", (_, each) => {
  const [kind, setting, value, read] = each;
  const log = logOf(kind.config(setting), (writer) => kind.write(writer, at, value));
  expect(kind.read(log)).toEqual({ setting, values: [{ ...(read as object), step: 3 }] });
});

test.each(rows.map((each) => [each[0].name, each] as const))(
  "%s: without a setting, records or the right shape there is nothing",
  (_, [kind, setting, value]) => {
    const write = (writer: RunLogWriter): void => kind.write(writer, at, value);
    for (const wrong of [{}, { [kind.name]: null }, { [kind.name]: { classNames: 3 } }, { [kind.name]: [] }]) {
      expect(kind.read(logOf(wrong, write))).toBeUndefined();
    }
    expect(kind.read(logOf(kind.config(setting), () => undefined))).toBeUndefined();
    const { name, split } = kind;
    const other = (writer: RunLogWriter): void => writer.array({ ...at, name, split, shape: [1, 1, 1], data: [1] });
    expect(kind.read(logOf(kind.config(setting), other))).toBeUndefined();
  },
);

test("all kinds are listed once", () => {
  expect(recordKinds.map(({ name }) => name)).toEqual(rows.map(([kind]) => kind.name));
});

test("curves: a score is a scalar a metric; loss and accuracy come first, splits in their order", () => {
  const log = logOf({}, (writer) => {
    curves.write(writer, at, "validation", { loss: 2, norm: 1 });
    curves.write(writer, at, "train", { accuracy: 0.5, loss: Number.NaN });
    curves.write(writer, { ...at, step: 4 }, "train", { loss: 1 });
  });
  expect(
    curves.read(log).map(({ metric, split, points: all }) => [metric, split, all.map(({ value }) => value)]),
  ).toEqual([
    ["loss", "train", [Number.NaN, 1]],
    ["loss", "validation", [2]],
    ["accuracy", "train", [0.5]],
    ["norm", "validation", [1]],
  ]);
});

test("one's own kind is written and read as the others are", () => {
  const norms = defineRecord<{ readonly norms: readonly number[] }, { readonly layers: number }>({
    name: "norms",
    split: "train",
    shape: "[layers]",
    parseSetting: (value) => (typeof value === "object" ? (value as { readonly layers: number }) : undefined),
    encode: ({ norms: all }) => ({ shape: [all.length], data: all }),
    decode: ({ data }, { layers }) => (data.length === layers ? { norms: [...data] } : undefined),
  });
  const log = logOf(norms.config({ layers: 2 }), (writer) => norms.write(writer, at, { norms: [1, 2] }));
  expect(norms.read(log)).toEqual({ setting: { layers: 2 }, values: [{ norms: [1, 2], step: 3 }] });
});
