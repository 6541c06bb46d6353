import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { CoreExchange } from "./core-exchange.ts";

test.skipIf(availableParallelism() < 2)("two cores pass a value in some nanoseconds, and again", async () => {
  const exchange = new CoreExchange();
  await expect
    .poll(() => exchange.measure(), { timeout: 600_000 })
    .toSatisfy((time: number) => time > 5 && time < 100_000);
  exchange.close();
});

test("without a partner there is no number and no hang", async () => {
  const exchange = new CoreExchange();
  exchange.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(exchange.measure()).toBeNaN();
});

test("rounds wait until the cores are near again, for a while", async () => {
  const exchange = new CoreExchange();
  const times = [500, 100, 150, 420, 410, 110, 400, 400, 400];
  exchange.measure = () => times.shift()!;
  const near = [];
  for (let i = 0; i < 4; i++) near.push(await exchange.whenNear(60_000));
  expect(near).toEqual([500, 100, 150, 110]);
  expect(await exchange.whenNear(400)).toBe(400);
  expect(times).toEqual([]);
  exchange.close();
});
