import { wasm } from "@nn/tensor";
import { expect, test } from "vitest";
import { lineReporter } from "../progress.ts";
import { fakeData } from "../train/test-recipe.ts";
import { benchBatches, type Effects } from "./command.ts";
import { feeds } from "./feeds.ts";
import { measureFeeds } from "./measure.ts";

async function run(...args: readonly string[]) {
  const out: string[] = [];
  const errors: string[] = [];
  const effects: Effects = {
    data: fakeData,
    backend: wasm(),
    environment: () => ({ cpu: "none" }),
    load: () => [0.5, 0.25, 0],
    out: (text) => void out.push(text),
    error: (text) => void errors.push(text),
    reporter: () => lineReporter(() => undefined),
  };
  return { code: await benchBatches(args, effects), out: out.join(""), errors: errors.join("") };
}

test("--help names every option and feed", async () => {
  const { code, out, errors } = await run("--help");
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  for (const name of ["--rounds", "--steps", "--quiet", "--json", ...feeds.map((feed) => feed.name)])
    expect(out).toContain(name);
});

test.each(["0", "1.5", "many"])("refuses %s rounds", async (rounds) => {
  const { code, errors } = await run("--rounds", rounds);
  expect(code).toBe(2);
  expect(errors).toContain("Expected a whole number from 1");
});

test("times every feed, and the bars are printed", async () => {
  const { code, out, errors } = await run("--rounds", "2", "--steps", "4", "--quiet", "1000");
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  for (const { name } of feeds) expect(out).toMatch(new RegExp(`^${name} +2 +[\\d,]+ `, "m"));
  expect(out).toMatch(/^[✓✗] prefetch ÷ resident: [\d.]+, at least 0.95$/m);
});

test("answers in JSON", async () => {
  const { out } = await run("--rounds", "2", "--steps", "3", "--json");
  const { setting, feeds: results } = JSON.parse(out);
  expect(setting).toMatchObject({ environment: { cpu: "none" }, rounds: 2, steps: 3, loadBefore: [0.5, 0.25, 0] });
  expect(results.map(({ name }: { name: string }) => name)).toEqual(feeds.map(({ name }) => name));
  expect(results[0]).toMatchObject({ ratio: 1, interval: [1, 1], median: expect.any(Number) });
});

test("a feed that is not the same as the one it names is an error", async () => {
  const [, batches, , , other] = feeds;
  const wrong = { ...other!, sameAs: batches!.name };
  const options = { rounds: 1, stepsPerRound: 2, backend: wasm(), progress: () => undefined };
  await expect(measureFeeds([batches!, wrong], await fakeData.mnist("train"), options)).rejects.toThrow(
    "prefetch-augment led to other losses than batches",
  );
});

test("a round that other programs disturb counts for no feed", async () => {
  const options = { rounds: 3, stepsPerRound: 1, quietCores: 0.5, backend: wasm(), progress: () => undefined };
  const measure = (cores: readonly number[]) => {
    const left = [...cores];
    const watch = () => () => left.shift()!;
    return fakeData.mnist("train").then((data) => measureFeeds(feeds.slice(0, 2), data, { ...options, watch }));
  };
  // Two feeds in each of four rounds, of which the first does not count.
  const measured = await measure([0, 9, 0, 0, 9, 0, 0.5, 0]);
  expect(measured.map(({ rates }) => rates.length)).toEqual([2, 2]);
  await expect(measure([0, 0, 0, 9, 9, 0, 9, 9])).rejects.toThrow("no round of 3 was quiet: take more");
});
