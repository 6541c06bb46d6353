/** Strict reading and writing of Arrow IPC streams and files. Public list only. Nothing here touches Node or the DOM. */
export { type Column, hasValue, listAt, textAt } from "./column.ts";
export { type BatchPlace, type ByteRange, type ColumnPlace, locateColumns } from "./decode/batch.ts";
export { viewColumn } from "./decode/columns.ts";
export { type Block, type Footer, type Reading, readBlock, readFooter, readFrom } from "./decode/file.ts";
export type { FlatTable } from "./decode/flat-table.ts";
export { readableFields, readSchema } from "./decode/schema.ts";
export { cutFrames, type Frame, type Frames } from "./decode/stream.ts";
export { fixedSizeListColumn, listColumn, nullableNumberColumn, numberColumn, textColumn } from "./encode/columns.ts";
export { type FileBatch, FileEncoder } from "./encode/file.ts";
export { encodeStreamBatch, encodeStreamStart } from "./encode/stream.ts";
export { ArrowError, withPosition } from "./error.ts";
export { endMark } from "./format.ts";
export { joinBytes } from "./join-bytes.ts";
export {
  type ArrowType,
  type Field,
  type FixedSizeListType,
  formatType,
  type ListType,
  type NumberArray,
  type NumberType,
  type OtherType,
  type Schema,
} from "./types.ts";
