/** What aborts a command's signal: it is to end at the next safe place. */
export class InterruptedError extends Error {
  override readonly name: string = "InterruptedError";
  /** What the process ends with. */
  readonly exitCode: number;

  /** @param message in words what came, such as `interrupted by SIGINT`. */
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
