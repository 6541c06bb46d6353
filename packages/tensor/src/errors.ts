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

/** Throws unless `value` is a number, which may be NaN or infinite. */
export function checkNumber(operation: string, value: unknown): asserts value is number {
  if (typeof value === "number") return;
  throw new ArgumentError({ operation, received: describe(value), expected: "a number" });
}

/** Throws unless `seed` is an integer from 0 to 2³² − 1. */
export function checkSeed(operation: string, seed: number): void {
  checkInteger(operation, "seed", seed, 0, 0xffffffff);
}

/** `value` as an error names it: short, with its type where its text does not tell. */
export function describe(value: unknown): string {
  if (typeof value === "number" || value === undefined || value === null) return String(value);
  if (typeof value === "object") return Array.isArray(value) ? "an array" : `a value of class ${className(value)}`;
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  return `${JSON.stringify(value) ?? String(value)} of type ${typeof value}`;
}

function className(value: object): string {
  return (value.constructor as { readonly name?: string } | undefined)?.name ?? "none";
}
