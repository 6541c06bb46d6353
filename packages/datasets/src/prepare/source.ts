/**
 * Where rows come from. A source knows ahead what it holds and then gives its rows in blocks, split after split; adding a
 * source means adding a file to `sources/`.
 */

import type { ShardLayout, SourceFile } from "../arrow/schema.ts";
import type { InputData } from "../columns.ts";

interface SourceFacts {
  readonly layout: ShardLayout;
  /** Rows of each split, in the order in which they come. */
  readonly splits: Readonly<Record<string, number>>;
  /** The files read, with the sums that they were found to have. */
  readonly files: readonly SourceFile[];
  /** What the source did to make its rows, as `name@version(params)`. */
  readonly steps: readonly string[];
}

/** Rows that need no decoding: (rows, …inputShape) values and a label each. */
export interface ValueBlock {
  readonly split: string;
  readonly inputs: InputData;
  readonly labels: Uint8Array;
}

export interface ValueSource extends SourceFacts {
  readonly kind: "values";
  readonly blocks: () => AsyncIterable<ValueBlock> | Iterable<ValueBlock>;
}

/** Greyscale images of their final size, stacked into one tall picture: (rows, height, width) bytes. */
export interface ImageStrip {
  readonly split: string;
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

export interface StripSource extends SourceFacts {
  readonly kind: "strips";
  readonly blocks: () => AsyncIterable<ImageStrip> | Iterable<ImageStrip>;
}

export type Source = ValueSource | StripSource;
