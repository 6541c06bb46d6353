/** Numbers of Arrow's IPC format, version 5: message headers, the Type union, the framing. Reader and writer share them. */

export const formatVersion = 4;

export const headers = { schema: 1, recordBatch: 3 } as const;

export const types = { int: 2, floatingPoint: 3, utf8: 5, list: 12, fixedSizeList: 16 } as const;

/** Precisions of FloatingPoint, by number. */
export const precisions: readonly string[] = ["float16", "float32", "float64"];

/** Marker and size before the metadata of a message. */
export const prefixBytes = 8;

/** What a file begins with (padded to 8 bytes) and ends on. */
export const magic = "ARROW1";

/** What follows the last message of a stream. */
export const endMark: Uint8Array = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

/** Sizes of bodies and buffers are multiples of 8. */
export const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8;
