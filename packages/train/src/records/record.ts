/**
 * What a run leaves in its log for the report, each kind declared once: recipes write through the declaration and the
 * report's panels read through it. Knows no model and no page.
 */

import type { RunLog } from "../run-log/read.ts";
import type { ArrayRecord, RunMoment, Split } from "../run-log/schema.ts";
import type { RunLogWriter } from "../run-log/write.ts";

/** When something was recorded. */
export type RecordedAt = Pick<RunMoment, "step" | "epoch" | "elapsedMs">;

/** A value with the step at which it was recorded. */
export type Recorded<Value> = Value & { readonly step: number };

/** A kind of array in run logs. `Setting` is what is the same for all of a run's: it stands in the run's configuration. */
export interface RecordKind<Value, Setting> {
  /** Of its records, and the key of its setting in the configuration. */
  readonly name: string;
  readonly split: Split;
  /** In words: `[rows, columns]`. */
  readonly shape: string;
  /** Its part of the run's configuration. @example createRunLog(sink, { config: { ...boundary.config(extent), … }, … }) */
  config(setting: Setting): { readonly [name: string]: Setting };
  /** @throws RunLogError as `RunLogWriter.array`. */
  write(log: RunLogWriter, at: RecordedAt, value: Value): void;
  /** All values of a run, in order, without those of another shape; undefined when there is none or no setting. */
  read(log: RunLog): { readonly setting: Setting; readonly values: readonly Recorded<Value>[] } | undefined;
}

/** The parts of a kind of record that its author writes. */
export interface RecordDefinition<Value, Setting> {
  readonly name: string;
  readonly split: Split;
  readonly shape: string;
  /** The setting in a configuration that may hold anything; undefined where it is none. */
  parseSetting(value: unknown): Setting | undefined;
  encode(value: Value): { readonly shape: readonly number[]; readonly data: ArrayLike<number> };
  /** Undefined for an array of another shape. */
  decode(array: Pick<ArrayRecord, "shape" | "data">, setting: Setting): Value | undefined;
}

/** A kind of record of its definition: the one way to declare one. */
export function defineRecord<Value, Setting>(definition: RecordDefinition<Value, Setting>): RecordKind<Value, Setting> {
  const { name, split, shape, parseSetting, encode, decode } = definition;
  return {
    name,
    split,
    shape,
    config: (setting) => ({ [name]: setting }),
    write(log, { step, epoch, elapsedMs }, value) {
      log.array({ step, epoch, elapsedMs, split, name, ...encode(value) });
    },
    read(log) {
      const setting = parseSetting(log.header.config[name]);
      if (setting === undefined) return undefined;
      const values = log.arrays(name, split).flatMap(({ step, shape, data }) => {
        const value = decode({ shape, data }, setting);
        return value === undefined ? [] : [{ ...value, step }];
      });
      return values.length === 0 ? undefined : { setting, values };
    },
  };
}
