/** The entries of `record` whose names begin with `prefix`, named without it. */
export function withoutPrefix<T>(
  record: { readonly [name: string]: T },
  prefix: string,
): { readonly [name: string]: T } {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
    ),
  );
}
