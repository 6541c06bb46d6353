import { expect, test } from "vitest";
import { threefry2x32, unitFloat32 } from "./threefry.ts";

// Known answers for 20 rounds of Random123, which jax.random shares.
test.each([
  { key0: 0, key1: 0, counter0: 0, counter1: 0, words: [0x6b200159, 0x99ba4efe] },
  { key0: -1, key1: -1, counter0: -1, counter1: -1, words: [0x1cb996fc, 0xbb002be7] },
  { key0: 0x13198a2e, key1: 0x03707344, counter0: 0x243f6a88, counter1: 0x85a308d3, words: [0xc4923a9c, 0x483df7a0] },
])("key $key0 $key1, counter $counter0 $counter1", ({ key0, key1, counter0, counter1, words }) => {
  const out = new Uint32Array(4);
  threefry2x32(key0, key1, counter0, counter1, out, 1);
  expect(Array.from(out)).toEqual([0, ...words, 0]);
});

test.each([
  [0, 0],
  [0xff, 0],
  [0x100, 2 ** -24],
  [0x80000000, 0.5],
  [-1, 1 - 2 ** -24],
])("unitFloat32(%d) is %d, in float32 too", (word, expected) => {
  expect(unitFloat32(word)).toBe(expected);
  expect(Math.fround(unitFloat32(word))).toBe(expected);
});
