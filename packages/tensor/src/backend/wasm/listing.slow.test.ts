/** What V8 makes of the matrix products of the MNIST recipe, read from its own listing. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type Instruction, innermostLoops, parseListing, touchesStack } from "../../../test/code-listing.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "../../../test/print-kernels.ts");

// Read on the machine that most of these programs run on; V8 packs nothing elsewhere.
const packs = (process.config.variables as { v8_enable_wasm_simd256_revec?: unknown }).v8_enable_wasm_simd256_revec;
const readable = process.arch === "x64" && Boolean(packs);

/** The loops over k: those that spread elements of A over vectors and multiply them. */
async function loopsOverK(
  mode: string,
  width: string,
): Promise<{ readonly index: number; readonly loop: Instruction[] }[]> {
  const flags = [
    "--conditions=@nn/source",
    "--no-liftoff",
    ...(width === "wide" ? ["--experimental-wasm-revectorize"] : []),
  ];
  const { stdout } = await run(process.execPath, [...flags, program, mode, width], {
    env: {},
    maxBuffer: 2 ** 26,
  });
  return parseListing(stdout).flatMap((each) =>
    innermostLoops(each).flatMap((loop) =>
      count(loop, broadcasts) >= 2 && count(loop, products) >= 8 ? [{ index: each.index, loop }] : [],
    ),
  );
}

function count(loop: readonly Instruction[], pattern: RegExp): number {
  return loop.filter(({ text }) => pattern.test(text)).length;
}

const broadcasts = /^vbroadcastss [xy]mm\d+,\[/;
const products = /^v(mulps|fn?m\w+ps)/;

describe.skipIf(!readable)("the loops over k", () => {
  test.each([
    ["strict", "narrow"],
    ["fast", "narrow"],
    ["strict", "wide"],
    ["fast", "wide"],
  ])("%s, %s: nothing on the stack, nothing but the arithmetic in registers of the width", async (mode, width) => {
    const loops = await loopsOverK(mode, width);
    // Two products forward, one back to the hidden layer, two for the gradients of the weights.
    expect(new Set(loops.map(({ index }) => index)).size).toBe(5);
    for (const { index, loop } of loops) {
      const at = `function ${index}`;
      expect(loop.filter(touchesStack), at).toEqual([]);
      expect(count(loop, /^v(mulps|addps)/) > 0, at).toBe(mode === "strict");
      expect(count(loop, /^vf/) > 0, at).toBe(mode === "fast");
      if (width === "narrow") expect(count(loop, /ymm/), at).toBe(0);
      else expect(count(loop, /^v(mulps|fn?m\w+ps) ymm/), at).toBeGreaterThanOrEqual(count(loop, products) / 2);
    }
    // The two products whose left factor is data follow lists as well: eight products for each element spread.
    const alongLists = loops.filter(({ loop }) => count(loop, products) === 8 * count(loop, broadcasts));
    expect(new Set(alongLists.map(({ index }) => index)).size).toBe(2);
    // Products with whole panels, 256 columns wide, use the wide registers alone.
    const whole = loops.filter(({ loop }) => count(loop, /ymm/) > 0 && count(loop, /xmm/) === 0);
    expect(new Set(whole.map(({ index }) => index)).size).toBe(width === "wide" ? 3 : 0);
  });
});
