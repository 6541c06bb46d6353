// The one vitest configuration: every package runs it with its own folder as root.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["@nn/source"] },
  ssr: { resolve: { conditions: ["@nn/source"] } },
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    passWithNoTests: false,
    // Time is not what is tested: a busy machine may take its time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    setupFiles: [fileURLToPath(new URL("packages/testing/src/silence.ts", import.meta.url))],
    // Read by .ci/count-tests.ts.
    reporters: ["default", "json"],
    outputFile: { json: "test-results.json" },
  },
});
