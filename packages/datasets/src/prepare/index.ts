export type { ShardLayout, SourceFile } from "../arrow/schema.ts";
export type { Manifest, ShardEntry, SplitEntry } from "../manifest.ts";
export type { PrepareOptions, PrepareProgress } from "./prepare.ts";
export { prepare } from "./prepare.ts";
export type { ImageStrip, Source, StripSource, ValueBlock, ValueSource } from "./source.ts";
export { datasetSource } from "./sources/dataset.ts";
export type { IdxFile, IdxSplit } from "./sources/idx.ts";
export { idxSource } from "./sources/idx.ts";
