/** What is said between the thread that trains and those that prepare batches. */

import type { BatchOptions } from "../batches.ts";
import type { Rows } from "../row-arrays.ts";
import type { PortableDataset } from "./portable.ts";

/** First the dataset, then batches of it, by the number of the request. */
export type Request = { readonly dataset: PortableDataset } | BatchRequest;

export interface BatchRequest {
  readonly id: number;
  readonly options: BatchOptions;
  /** Memory of earlier rows that nobody needs any more, for new ones. */
  readonly spare?: ArrayBuffer | undefined;
}

export type Answer =
  | { readonly id: number; readonly rows: BatchRows }
  | { readonly id: number; readonly error: RawError };

/** The rows of several batches, one after the other, in one piece of memory: what is sent costs by the piece. */
export interface BatchRows extends Rows {
  readonly indices: Uint32Array;
}

/** An error of one of our classes, by its fields; or any other. */
export type RawError =
  | {
      readonly name: string;
      readonly fields: {
        readonly operation: string;
        readonly received: string;
        readonly expected: string;
        readonly fix?: string;
      };
    }
  | { readonly other: unknown };

/** A worker of Node or of a page, as the thread that started it sees it. */
export interface BatchWorker {
  post(request: Request, transfer: ArrayBuffer[]): void;
  /** Whether the program goes on as long as the worker lives; at first it does not. */
  keepAlive(isNeeded: boolean): void;
  terminate(): void;
}

/** Starts a worker that runs `serveBatches`; `onLost` is told why, should it end or fail to start. */
export type StartWorker = (onAnswer: (answer: Answer) => void, onLost: (why: string) => void) => BatchWorker;
