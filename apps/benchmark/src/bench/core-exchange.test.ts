import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { CoreExchange } from "./core-exchange.ts";

test.skipIf(availableParallelism() < 2)("two cores pass a value in some nanoseconds, and again", async () => {
  const exchange = new CoreExchange();
  await expect
    .poll(() => exchange.measure(), { timeout: 20_000 })
    .toSatisfy((time: number) => time > 5 && time < 100_000);
  exchange.close();
});

test("without a partner there is no number and no hang", async () => {
  const exchange = new CoreExchange();
  exchange.close();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(exchange.measure()).toBeNaN();
});
