/** A run log that cannot be written or read. `message` reads `operation: received X; expected Y. fix`. */
export class RunLogError extends Error {
  override readonly name: string = "RunLogError";
  readonly operation: string;
  readonly received: string;
  readonly expected: string;
  readonly fix: string;

  constructor(problem: { operation: string; received: string; expected: string; fix: string; cause?: unknown }) {
    const { operation, received, expected, fix, cause } = problem;
    super(`${operation}: received ${received}; expected ${expected}. ${fix}`, cause === undefined ? {} : { cause });
    this.operation = operation;
    this.received = received;
    this.expected = expected;
    this.fix = fix;
  }
}
