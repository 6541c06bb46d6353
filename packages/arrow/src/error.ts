/** Bytes that are no valid Arrow data, or values that Arrow cannot hold. A caller wraps it in its own error, with the file's name. */
export class ArrowError extends Error {
  /** What was found, as a noun phrase: `a body of -8 bytes`. */
  readonly found: string;
  /** Where in the stream, in bytes; undefined where the position is not known. */
  readonly position: number | undefined;

  constructor(found: string, position?: number) {
    super(position === undefined ? found : `${found} at byte ${position}`);
    this.name = "ArrowError";
    this.found = found;
    this.position = position;
  }
}

/** Runs `read`; an ArrowError without a position gets this one. */
export function withPosition<T>(position: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ArrowError && error.position === undefined) throw new ArrowError(error.found, position);
    throw error;
  }
}
