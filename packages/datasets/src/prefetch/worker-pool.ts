/** Workers that hold one dataset, and what they were asked and have not answered. */

import { ArgumentError, DTypeError, ShapeError } from "@nn/tensor";
import type { BatchOptions } from "../batches.ts";
import type { Dataset } from "../dataset.ts";
import { DataError } from "../errors.ts";
import { toPortable } from "./portable.ts";
import type { Answer, BatchRows, BatchWorker, RawError, StartWorker } from "./protocol.ts";

interface Waiting {
  readonly resolve: (rows: BatchRows) => void;
  readonly reject: (error: unknown) => void;
}

export class WorkerPool {
  readonly #workers: BatchWorker[] = [];
  readonly #waiting = new Map<number, Waiting>();
  #lost: ArgumentError | undefined;
  #next = 0;

  /** @throws ArgumentError for a dataset that cannot be sent. */
  constructor(count: number, data: Dataset, start: StartWorker) {
    for (let i = 0; i < count; i++) {
      const { dataset, transfer } = toPortable(data);
      const worker = start(
        (answer) => this.#settle(answer),
        (why) => this.close(why),
      );
      this.#workers.push(worker);
      worker.post({ dataset }, transfer);
    }
  }

  /** Asks the next worker in turn, which gets `spare`. @throws what its dataset throws, and ArgumentError when it is gone. */
  read(options: BatchOptions, spare: ArrayBuffer | undefined): Promise<BatchRows> {
    const id = this.#next++;
    const worker = this.#workers[id % this.#workers.length]!;
    const rows = new Promise<BatchRows>((resolve, reject) => {
      if (this.#lost !== undefined) return reject(this.#lost);
      worker.post({ id, options, spare }, spare === undefined ? [] : [spare]);
      if (this.#waiting.size === 0) this.#keepAlive(true);
      this.#waiting.set(id, { resolve, reject });
    });
    // Asked for ahead: it is an error when it is waited for.
    rows.catch(() => undefined);
    return rows;
  }

  /** Ends the workers; requests that wait for them fail with `why`. */
  close(why: string): void {
    this.#lost ??= new ArgumentError({
      operation: "prefetch",
      received: `a worker that is gone: ${why}`,
      expected: "it to prepare batches",
    });
    for (const worker of this.#workers) worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(this.#lost);
    this.#waiting.clear();
  }

  #settle(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#keepAlive(false);
    if ("rows" in answer) waiting.resolve(answer.rows);
    else waiting.reject(errorOf(answer.error));
  }

  #keepAlive(isNeeded: boolean): void {
    for (const worker of this.#workers) worker.keepAlive(isNeeded);
  }
}

const classes = { ArgumentError, DTypeError, DataError, ShapeError } as const;

function errorOf(raw: RawError): unknown {
  if ("other" in raw) return raw.other;
  return new (classes[raw.name as keyof typeof classes] ?? ArgumentError)(raw.fields);
}
