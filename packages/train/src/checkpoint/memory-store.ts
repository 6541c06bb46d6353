import type { CheckpointStore } from "./checkpoint-options.ts";

/** For tests: a store whose writes take some turns of the event loop. */
export class MemoryStore implements CheckpointStore {
  bytes: Uint8Array | undefined;
  writes = 0;
  /** Number of the write that fails, from 1. */
  fails = 0;
  readonly #turns: number;

  constructor(bytes?: Uint8Array, turns: number = 1) {
    this.bytes = bytes;
    this.#turns = turns;
  }

  async read(): Promise<Uint8Array | undefined> {
    return this.bytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const number = ++this.writes;
    for (let i = 0; i < this.#turns; i++) await new Promise((resolve) => setImmediate(resolve));
    if (number === this.fails) throw new Error("disk full");
    this.bytes = bytes;
  }
}
