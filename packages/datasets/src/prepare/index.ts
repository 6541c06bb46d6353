export type { ShardLayout, SourceFile } from "../arrow/schema.ts";
export type { Manifest, PrepareReport, ShardEntry, SplitEntry } from "../manifest.ts";
export type { DecodeOptions } from "./decode.ts";
export type { Described } from "./description.ts";
export { readDescription } from "./description.ts";
export type { ImageSize } from "./grey.ts";
export type { ImageOptions } from "./image-transform.ts";
export { prepare } from "./prepare.ts";
export { type PrepareImageOptions, prepareImage } from "./prepare-image.ts";
export type { PrepareOptions, PrepareProgress } from "./prepare-options.ts";
export type {
  ImageItem,
  ImageSource,
  ImageStrip,
  LeftOut,
  Refusal,
  Source,
  StripSource,
  ValueBlock,
  ValueSource,
} from "./source.ts";
export { datasetSource } from "./sources/dataset.ts";
export type { FileNameOptions } from "./sources/file-name.ts";
export { fileNameSource } from "./sources/file-name.ts";
export type { FolderOptions } from "./sources/folder.ts";
export { folderSource } from "./sources/folder.ts";
export type { IdxFile, IdxOptions, IdxSplit } from "./sources/idx.ts";
export { idxSource } from "./sources/idx.ts";
export type { SpriteOptions, SpriteSplit } from "./sources/sprite.ts";
export { spriteSource } from "./sources/sprite.ts";
export type { TableOptions } from "./sources/table.ts";
export { tableSource } from "./sources/table.ts";
