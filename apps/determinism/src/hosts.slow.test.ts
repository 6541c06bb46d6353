/**
 * Pages whose policies refuse WebAssembly or workers, and one that has everything: in each the default backend computes, and
 * what cannot be had is one clear error, or is done without.
 */

import { launchChromium, skipBrowserTests } from "@nn/testing/chromium";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle } from "./bundle.ts";
import { type Server, serve } from "./serve.ts";

let server: Server;
let browser: Awaited<ReturnType<typeof launchChromium>>;

beforeAll(async () => {
  if (skipBrowserTests) return;
  server = await serve(
    { "/program.js": { type: "text/javascript", body: await bundle("host-program.ts") } },
    {
      "/no-wasm": "script-src 'self'",
      "/no-workers": "script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'",
      "/all": "script-src 'self' 'wasm-unsafe-eval'; worker-src blob:",
    },
  );
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** What expressions give in a page at `path`, and what the page warned of; `change` runs before the page's program. */
async function inPage(path: string, expressions: readonly string[], change: string = "") {
  const page = await browser.newPage();
  const warnings: string[] = [];
  page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  try {
    if (change !== "") await page.addInitScript(change);
    await page.goto(`${server.origin}${path}`);
    const values: unknown[] = [];
    for (const expression of expressions) values.push(await page.evaluate(expression));
    return { values, warnings, errors };
  } finally {
    await page.close();
  }
}

/** The hash of the reference loops, in the page itself. */
const expected = "hosts.expected()";

describe.skipIf(skipBrowserTests)("Chromium", () => {
  test("a policy without WebAssembly: the loops compute, the engine says what refused it", async () => {
    const { values, warnings, errors } = await inPage("/no-wasm", [
      expected,
      "hosts.fitMoons()",
      "hosts.addOne()",
      "hosts.twoPrograms()",
      "hosts.onEngine({})",
      "hosts.onEngine({ threads: 2 })",
    ]);
    const [hash, ofDefault, sum, state, one, two] = values as [string, string, number[], number[], string[], string[]];
    expect(ofDefault).toBe(hash);
    expect(sum).toEqual([2, 2, 2, 2]);
    expect(state).toEqual([2]);
    for (const [name, message] of [one, two]) {
      expect(name).toBe("ArgumentError");
      expect(message).toMatch(/^wasm: received a host that refuses a WebAssembly module .*Content Security/);
      expect(message).toMatch(/add 'wasm-unsafe-eval' to it\. Or: use the default backend/);
    }
    expect([...warnings, ...errors]).toEqual([]);
  });

  test("a policy without workers: one thread does the work of two, and the page says so", async () => {
    const { values, warnings, errors } = await inPage("/no-workers", [
      expected,
      "hosts.fitMoons()",
      "hosts.onEngine({ threads: 2, adaptThreads: true }, 2)",
    ]);
    const [hash, ofDefault, two] = values;
    expect(ofDefault).toBe(hash);
    expect(two).toEqual(["alone", hash]);
    expect(warnings).toEqual([expect.stringMatching(/^@nn\/tensor: a thread is gone \(it could not start; .*blob:\)/)]);
    expect(errors).toEqual([]);
  });

  test.each(["/all", "/isolated"])("two threads and four at %s have the same bits", async (path) => {
    const { values, warnings, errors } = await inPage(path, [
      expected,
      "hosts.onEngine({ threads: 2, adaptThreads: false }, 2)",
      "hosts.onEngine({ threads: 4 }, 2)",
    ]);
    const [hash, two, four] = values as [string, string[], string[]];
    expect(two).toEqual(["shared", hash]);
    expect(four.slice(1)).toEqual([hash]);
    expect([...warnings, ...errors]).toEqual([]);
  });

  test.each([
    [
      "a page that is not isolated",
      "/open",
      "",
      /^wasm: received 2 threads in a page that is not cross-origin isolated; expected threads: 1, or a page served with COOP/,
    ],
    [
      "workers that take no shared memory",
      "/isolated",
      `Worker.prototype.postMessage = function () { throw new DOMException("not cloneable", "DataCloneError"); };`,
      /^wasm: received 2 threads in a host that refuses workers with shared memory \(DataCloneError: not cloneable\)/,
    ],
  ])("%s: threads are one ArgumentError, and one thread works", async (_, path, change, message) => {
    const { values } = await inPage(
      path,
      [expected, "hosts.onEngine({ threads: 2 })", "hosts.onEngine({})", "hosts.fitMoons()"],
      change,
    );
    const [hash, two, one, ofDefault] = values as [string, string[], string[], string];
    expect(two[0]).toBe("ArgumentError");
    expect(two[1]).toMatch(message);
    expect(one).toEqual(["alone", hash]);
    expect(ofDefault).toBe(hash);
  });

  test("modules refused above 4 KiB: the loops compute those, the engine names a way out", async () => {
    const limit = `{
      const { Module } = WebAssembly;
      WebAssembly.Module = function (bytes) {
        if (bytes.byteLength > 4096) throw new RangeError("WebAssembly.Compile is disallowed on the main thread");
        return new Module(bytes);
      };
    }`;
    const { values } = await inPage(
      "/isolated",
      [expected, "hosts.fitMoons()", "hosts.addOne()", "hosts.twoPrograms()", "hosts.onEngine({})"],
      limit,
    );
    const [hash, ofDefault, sum, state, engine] = values as [string, string, number[], number[], string[]];
    expect([ofDefault, sum, state]).toEqual([hash, [2, 2, 2, 2], [2]]);
    expect(engine[0]).toBe("ArgumentError");
    expect(engine[1]).toMatch(
      /refuses a WebAssembly module of \d+ bytes \(RangeError: .*compute in a worker\. Or: use the default/,
    );
  });

  test("a worker that is gone leaves a page's training to the others", async () => {
    // Keeps the workers, to end them as the system would.
    const change = `{
      const { Worker } = globalThis;
      globalThis.workers = [];
      globalThis.Worker = class extends Worker { constructor(...args) { super(...args); workers.push(this); } };
      globalThis.endWorkers = () => { for (const worker of workers) Worker.prototype.terminate.call(worker); };
    }`;
    const { values, errors } = await inPage(
      "/isolated",
      [expected, "hosts.onEngine({ threads: 2 }, 3, () => endWorkers())"],
      change,
    );
    const [hash, two] = values as [string, string[]];
    expect(two.slice(1)).toEqual([hash]);
    expect(errors).toEqual([]);
  });
});
