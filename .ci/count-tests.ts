/**
 * Adds up what the workspaces' `test:unit` and `test:slow` scripts left in test-results/ and prints the ten slowest tests and one line,
 * `N passed, N failed, N skipped`. Arguments: the speeds to count; default both. Fails when a test failed, and when a
 * workspace that has tests of a speed left no results or ran none.
 */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

interface Results {
  readonly success: boolean;
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly duration?: number | null }[];
  }[];
}

const SLOWEST = 10;
const root = join(import.meta.dirname, "..");
const speeds = process.argv.length > 2 ? process.argv.slice(2) : ["unit", "slow"];
const total = { passed: 0, failed: 0, skipped: 0 };
const tests: { readonly durationMs: number; readonly name: string }[] = [];
const problems: string[] = [];

for (const manifest of globSync("{packages,apps,datasets}/*/package.json", { cwd: root }).sort()) {
  const { scripts } = JSON.parse(readFileSync(join(root, manifest), "utf8"));
  for (const speed of speeds) if (scripts?.[`test:${speed}`] !== undefined) count(dirname(manifest), speed);
}

tests.sort((a, b) => b.durationMs - a.durationMs);
console.log(`The ${SLOWEST} slowest tests, in seconds:`);
for (const { durationMs, name } of tests.slice(0, SLOWEST)) {
  console.log(`${(durationMs / 1000).toFixed(1).padStart(6)}  ${name}`);
}
for (const problem of problems) console.error(problem);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
if (problems.length > 0) process.exitCode = 1;

function count(workspace: string, speed: string): void {
  const file = join(workspace, "test-results", `${speed}.json`);
  try {
    const results: Results = JSON.parse(readFileSync(join(root, file), "utf8"));
    if (!(results.numTotalTests > 0)) problems.push(`${workspace}: ran no ${speed} test`);
    if (results.success !== true) problems.push(`${workspace}: ${speed} tests did not succeed`);
    total.passed += results.numPassedTests;
    total.failed += results.numFailedTests;
    total.skipped += results.numPendingTests + results.numTodoTests;
    for (const { name, assertionResults } of results.testResults) {
      for (const { fullName, duration } of assertionResults) {
        tests.push({ durationMs: duration ?? 0, name: `${relative(root, name)} | ${fullName.slice(0, 100)}` });
      }
    }
  } catch (error) {
    problems.push(`${workspace}: no readable ${file} (${(error as Error).message})`);
  }
}
