/** `1 row`, `2 rows`; `1 class`, `2 classes`. `format` writes the number. */
export function plural(count: number, noun: string, format: (count: number) => string = String): string {
  const ending = count === 1 ? "" : /(s|x|ch)$/.test(noun) ? "es" : "s";
  return `${format(count)} ${noun}${ending}`;
}
