/** Patterns over the names of variables: `"dense1.*"`, `"*.bias"`. */

import { ArgumentError } from "@nn/tensor";
import { formatValue } from "@nn/tensor/arguments";

/**
 * The `names` that `pattern` matches; `*` stands for any characters, dots too.
 * @throws ArgumentError when it matches none: a misspelled pattern would silently do nothing.
 */
export function matchNames(operation: string, pattern: string, names: readonly string[]): string[] {
  const expression = new RegExp(`^${String(pattern).split("*").map(escaped).join(".*")}$`, "s");
  const matched = typeof pattern === "string" ? names.filter((name) => expression.test(name)) : [];
  if (matched.length > 0) return matched;
  throw new ArgumentError({
    operation,
    received: `pattern ${typeof pattern === "string" ? JSON.stringify(pattern) : formatValue(pattern)}, which matches nothing`,
    expected:
      names.length === 0 ? "no pattern, as no name is left" : `a pattern that matches some of ${names.join(", ")}`,
  });
}

function escaped(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}
