import { expect, test } from "vitest";
import { didYouMean } from "./nearest-name.ts";

test.each([
  ["moons-fats", ' Did you mean "moons-fast"?'],
  ["MNIST-MLP", ' Did you mean "mnist-mlp"?'],
  ["mnist", ""],
  ["", ""],
  ["chess", ""],
])("%j", (name, expected) => {
  expect(didYouMean(name, ["moons-fast", "mnist-mlp"])).toBe(expected);
});
