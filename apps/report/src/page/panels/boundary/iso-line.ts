/** A piece of a line, in grid coordinates: x counts columns, y rows. */
export interface Segment {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/**
 * Where a grid of values (row-major, `rows` × `columns`) passes through `level`: marching squares, linear between
 * neighbours. Unlike a filled contour it draws nothing along the sides of the grid.
 */
export function isoLine(values: ArrayLike<number>, rows: number, columns: number, level: number): Segment[] {
  const at = (row: number, column: number): number => (values[row * columns + column] ?? Number.NaN) - level;
  const segments: Segment[] = [];
  for (let row = 0; row + 1 < rows; row++)
    for (let column = 0; column + 1 < columns; column++) {
      const corners = [at(row, column), at(row, column + 1), at(row + 1, column + 1), at(row + 1, column)];
      const crossings = crossingsOf(corners).map(([x, y]) => [column + x, row + y] as const);
      // Four crossings are a saddle; either pairing is right, and this one never lets two pieces cross.
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        const [from, to] = [crossings[i], crossings[i + 1]];
        if (from && to) segments.push({ x1: from[0], y1: from[1], x2: to[0], y2: to[1] });
      }
    }
  return segments;
}

/** Where the sides of one unit square change sign, going round it: its corners are (0,0) (1,0) (1,1) (0,1). */
function crossingsOf(corners: readonly number[]): [x: number, y: number][] {
  const [a = 0, b = 0, c = 0, d = 0] = corners;
  const crossings: [number, number][] = [];
  if (a < 0 !== b < 0) crossings.push([a / (a - b), 0]);
  if (b < 0 !== c < 0) crossings.push([1, b / (b - c)]);
  if (c < 0 !== d < 0) crossings.push([1 - c / (c - d), 1]);
  if (d < 0 !== a < 0) crossings.push([0, 1 - d / (d - a)]);
  return crossings;
}
