/** The structure that every check here takes: a tensor of any library, row-major, its `data` as long as its `shape` says. */
export interface ArrayValues {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Position of a flat offset in a row-major array of `shape`, as `[1, 0, 2]`; `[]` for a scalar. */
export function positionOf(offset: number, shape: readonly number[]): string {
  const position: number[] = [];
  let rest = offset;
  for (const size of shape.toReversed()) {
    position.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return `[${position.join(", ")}]`;
}

/** Throws when `data` is not as long as `shape` says: no comparison of such values means anything. */
export function checkConsistent(name: string, values: ArrayValues): void {
  const size = values.shape.reduce((product, length) => product * length, 1);
  if (values.data.length !== size) {
    throw new Error(
      `${name}: shape [${values.shape.join(", ")}] holds ${size} values but data has ${values.data.length}`,
    );
  }
}
