/**
 * What a shard says of itself: its columns and the metadata of its schema. The one place that names the keys.
 *
 * Columns: the inputs (`image`, `point` …) as FixedSizeList of uint8, float32 or float64, flat and row-major, and `label`
 * as uint8; no nulls. Metadata values are strings; lists and records are JSON.
 */

import { ArrowError, type Field } from "@nn/arrow";
import { type Shape, sizeOf } from "@nn/tensor";
import type { InputDType } from "../dataset.ts";
import { isCount, isCounts, isListOf, isNames, isNumber, isRecordOf, isText, parseJson } from "../json.ts";

/** The version of this layout; readers refuse any other. */
const shardFormat = "1";

/** A file that a dataset was made from. */
export interface SourceFile {
  readonly file: string;
  /** Of the uncompressed bytes, in hexadecimal. */
  readonly sha256: string;
  /** Whether that sum was stated ahead and found again. */
  readonly verified: boolean;
}

export interface ShardLayout {
  /** Name of the input column. */
  readonly column: string;
  readonly dtype: InputDType;
  readonly inputShape: Shape;
}

/** The columns of a shard. Nullable, though nothing is null: Hugging Face `datasets` knows no other columns. */
export function shardFields({ column, dtype, inputShape }: ShardLayout): readonly Field[] {
  return [
    { name: column, type: { kind: "fixedSizeList", size: sizeOf(inputShape), item: dtype }, nullable: true },
    { name: "label", type: "uint8", nullable: true },
  ];
}

/** Facts about the dataset and the split that a shard belongs to. */
export interface ShardMetadata {
  readonly name: string;
  readonly version: string;
  readonly split: string;
  readonly inputShape: Shape;
  readonly classNames: readonly string[];
  readonly source: readonly SourceFile[];
  /** Pipeline steps as `name@version(params)`, in order. */
  readonly steps: readonly string[];
  /** Of the whole split. */
  readonly fingerprint: string;
  /** Rows of each split of the dataset. */
  readonly splits: Readonly<Record<string, number>>;
  /** Rows of each class in the split. */
  readonly classCounts: readonly number[];
  /** Over all input values of the split. */
  readonly mean: number;
  readonly standardDeviation: number;
}

/** The metadata as the schema stores it; the `huggingface` key names the features for Hugging Face `datasets`. */
export function encodeMetadata(metadata: ShardMetadata, layout: ShardLayout): Map<string, string> {
  const json = (value: unknown) => JSON.stringify(value);
  return new Map([
    ["nn.dataset", shardFormat],
    ["name", metadata.name],
    ["version", metadata.version],
    ["split", metadata.split],
    ["inputShape", json(metadata.inputShape)],
    ["classNames", json(metadata.classNames)],
    ["source", json(metadata.source)],
    ["steps", json(metadata.steps)],
    ["fingerprint", metadata.fingerprint],
    ["splits", json(metadata.splits)],
    ["classCounts", json(metadata.classCounts)],
    ["mean", String(metadata.mean)],
    ["standardDeviation", String(metadata.standardDeviation)],
    ["huggingface", json({ info: { features: features(metadata, layout) } })],
  ]);
}

function features(metadata: ShardMetadata, { column, dtype, inputShape }: ShardLayout): unknown {
  const length = inputShape.reduce((product, size) => product * size, 1);
  return {
    [column]: { feature: { dtype, _type: "Value" }, length, _type: "Sequence" },
    label: { names: metadata.classNames, _type: "ClassLabel" },
  };
}

/** The metadata back from what a schema stores. @throws ArrowError for a key that is missing or not what it should be. */
export function decodeMetadata(stored: ReadonlyMap<string, string>): ShardMetadata {
  if (stored.get("nn.dataset") !== shardFormat) {
    const found = stored.get("nn.dataset");
    throw new ArrowError(found === undefined ? "no key nn.dataset in its metadata" : `layout ${found.slice(0, 40)}`);
  }
  const text = (key: string) => {
    const value = stored.get(key);
    if (value === undefined) throw new ArrowError(`no key ${key} in its metadata`);
    return value;
  };
  const json = <T>(key: string, isValid: (value: unknown) => value is T): T => {
    const value = parseJson(text(key));
    if (!isValid(value)) throw new ArrowError(`${key} ${text(key).slice(0, 40)} in its metadata`);
    return value;
  };
  return {
    name: text("name"),
    version: text("version"),
    split: text("split"),
    inputShape: json("inputShape", isCounts),
    classNames: json("classNames", isNames),
    source: json("source", isListOf(isSourceFile)),
    steps: json("steps", isNames),
    fingerprint: text("fingerprint"),
    splits: json("splits", isRecordOf(isCount)),
    classCounts: json("classCounts", isCounts),
    mean: json("mean", isNumber),
    standardDeviation: json("standardDeviation", isNumber),
  };
}

export const isSourceFile = (value: unknown): value is SourceFile => {
  const { file, sha256, verified } = (value ?? {}) as Partial<SourceFile>;
  return isText(file) && isText(sha256) && typeof verified === "boolean";
};
