/**
 * Adds up what each workspace's `test` script left in test-results.json and prints one line, `N passed, N failed,
 * N skipped`. Fails when a test failed, and when a workspace that has tests left no results or ran none.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const total = { passed: 0, failed: 0, skipped: 0 };
const problems: string[] = [];

for (const manifest of globSync("{packages,apps,datasets}/*/package.json", { cwd: root }).sort()) {
  const { scripts } = JSON.parse(readFileSync(join(root, manifest), "utf8"));
  if (scripts?.test === undefined) continue;
  const workspace = dirname(manifest);
  try {
    const results = JSON.parse(readFileSync(join(root, workspace, "test-results.json"), "utf8"));
    if (!(results.numTotalTests > 0)) problems.push(`${workspace}: ran no test`);
    if (results.success !== true) problems.push(`${workspace}: did not succeed`);
    total.passed += results.numPassedTests;
    total.failed += results.numFailedTests;
    total.skipped += results.numPendingTests + results.numTodoTests;
  } catch (error) {
    problems.push(`${workspace}: no readable test-results.json (${(error as Error).message})`);
  }
}

for (const problem of problems) console.error(problem);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
if (problems.length > 0) process.exitCode = 1;
