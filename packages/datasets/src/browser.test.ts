import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** Packages that a module brings along, by following relative imports that are more than types. */
function packagesOf(module: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(module.href)) return new Set();
  seen.add(module.href);
  const packages = new Set<string>();
  const imports = /^(?:import|export) (?!type )[^;]*? from "([^"]+)";|import\("([^"]+)"\)/gms;
  for (const [, from, dynamic] of readFileSync(module, "utf8").matchAll(imports)) {
    const name = (from ?? dynamic)!;
    if (!name.startsWith(".")) packages.add(name);
    else for (const inner of packagesOf(new URL(name, module), seen)) packages.add(inner);
  }
  return packages;
}

test.each([
  ["index.ts", ["@nn/tensor", "@nn/tensor/arguments", "@nn/tensor/math", "@noble/hashes/sha2.js"]],
  ["web.ts", ["@nn/arrow", "@nn/tensor", "@nn/tensor/arguments", "@nn/tensor/math", "@noble/hashes/sha2.js"]],
  ["web/prefetch-worker.ts", ["@nn/tensor", "@nn/tensor/arguments", "@nn/tensor/math", "@noble/hashes/sha2.js"]],
  ["arrow/read.ts", ["@nn/arrow", "@nn/tensor"]],
])("%s imports nothing that a browser lacks", (file, expected) => {
  expect([...packagesOf(new URL(file, import.meta.url))].sort()).toEqual(expected);
});

test("sharp is imported by prepare alone", () => {
  expect([...packagesOf(new URL("node.ts", import.meta.url))]).not.toContain("sharp");
  expect([...packagesOf(new URL("prepare/index.ts", import.meta.url))]).toContain("sharp");
});
