/** A greyscale picture in memory. */

/** Pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/** One byte a pixel, row by row. */
export interface Grey extends ImageSize {
  readonly pixels: Uint8Array;
}
