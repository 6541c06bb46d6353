/** The one file of the package that touches globals of Node or of a page: workers, a clock, and a place for warnings. */

import { ArgumentError } from "../../errors.ts";

/** A worker of Node or of a page. */
export interface Worker {
  postMessage(message: unknown): void;
  terminate(): unknown;
  on?(event: string, listener: (value: unknown) => void): void;
  unref?(): void;
  addEventListener?(event: string, listener: (event: { preventDefault?(): void }) => void): void;
}

interface Host {
  readonly process?: {
    getBuiltinModule?(name: "node:worker_threads"): { Worker: new (source: string, options: object) => Worker };
    getBuiltinModule?(name: "node:buffer"): {
      Buffer: { prototype: { copy(this: Uint8Array, target: Uint8Array): number } };
    };
    emitWarning?(message: string): void;
  };
  readonly console?: { warn(message: string): void };
  readonly crossOriginIsolated?: boolean;
  readonly Atomics?: { readonly waitAsync?: unknown };
  readonly SharedArrayBuffer?: unknown;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly performance: { now(): number };
  readonly Worker?: new (url: string) => Worker;
  readonly Blob?: new (parts: string[], options: object) => object;
  readonly URL?: { createObjectURL(blob: object): string };
}

const host = globalThis as unknown as Host;

let maySleep: boolean | undefined;

/** Whether the calling thread may sleep; a page's main thread may not. For hosts with shared memory. */
export function sleeps(): boolean {
  if (maySleep === undefined) {
    try {
      maySleep = Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0) === "timed-out";
    } catch {
      maySleep = false;
    }
  }
  return maySleep;
}

/** Milliseconds since some moment. */
export function now(): number {
  return host.performance.now();
}

/** How many threads the host can run at once, where it says so. */
export function processors(): number {
  return host.navigator?.hardwareConcurrency || Number.POSITIVE_INFINITY;
}

/** Whether a worker starts while the thread that made it is busy; in a page it waits for the event loop. */
export const startsWorkersAtOnce: boolean = host.process?.getBuiltinModule !== undefined;

/** A worker that runs `source`, plain JavaScript. What the host throws where it refuses one is passed on. */
export function startWorker(source: string): Worker {
  const threads = host.process?.getBuiltinModule?.("node:worker_threads");
  // Without the process's own arguments: they may say that a source text is a module, or TypeScript.
  if (threads !== undefined) return new threads.Worker(source, { eval: true, execArgv: [] });
  return new host.Worker!(host.URL!.createObjectURL(new host.Blob!([source], { type: "text/javascript" })));
}

/** What an error, or the event of one, says. */
export function describeError(error: unknown): string {
  const { name, message } = error as { readonly name?: unknown; readonly message?: unknown };
  if (typeof message === "string" && message !== "") {
    const text = message.replace(/\.$/, "");
    return typeof name === "string" && name !== "Error" ? `${name}: ${text}` : text;
  }
  // A page's event about a worker that never began says nothing.
  return "it could not start; a page's Content-Security-Policy must allow worker-src blob:";
}

// Not the global Buffer, which a page may have of its own.
const copyBuffer = host.process?.getBuiltinModule?.("node:buffer").Buffer.prototype.copy;

/**
 * Copies bytes to as many others, which no thread may touch meanwhile; undefined where only `set` can. To shared memory `set`
 * of V8 goes word by word, for the sake of other threads; Node moves it all at once.
 */
export const moveBytes: ((from: Uint8Array, to: Uint8Array) => void) | undefined =
  copyBuffer && ((from, to) => void copyBuffer.call(from, to));

/** Throws unless memory can be shared between threads here. */
export function checkThreads(threads: number): void {
  if (threads === 1) return;
  if (host.Atomics?.waitAsync === undefined) {
    throw new ArgumentError({
      operation: "wasm",
      received: `${threads} threads in a host without Atomics.waitAsync`,
      expected: "threads: 1, or Chrome ≥ 87, Safari ≥ 16.4, Firefox ≥ 145 or Node",
    });
  }
  if (host.SharedArrayBuffer === undefined && startsWorkersAtOnce) {
    throw new ArgumentError({
      operation: "wasm",
      received: `${threads} threads in a host without SharedArrayBuffer`,
      expected: "threads: 1, or a host with shared memory",
    });
  }
  if (startsWorkersAtOnce || host.crossOriginIsolated === true) return;
  const inNode = host.process?.emitWarning !== undefined;
  throw new ArgumentError({
    operation: "wasm",
    received: `${threads} threads in ${inNode ? "a Node before 22.3" : "a page that is not cross-origin isolated"}`,
    expected: `threads: 1, or ${inNode ? "a newer Node" : "a page served with COOP: same-origin and COEP: require-corp"}`,
  });
}

/** Tells the user of something that is not an error, where the host shows such things. */
export function warn(message: string): void {
  if (host.process?.emitWarning !== undefined) host.process.emitWarning(message);
  else host.console?.warn(message);
}
