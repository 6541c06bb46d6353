/**
 * The errors that every package throws at its boundary: what was called, what came, what was expected, what to do.
 * Tests and callers read the fields; people read the message.
 */

/** What an error is made of. `fix` is one sentence that tells the reader what to change. */
export interface ErrorFields {
  readonly operation: string;
  readonly received: string;
  readonly expected: string;
  readonly fix?: string;
}

/** The text of an error, as the compiler prints it and as `ArgumentError` says it. */
export type ErrorText<
  Operation extends string,
  Received extends string,
  Expected extends string,
  Fix extends string = "",
> = `${Operation}: received ${Received}; expected ${Expected}.${Fix extends "" ? "" : ` ${Fix}`}`;

/** What a type computation gives where its arguments do not fit: the error's text, carried on to where a reader sees it. */
export interface Mismatch<Message extends string = string> {
  readonly mismatch: Message;
}

/** The message of a Mismatch, else `unknown`: intersect it with a parameter's type to make the compiler print the message. */
export type Valid<T> = T extends Mismatch<infer Message> ? Message : unknown;

/** An argument outside its range or of the wrong kind. */
export class ArgumentError extends RangeError {
  readonly operation: string;
  readonly received: string;
  readonly expected: string;
  readonly fix: string | undefined;

  constructor(fields: ErrorFields) {
    const fix = fields.fix === undefined ? "" : ` ${fields.fix}`;
    super(`${fields.operation}: received ${fields.received}; expected ${fields.expected}.${fix}`);
    this.name = new.target.name;
    this.operation = fields.operation;
    this.received = fields.received;
    this.expected = fields.expected;
    this.fix = fields.fix;
  }
}

/** Shapes that do not fit each other or the operation. */
export class ShapeError extends ArgumentError {}

/** A dtype that the operation does not take. */
export class DTypeError extends ArgumentError {}

/** Throws unless `value` is an integer of at least `minimum` (and at most `maximum`). */
export function checkInteger(
  operation: string,
  name: string,
  value: number,
  minimum: number = 0,
  maximum: number = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return;
  const limit = maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
  throw new ArgumentError({ operation, received: `${name} ${describe(value)}`, expected: `an integer ${limit}` });
}

/** The bounds of a number: each is optional. */
export interface NumberRange {
  readonly atLeast?: number;
  readonly above?: number;
  readonly atMost?: number;
  readonly below?: number;
}

/** Throws unless `value` is a finite number within `range`; default: any finite number. */
export function checkFiniteNumber(operation: string, name: string, value: unknown, range: NumberRange = {}): void {
  const { atLeast = Number.NEGATIVE_INFINITY, above = Number.NEGATIVE_INFINITY } = range;
  const { atMost = Number.POSITIVE_INFINITY, below = Number.POSITIVE_INFINITY } = range;
  const isNumber = typeof value === "number" && Number.isFinite(value);
  if (isNumber && value >= atLeast && value > above && value <= atMost && value < below) return;
  const bounds = [
    ...(range.atLeast === undefined ? [] : [`of at least ${atLeast}`]),
    ...(range.above === undefined ? [] : [`above ${above}`]),
    ...(range.atMost === undefined ? [] : [`at most ${atMost}`]),
    ...(range.below === undefined ? [] : [`below ${below}`]),
  ].join(" and ");
  throw new ArgumentError({
    operation,
    received: `${name} ${describe(value)}`,
    expected: bounds === "" ? "a finite number" : `a finite number ${bounds}`,
  });
}

/** Throws unless `value` is true or false: `"false"` and 0 are neither. */
export function checkBoolean(operation: string, name: string, value: unknown): void {
  if (typeof value === "boolean") return;
  throw new ArgumentError({ operation, received: `${name} ${describe(value)}`, expected: "true or false" });
}

/** Throws unless `value` is one of `choices`. */
export function checkChoice(operation: string, name: string, value: unknown, choices: readonly unknown[]): void {
  if (choices.includes(value)) return;
  throw new ArgumentError({
    operation,
    received: `${name} ${describe(value)}`,
    expected: choices.map((choice) => JSON.stringify(choice)).join(" or "),
  });
}

/** Throws unless `value` is a number, which may be NaN or infinite. */
export function checkNumber(operation: string, value: unknown): asserts value is number {
  if (typeof value === "number") return;
  throw new ArgumentError({ operation, received: describe(value), expected: "a number" });
}

/** Throws unless `seed` is an integer from 0 to 2³² − 1. */
export function checkSeed(operation: string, seed: number): void {
  checkInteger(operation, "seed", seed, 0, 0xffffffff);
}

/**
 * `value` as an error names it: short, with its type where its text does not tell. `"0" of type string`, `1n of type bigint`,
 * `a value of class Map`. `@nn/tensor/arguments` exports it as `formatValue`.
 */
export function describe(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (value === undefined || value === null) return String(value);
  if (typeof value === "object") return Array.isArray(value) ? "an array" : `a value of class ${className(value)}`;
  if (typeof value === "function") {
    if (value.name === "") return "a function";
    return isCall(value) ? value.name : `the function ${value.name}`;
  }
  if (typeof value === "bigint") return `${value}n of type bigint`;
  return `${quoted(value)} of type ${typeof value}`;
}

/** Whether a function is what a factory gave and is named after the call, such as the layer `dense(5)`. */
export function isCall({ name }: { readonly name: string }): boolean {
  return name.includes("(");
}

/** The most characters of a string that an error shows. */
const longestText = 60;

function quoted(value: unknown): string {
  if (typeof value !== "string") return String(value);
  return value.length <= longestText ? JSON.stringify(value) : `${JSON.stringify(value.slice(0, longestText))}…`;
}

function className(value: object): string {
  const { name } = (value.constructor as { readonly name?: unknown } | undefined) ?? {};
  return typeof name === "string" && name !== "" ? name : "none";
}
