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

/** Throws unless `seed` is an integer from 0 to 2³² − 1. */
export function checkSeed(operation: string, seed: number): void {
  checkInteger(operation, "seed", seed, 0, 0xffffffff);
}

function describe(value: unknown): string {
  return typeof value === "number"
    ? String(value)
    : `${JSON.stringify(value) ?? String(value)} of type ${typeof value}`;
}
