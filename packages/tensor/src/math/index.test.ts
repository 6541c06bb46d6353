import { expect, test } from "vitest";
import * as math from "./index.ts";

test("functions of one number", () => {
  expect(Object.keys(math).sort()).toEqual(["cos", "exp", "log", "sin", "tanh"]);
  for (const [name, f] of Object.entries(math)) expect(f(0.5)).toBeCloseTo(Math[name as keyof typeof math](0.5), 14);
});
