/** The test that 256-bit kernels pass: it fails where it must, and it sees what the optimising compiler makes. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Graph } from "../../graph/graph.ts";
import type { Program } from "../backend.ts";
import { reference } from "../reference/reference.ts";
import { selfTest } from "./self-test.ts";
import { wasm } from "./wasm.ts";

const index = new URL("../../index.ts", import.meta.url).href;

async function runProgram(flags: readonly string[], source: string): Promise<{ stdout: string; stderr: string }> {
  const all = [...flags, "--conditions=@nn/source", "--input-type=module-typescript", "--eval", source];
  return promisify(execFile)(process.execPath, all, { env: {}, maxBuffer: 2 ** 28 });
}

test("kernels with the reference's bits pass", () => {
  for (const backend of [reference, wasm(), wasm({ wide: true })])
    expect(selfTest((graph) => backend.compile(graph, []))).toBe(true);
});

test.each([0, 500])("one wrong bit of an output fails, be it after %i runs", (after) => {
  const wrong = (graph: Graph): Program => {
    const program = reference.compile(graph, []);
    let runs = 0;
    return {
      run(inputs) {
        const outputs = program.run(inputs);
        if (runs++ >= after) outputs.at(-1)![7]! *= 1 + 2 ** -23;
        return outputs;
      },
    };
  };
  expect(selfTest(wrong)).toBe(false);
});

test("an engine whose 256-bit kernels are wrong warns once and computes with 128 bits", async () => {
  // The first program, that of the test, finds ones in most of its memory behind each run.
  const { stdout, stderr } = await runProgram(
    [],
    `const { compile, matmul, tensor, wasm } = await import(${JSON.stringify(index)});
     const { Instance } = WebAssembly;
     let broken = 0;
     WebAssembly.Instance = function (module, imports) {
       const { exports } = new Instance(module, imports);
       // Without memory it is the probe of what the host takes.
       if (imports.engine.memory === undefined || broken++ > 0) return { exports };
       return { exports: { run(...args) { exports.run(...args); new Float32Array(imports.engine.memory.buffer).fill(1, 2048); } } };
     };
     const run = () => compile(matmul, { backend: wasm({ wide: true }) })(tensor([[1, 2], [3, 4]]), tensor([[1, 2], [3, 4]]));
     console.log(run().data.join(" "), run().data.join(" "));`,
  );
  expect(stdout).toBe("7 10 15 22 7 10 15 22\n");
  expect(stderr.match(/256-bit kernels gave other bits/g)).toHaveLength(1);
});

const packs = (process.config.variables as { v8_enable_wasm_simd256_revec?: unknown }).v8_enable_wasm_simd256_revec;

test.skipIf(process.arch !== "x64" || !packs)("what it tests is what the optimising compiler packed", async () => {
  const flags = ["--experimental-wasm-revectorize", "--print-wasm-code"];
  const source = `const { wasm } = await import(${JSON.stringify(index)}); wasm({ wide: true });`;
  const { stdout } = await runProgram(flags, source);
  const functions = stdout.split(/^--- WebAssembly code ---$/m).filter((text) => text.includes("compiler: TurboFan"));
  // The products that skip zeros and the others, the softmax.
  expect(functions.filter((text) => /\bymm\d/.test(text)).length).toBeGreaterThanOrEqual(5);
});
