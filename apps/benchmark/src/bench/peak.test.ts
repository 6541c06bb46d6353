import { expect, test } from "vitest";
import { peakLoop } from "./peak.ts";

test.each([128, 256] as const)("the loop of %i bits is valid code, and every chain of it ran", (bits) => {
  const loop = peakLoop(bits);
  expect(new Set(loop.chains())).toEqual(new Set([0]));
  loop.run();
  // x ← x / 2 + 1 / 2 comes to 1.
  expect(new Set(loop.chains())).toEqual(new Set([1]));
});
