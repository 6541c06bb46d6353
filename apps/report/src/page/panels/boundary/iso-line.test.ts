import { expect, test } from "vitest";
import { isoLine, type Segment } from "./iso-line.ts";

test.each<[string, number[], number, number, Segment[]]>([
  ["nothing below", [1, 1, 1, 1], 2, 2, []],
  ["nothing above", [0, 0, 0, 0], 2, 2, []],
  ["one row", [0, 1, 0], 1, 3, []],
  ["left and right", [0, 1, 0, 1], 2, 2, [{ x1: 0.5, y1: 0, x2: 0.5, y2: 1 }]],
  ["nearer to the lower value", [0.4, 0.9, 0.4, 0.9], 2, 2, [{ x1: 0.2, y1: 0, x2: 0.2, y2: 1 }]],
  ["below and above", [0, 0, 1, 1], 2, 2, [{ x1: 1, y1: 0.5, x2: 0, y2: 0.5 }]],
  ["one corner", [1, 0, 0, 0], 2, 2, [{ x1: 0.5, y1: 0, x2: 0, y2: 0.5 }]],
])("%s", (_, values, rows, columns, expected) => {
  const segments = isoLine(values, rows, columns, 0.5);
  expect(segments).toHaveLength(expected.length);
  for (const [i, segment] of expected.entries())
    for (const key of ["x1", "y1", "x2", "y2"] as const) expect(segments[i]?.[key]).toBeCloseTo(segment[key], 12);
});

test("a saddle has two pieces, a bump is closed", () => {
  expect(isoLine([1, 0, 0, 1], 2, 2, 0.5)).toHaveLength(2);
  const bump = isoLine([0, 0, 0, 0, 1, 0, 0, 0, 0], 3, 3, 0.5);
  const ends = bump.flatMap(({ x1, y1, x2, y2 }) => [`${x1},${y1}`, `${x2},${y2}`]).sort();
  expect(ends.filter((end, i) => end !== ends[i ^ 1])).toEqual([]);
});
