/** Class names that were found, in the order of their labels: numbers as numbers when all are, else by their characters. */
export function sortClassNames(found: Iterable<string>): string[] {
  const names = [...found];
  const areNumbers = names.every((name) => /^\d+$/.test(name));
  return names.sort((a, b) => (areNumbers ? Number(a) - Number(b) : 0) || (a < b ? -1 : 1));
}
