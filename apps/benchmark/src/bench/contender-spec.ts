/** Who is measured: a name, and how to start its process. */

export interface ContenderSpec {
  readonly name: string;
  readonly description: string;
  readonly threads: number;
  /** Has nothing of its own to show in cases of training. */
  readonly productsOnly?: true;
  /** For a loop of known size instead of the case's problem: floating-point operations of an iteration. Nothing to check. */
  readonly flopsPerIteration?: number;
  /** How to start it, or why it cannot be started here. */
  launch(): Launch | Absence;
}

export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the environment, which is otherwise all but empty. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Absence {
  readonly absent: string;
}
