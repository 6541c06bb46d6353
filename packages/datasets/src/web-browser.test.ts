import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launchChromium, skipBrowserTests } from "@nn/testing/chromium";
import { build } from "vite";
import { expect, test } from "vitest";
import { openDataset } from "./node.ts";
import { prepare, type Source } from "./prepare/index.ts";

const source: Source = {
  kind: "values",
  layout: { column: "image", dtype: "uint8", inputShape: [8, 8, 1] },
  splits: { train: 500 },
  files: [],
  steps: [],
  blocks: function* (_, from) {
    const inputs = Uint8Array.from({ length: (500 - from) * 64 }, (_, i) => ((from * 64 + i) * 2654435761) >>> 24);
    yield { inputs, labels: Uint8Array.from({ length: 500 - from }, (_, i) => (from + i) % 3) };
  },
};

/** What the page is to find: a sum over inputs and labels that depends on their order. */
const sum = (values: ArrayLike<number>) =>
  Array.from(values).reduce((total, value) => (total * 31 + value) % 1000003, 7);

async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL("web.ts", import.meta.url));
  const result = await build({
    configFile: false,
    logLevel: "silent",
    resolve: { conditions: ["@nn/source"] },
    build: { write: false, minify: false, lib: { entry, formats: ["es"], fileName: "web" } },
  });
  const [{ output }] = result as unknown as [{ output: { code: string }[] }];
  return output[0]!.code;
}

test.skipIf(skipBrowserTests)("a page in Chromium fetches the same rows, whole and in part", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nn-web-"));
  const code = await bundle();
  const server = createServer(async (request, response) => {
    const path = request.url!.slice(1);
    if (path === "") return response.setHeader("content-type", "text/html").end("<title>data</title>");
    if (path === "web.js") return response.setHeader("content-type", "text/javascript").end(code);
    const bytes = await readFile(join(folder, path)).catch(() => undefined);
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    if (bytes === undefined) return response.writeHead(404).end();
    return range === null
      ? response.end(bytes)
      : response.writeHead(206).end(bytes.subarray(+range[1]!, +range[2]! + 1));
  }).listen(0, "127.0.0.1");
  const browser = await launchChromium();
  try {
    await prepare(source, { out: folder, name: "d", version: "1", classNames: ["a", "b", "c"], shardSize: 200 });
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    for (const split of ["all", "train[210:215]"]) {
      const data = await openDataset(folder, { split });
      const program = `import("/web.js").then(async ({ fetchDataset }) => {
        const sum = ${sum.toString()};
        const data = await fetchDataset("./", { split: ${JSON.stringify(split)} });
        return [data.size, sum(data.inputs.data), sum(data.targets.data)];
      })`;
      expect(await page.evaluate(program)).toEqual([data.size, sum(data.inputs.data), sum(data.targets.data)]);
    }
  } finally {
    await browser.close();
    server.close();
    await rm(folder, { recursive: true });
  }
});
