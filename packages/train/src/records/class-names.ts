/** The names of classes in a record's setting. */

/** A setting that is the classes' names, in the order of their numbers. */
export type ClassNames = readonly string[];

/** `value` where it is at least one name; else undefined. */
export function parseClassNames(value: unknown): ClassNames | undefined {
  const isNames = Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === "string");
  return isNames ? (value as ClassNames) : undefined;
}
