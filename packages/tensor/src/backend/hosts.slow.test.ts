/** Hosts that lack something or refuse it, each a process of its own: a clear error or the reference loops, never a wrong number. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

/** What a program of its own prints that begins with `change`, before it loads the package. */
async function runIn(change: string, source: string): Promise<{ stdout: string; stderr: string }> {
  const index = new URL("../index.ts", import.meta.url).href;
  const program = `${change};
    const { add, compile, compileStep, fromArray, matmul, ones, tensor, wasm, zeros } = await import(${JSON.stringify(index)});
    const report = async (act) => {
      try { console.log(await act()); } catch (error) { console.log(error.name + ": " + error.message); }
    };
    ${source}`;
  const flags = ["--conditions=@nn/source", "--input-type=module-typescript", "--eval", program];
  return promisify(execFile)(process.execPath, flags, { env: {} });
}

/** Two programs over one state: of inputs of 2 × 2, and of 40 × 40 with a larger module. */
const twoPrograms = `
  const step = compileStep((sum, x) => {
    let y = matmul(x, x);
    if (x.shape[0] > 2) for (let i = 0; i < 30; i++) y = matmul(add(y, sum), x);
    return { state: add(sum, 1), outputs: y };
  }, fromArray(Float32Array.of(0), []));
  await report(() => step.run(ones([2, 2])).data.join(" "));
  await report(() => step.run(zeros([40, 40])).data[7]);
  await report(() => step.run(ones([2, 2])).data.join(" "));
  await report(() => step.state().data[0]);
`;
const computed = "2 2 2 2\n0\n2 2 2 2\n3\n";

/** Compiling is refused as in Chrome before 115 on a page's main thread. */
const smallModulesOnly = `
  const { Module } = WebAssembly;
  WebAssembly.Module = function (bytes) {
    if (bytes.byteLength > 4096) throw new RangeError("WebAssembly.Compile is disallowed on the main thread, if the buffer size is larger than 4KB.");
    return new Module(bytes);
  }`;
const refuses = (name: string): string =>
  `WebAssembly.${name} = function () { throw new WebAssembly.CompileError("refused by policy"); }`;

describe("the default backend computes", () => {
  test.each([
    ["without WebAssembly", "Object.defineProperty(globalThis, 'WebAssembly', { value: undefined })"],
    ["without vectors", "WebAssembly.validate = () => false"],
    ["where every module is refused", refuses("Module")],
    ["where every instance is refused", refuses("Instance")],
    ["where every memory is refused", refuses("Memory")],
    ["where large modules are refused", smallModulesOnly],
    [
      "where a second program is refused",
      `const { Instance } = WebAssembly; let made = 0;
       WebAssembly.Instance = function (...args) { if (made++ > 1) throw new RangeError("too many"); return new Instance(...args); }`,
    ],
  ])("%s", async (_, change) => {
    expect(await runIn(change, twoPrograms)).toEqual({ stdout: computed, stderr: "" });
  });
});

test.each([
  [
    "no WebAssembly",
    "Object.defineProperty(globalThis, 'WebAssembly', { value: undefined })",
    /without WebAssembly SIMD/,
  ],
  ["no vectors", "WebAssembly.validate = () => false", /without WebAssembly SIMD/],
  [
    "no modules",
    refuses("Module"),
    /refuses a WebAssembly module .*refused by policy.*'wasm-unsafe-eval'.*default backend/,
  ],
  ["no instances", refuses("Instance"), /refuses an instance .*refused by policy.*default backend/],
  ["no memories", refuses("Memory"), /refuses a WebAssembly memory .*refused by policy.*default backend/],
])("wasm() where there are %s says why, and a way out", async (_, change, message) => {
  const { stdout } = await runIn(change, "await report(() => wasm().name);");
  expect(stdout).toMatch(/^ArgumentError: wasm: received /);
  expect(stdout).toMatch(message);
});

test("a module that is too large for the host is an ArgumentError of an engine that was asked for", async () => {
  const source = `
    const many = (x) => { let y = x; for (let i = 0; i < 30; i++) y = matmul(add(y, i), x); return y; };
    await report(() => compile(many, { backend: wasm() })(ones([40, 40])).size);
    await report(() => compile((x) => add(x, 1), { backend: wasm() })(ones([4])).data.join(" "));`;
  const { stdout } = await runIn(smallModulesOnly, source);
  expect(stdout).toMatch(
    /^ArgumentError: wasm: received a host that refuses a WebAssembly module of \d+ bytes \(RangeError: .*\); .* compute in a worker. Or: use the default backend/,
  );
  expect(stdout.trimEnd().endsWith("2 2 2 2")).toBe(true);
});

/** The host is as a page that is isolated: it has `Worker`, and no thread of Node. */
const asPage = (worker: string): string => `
  delete process.getBuiltinModule;
  globalThis.crossOriginIsolated = true;
  globalThis.Worker = class { terminate() {} addEventListener(kind, listener) { this.listener = listener; } ${worker} }`;

describe("threads", () => {
  const shared = `
    const x = ones([96, 96]);
    let backend;
    await report(() => { backend = wasm({ threads: 2 }); return backend.name; });
    const f = compile((x) => matmul(x, x), { backend });
    await report(() => f(x).data[5]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await report(() => f(x).data[5] + " " + backend.sharedRuns);`;
  // One processor would need no second thread.
  const processors = "Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 })";

  test.each([
    [
      "without SharedArrayBuffer",
      "delete globalThis.SharedArrayBuffer",
      "2 threads in a host without SharedArrayBuffer",
    ],
    [
      "whose workers take no shared memory",
      asPage(`postMessage() { throw new DOMException("not cloneable", "DataCloneError"); }`),
      "2 threads in a host that refuses workers with shared memory (DataCloneError: not cloneable)",
    ],
    [
      "that throws at a worker",
      asPage(`constructor() { throw new DOMException("worker-src", "SecurityError"); }`),
      "2 threads in a host that refuses workers with shared memory (SecurityError: worker-src)",
    ],
    [
      "whose shared memory is not shared",
      "const { Memory } = WebAssembly; WebAssembly.Memory = function (limits) { return new Memory({ ...limits, shared: false }); }",
      "a host that refuses a WebAssembly memory that threads share (TypeError: its buffer is not shared)",
    ],
    ["without isolation", "delete process.getBuiltinModule", "2 threads in a Node before 22.3"],
  ])("in a host %s are refused before anything is computed", async (_, change, received) => {
    const { stdout } = await runIn(`${processors}; ${change}`, "await report(() => wasm({ threads: 2 }).name);");
    expect(stdout).toContain(`ArgumentError: wasm: received ${received}`);
  });

  test("whose worker never begins leave the work to the caller, and say so", async () => {
    const refusing = asPage("postMessage() { setTimeout(() => this.listener({ type: 'error' })); }");
    const { stdout, stderr } = await runIn(`${processors}; ${refusing}`, shared);
    expect(stdout).toBe("wasm\n96\n96 0\n");
    expect(stderr).toMatch(/a thread is gone \(it could not start; .*worker-src blob:\)/);
    expect(stderr).not.toContain("[object");
  });

  test("whose modules cannot be posted leave the work to the caller, and say so", async () => {
    const refusing = asPage(
      `postMessage({ module }) { if (module) throw new DOMException("no module", "DataCloneError"); }`,
    );
    const { stdout, stderr } = await runIn(`${processors}; ${refusing}`, shared);
    expect(stdout).toBe("wasm\n96\n96 0\n");
    expect(stderr.match(/a thread is gone \(DataCloneError: no module\)/g)).toHaveLength(1);
  });
});
