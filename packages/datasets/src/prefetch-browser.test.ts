import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { fromArray } from "@nn/tensor";
import { launchChromium, skipBrowserTests } from "@nn/testing/chromium";
import { build } from "vite";
import { expect, test } from "vitest";
import { augment } from "./augment.ts";
import { copyBatch } from "./copy-batch.ts";
import type { Batch } from "./dataset.ts";
import { datasetFromArrays } from "./dataset-from-arrays.ts";

/** The sources of a page; its program is also run here. */
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const page = `
import { fromArray } from "@nn/tensor";
import { augment } from "${file("augment.ts")}";
import { datasetFromArrays } from "${file("dataset-from-arrays.ts")}";
import { prefetch } from "${file("web.ts")}";
${images}
${sumOf}
window.check = async (workers) => {
  const loader = prefetch(augment(images(fromArray, datasetFromArrays), { shift: 1, rotation: 20, elastic: 1 }), { workers, bufferSize: 3 });
  const sums = [];
  for (const epoch of [0, 1]) {
    for await (const batch of loader.batches({ batchSize: 7, shuffle: true, seed: 3, epoch })) sums.push(sumOf(batch));
  }
  for await (const batch of loader.batches({ batchSize: 7 })) break;
  return sums;
};`;

function images(make: typeof fromArray, dataset: typeof datasetFromArrays) {
  const pixels = Uint8Array.from({ length: 50 * 64 }, (_, i) => (i * 2654435761) >>> 24);
  const labels = Array.from({ length: 50 }, (_, i) => i % 2);
  return dataset({ name: "images", inputs: make(pixels, [50, 8, 8, 1]), labels, classNames: ["a", "b"] });
}

function sumOf({ inputs, targets, indices }: Batch): number {
  return [...inputs.data, ...targets.data, ...indices].reduce((total, value) => (total * 31 + value) % 1000003, 7);
}

/** Every file of the page that a bundler makes of it, the worker's among them. */
async function bundle(): Promise<Map<string, string>> {
  const result = await build({
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@nn/source"] },
    plugins: [
      {
        name: "page",
        resolveId: (id) => (id === "page.js" ? id : null),
        load: (id) => (id === "page.js" ? page : null),
      },
    ],
    build: { write: false, minify: true, rolldownOptions: { input: "page.js", output: { entryFileNames: "page.js" } } },
  });
  const { output } = result as unknown as { output: { fileName: string; code?: string; source?: string }[] };
  return new Map(output.map(({ fileName, code, source }) => [`/${fileName}`, (code ?? source)!]));
}

test.skipIf(skipBrowserTests)("workers of a page in Chromium give the same batches", async () => {
  const files = await bundle();
  const server = createServer((request, response) => {
    const code = files.get(request.url!);
    if (code !== undefined) return response.setHeader("content-type", "text/javascript").end(code);
    response.setHeader("content-type", "text/html").end('<script type="module" src="/page.js"></script>');
  }).listen(0, "127.0.0.1");
  const browser = await launchChromium();
  try {
    const data = augment(images(fromArray, datasetFromArrays), { shift: 1, rotation: 20, elastic: 1 });
    const expected = [0, 1].flatMap((epoch) =>
      Array.from(data.batches({ batchSize: 7, shuffle: true, seed: 3, epoch }), copyBatch).map((batch) => sumOf(batch)),
    );
    const tab = await browser.newPage();
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    for (const workers of [0, 1, 2]) {
      const sums = await tab.evaluate((count) => (globalThis as never as Page).check(count), workers);
      expect(sums).toEqual(expected);
      // Leaving the last loop early ended them.
      await expect.poll(() => tab.workers().length).toBe(0);
    }
  } finally {
    await browser.close();
    server.close();
  }
});

interface Page {
  check(workers: number): Promise<number[]>;
}
