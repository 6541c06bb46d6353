/** A run goes on elsewhere: with another number of threads, another width of vectors, in a browser. */

import { fileURLToPath } from "node:url";
import { crossEntropy, dense, type Model, sequential, tanh } from "@nn/model";
import { type WasmOptions, wasm } from "@nn/tensor";
import { launchChromium, skipBrowserTests } from "@nn/testing/chromium";
import { build } from "vite";
import { expect, test } from "vitest";
import { fit } from "../fit/fit.ts";
import type { Run } from "../fit/run.ts";
import { sgd } from "../optimizers/sgd.ts";
import { halfCircles } from "../test-data.ts";
import { eventsOf, type RunName, resultOf, runs } from "../test-runs.ts";
import { MemoryStore } from "./memory-store.ts";

test.each<[string, WasmOptions]>([
  ["1 and 2 threads", { threads: 2 }],
  ["128 and 256 bits", { wide: true }],
])("%s in turn", async (_, options) => {
  const [one, other] = [wasm(), wasm(options)];
  // Large enough for the work to be shared.
  const model = sequential([2], dense(256), tanh(), dense(256), tanh(), dense(2)) as unknown as Model;
  const training = { loss: crossEntropy(), optimizer: sgd({ momentum: 0.9 }), epochs: 2, batchSize: 512 };
  const data = halfCircles(2048) as never;
  try {
    const expected = resultOf((await fit(model, data, { ...training, backend: one } as never)) as never);
    const checkpoint = { in: new MemoryStore() };
    for (let turn = 0; ; turn++) {
      const backend = turn % 2 === 0 ? one : other;
      const events = fit.events(model, data, { ...training, backend, checkpoint } as never);
      let run: Run | undefined;
      for await (const event of events) {
        if (event.type === "step" && event.step % 3 === 0) events.stop("change");
        else if (event.type === "end") run = event.run as never;
      }
      if (run?.stopped === "change") continue;
      expect(resultOf(run!)).toEqual(expected);
      return expect(turn).toBe(2);
    }
  } finally {
    one.close();
    other.close();
  }
});

test.skipIf(skipBrowserTests)("from Node to Chromium", async () => {
  const entry = fileURLToPath(new URL("../test-runs.ts", import.meta.url));
  const result = await build({
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@nn/source"] },
    build: { write: false, minify: false, lib: { entry, formats: ["iife"], name: "nn" } },
  });
  const [{ output }] = result as unknown as [{ output: { code: string }[] }];
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: output[0]!.code });
    for (const name of Object.keys(runs) as RunName[]) {
      let expected: unknown;
      for await (const event of eventsOf(name, undefined)) if (event.type === "end") expected = resultOf(event.run);
      const store = new MemoryStore();
      for await (const event of eventsOf(name, store)) if (event.type === "step" && event.step === 10) break;
      const program = `(async () => {
        const bytes = Uint8Array.of(${store.bytes!.join()});
        const events = nn.eventsOf("${name}", { read: async () => bytes, write: async () => undefined });
        let steps = 0;
        for await (const event of events) {
          if (event.type === "step") steps++;
          if (event.type === "end") return { steps, result: nn.resultOf(event.run) };
        }
      })()`;
      const { steps, result } = (await page.evaluate(program)) as { steps: number; result: unknown };
      expect(result).toEqual(expected);
      expect(steps).toBe((expected as { steps: number }).steps - 8);
    }
  } finally {
    await browser.close();
  }
});
