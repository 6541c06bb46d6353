// The one vitest configuration: every package runs it with its own folder as root.
// Tests come at two speeds. NN_TESTS=unit runs `x.test.ts`, in parallel. NN_TESTS=slow runs `x.slow.test.ts` one file after
// another: memory, threads under load, V8's listings, killed processes, browsers, whole programs. Without it both run.
import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";

const speed = process.env.NN_TESTS;
if (speed !== undefined && speed !== "unit" && speed !== "slow") {
  throw new Error(`NN_TESTS: received "${speed}"; expected "unit" or "slow".`);
}
const folders = ["src", "test"];

export default defineConfig({
  resolve: { conditions: ["@nn/source"] },
  ssr: { resolve: { conditions: ["@nn/source"] } },
  test: {
    include: folders.map((folder) => `${folder}/**/*.${speed === "slow" ? "slow." : ""}test.ts`),
    exclude: [...configDefaults.exclude, ...(speed === "unit" ? ["**/*.slow.test.ts"] : [])],
    fileParallelism: speed !== "slow",
    passWithNoTests: false,
    // No verdict depends on the time a test takes: these limits only end what hangs.
    testTimeout: 900_000,
    hookTimeout: 900_000,
    setupFiles: ["silence", "equal-tensors"].map((name) =>
      fileURLToPath(new URL(`packages/testing/src/${name}.ts`, import.meta.url)),
    ),
    // Read by .ci/count-tests.ts.
    reporters: ["default", "json"],
    outputFile: { json: `test-results/${speed ?? "all"}.json` },
  },
});
