/**
 * Where rows come from. A source knows ahead what it holds and gives the rows of each split in order, from any row on, so
 * that a run that was cut off can go on. Adding a source means adding a file to `sources/`.
 */

import type { ShardLayout, SourceFile } from "../arrow/schema.ts";
import type { InputData } from "../columns.ts";

interface SourceFacts {
  /** Rows of each split, in the order in which they are written; of images, those that are tried. */
  readonly splits: Readonly<Record<string, number>>;
  /** The files read, with the sums that they were found to have. Empty where they are only known once they are read. */
  readonly files: readonly SourceFile[];
  /** What the source did to make its rows, as `name@version(params)`. */
  readonly steps: readonly string[];
  /** The classes as the source found them, in the order of its labels; absent where labels are all that it knows. */
  readonly classNames?: readonly string[];
  /** What the source saw and left out. */
  readonly leftOut?: LeftOut;
  /**
   * Changes whenever the data do, as far as one can tell without reading files; absent where `files` says it all. Without
   * either, nothing that an earlier run wrote is kept.
   */
  readonly state?: string;
}

export interface LeftOut {
  /** Images without a label. */
  readonly unlabelled: number;
  /** Files that are no images by their name. */
  readonly otherFiles: number;
  /** Files that were refused, such as links that lead out of the folder: their number, and the first hundred by name. */
  readonly refused: number;
  readonly refusedFiles: readonly Refusal[];
}

/** A file that was left out, and why. */
export interface Refusal {
  readonly file: string;
  readonly reason: string;
}

/** Rows that need no decoding: (rows, …inputShape) values and a label each. */
export interface ValueBlock {
  readonly inputs: InputData;
  readonly labels: Uint8Array;
}

export interface ValueSource extends SourceFacts {
  readonly kind: "values";
  readonly layout: ShardLayout;
  /** The rows of a split from row `from` on. */
  readonly blocks: (split: string, from: number) => AsyncIterable<ValueBlock> | Iterable<ValueBlock>;
}

/** Greyscale images of one size, stacked into one tall picture: (rows, height, width) bytes. */
export interface ImageStrip {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

export interface StripSource extends SourceFacts {
  readonly kind: "strips";
  readonly layout: ShardLayout;
  readonly blocks: (split: string, from: number) => AsyncIterable<ImageStrip> | Iterable<ImageStrip>;
}

/** One image in a file of its own. */
export interface ImageItem {
  /** What reports call it: its path in the source's folder, with slashes. */
  readonly id: string;
  readonly label: number;
  /** The bytes of the file. @throws DataError when there is none or it is not what its name says. */
  readonly read: () => Uint8Array;
}

export interface ImageSource extends SourceFacts {
  readonly kind: "images";
  /** The folder that was searched for files, where one was: what is prepared must not go there. */
  readonly searched?: string;
  readonly images: (split: string, from: number) => Iterable<ImageItem>;
}

export type Source = ValueSource | StripSource | ImageSource;
