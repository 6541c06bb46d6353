import { expect, test } from "vitest";
import { defaultState, formatHash, parseHash, type ViewState } from "./view-state.ts";

const recipes = ["moons-workshop", "mnist-mlp", "a,b:c"];
const usual = defaultState(recipes);

test.each<[string, Partial<ViewState>, string]>([
  ["nothing chosen", {}, ""],
  ["some runs", { runs: ["mnist-mlp"] }, "runs=mnist-mlp"],
  ["no runs", { runs: [] }, "runs="],
  ["axes", { x: "epoch", y: "log", layout: "together" }, "x=epoch&y=log&layout=together"],
  ["smoothing", { smoothing: 0.6 }, "smoothing=0.6"],
  ["a step", { step: { "moons-workshop": 12_000 } }, "step=moons-workshop:12000"],
  ["a cell", { cell: { "mnist-mlp": [4, 9] } }, "cell=mnist-mlp:4-9"],
  ["wrong ones", { wrong: ["mnist-mlp"] }, "wrong=mnist-mlp"],
  ["a name with signs", { step: { "a,b:c": 1 } }, "step=a,b:c:1"],
])("%s stands in the address and comes back", (_, change, hash) => {
  const state = { ...usual, ...change };
  expect(formatHash(state, recipes)).toBe(hash);
  expect(parseHash(`#${hash}`, recipes)).toEqual(state);
});

test.each([
  "#x=sideways&y=cubic&layout=heap",
  "#smoothing=1",
  "#smoothing=-1",
  "#smoothing=much",
  "#step=unknown:5&step=mnist-mlp:-5&step=mnist-mlp:five",
  "#cell=mnist-mlp:4&cell=mnist-mlp:a-b&cell=mnist-mlp",
  "#wrong=unknown",
  "#run-mnist-mlp",
  "#%E0%A4%A",
])("%s leaves everything at its default", (hash) => {
  expect(parseHash(hash, recipes)).toEqual(usual);
});

test("runs come in the order of the page, unknown ones are left out", () => {
  expect(parseHash("#runs=mnist-mlp,unknown,moons-workshop", recipes).runs).toEqual(["moons-workshop", "mnist-mlp"]);
});
