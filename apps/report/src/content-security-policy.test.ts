import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { contentSecurityPolicy } from "./content-security-policy.ts";

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

test("names the page's own scripts, and no data", () => {
  const page =
    '<script type="application/json" id="runs">[1]</script><script type="module" crossorigin>let a;\n</script>';
  expect(contentSecurityPolicy(page)).toContain(`script-src ${hashOf("let a;\n")};`);
  expect(contentSecurityPolicy(page)).not.toContain(hashOf("[1]"));
});

test("a page without scripts may run none", () => {
  expect(contentSecurityPolicy("<p>")).toContain("default-src 'none'; script-src 'none';");
});
