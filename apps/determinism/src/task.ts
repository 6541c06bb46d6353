/** What the program trains and on which engines: data that passes as JSON from the test to a process or a page. */

/** Where to compute. */
export interface EngineChoice {
  readonly backend: "reference" | "wasm";
  readonly threads?: number;
  readonly wide?: boolean;
}

export interface Task {
  readonly name: "small" | "composed" | "mnist";
  /** One after another; the program prints the hash of each. */
  readonly engines: readonly EngineChoice[];
  /** Where `/inputs` and `/labels` of MNIST are served. */
  readonly origin: string;
}
