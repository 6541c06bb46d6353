const number = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/**
 * Class names that were found, in the order of their labels: by value when all are decimal numbers (`-2`, `0.5`, `1e3`),
 * else by their characters.
 */
export function sortClassNames(found: Iterable<string>): string[] {
  const names = [...found];
  const areNumbers = names.every((name) => number.test(name) && Number.isFinite(Number(name)));
  return names.sort((a, b) => (areNumbers ? Number(a) - Number(b) : 0) || (a < b ? -1 : 1));
}
