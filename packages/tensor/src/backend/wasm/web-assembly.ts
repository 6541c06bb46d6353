/**
 * The parts of the WebAssembly interface that the engine uses; the language's own library declares none of them. A host may
 * have the interface and still refuse memories, or modules, or some modules: each refusal is a `HostRefusal`.
 */

import { ArgumentError } from "../../errors.ts";
import { describeError } from "./host.ts";

export interface Memory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

export type Exports = Readonly<Record<string, (...args: number[]) => void>>;

interface WebAssemblyInterface {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => Memory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
  validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}

/** The host's WebAssembly, undefined where there is none. By way of `unknown`: the DOM's types, where loaded, differ. */
export const webAssembly: WebAssemblyInterface | undefined = (
  globalThis as unknown as { readonly WebAssembly?: WebAssemblyInterface }
).WebAssembly;

/** A module with one function that uses a vector. */
const vectorProbe: Uint8Array<ArrayBuffer> = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0],
  ...[10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11],
]);

/** What the host has not, or refuses: WebAssembly, or a memory or module of it. The reference loops need neither. */
export class HostRefusal extends ArgumentError {
  constructor(received: string, expected: string, fix: string, cause?: unknown) {
    super({ operation: "wasm", received, expected, fix });
    this.name = "ArgumentError";
    if (cause !== undefined) this.cause = cause;
  }
}

const wayOut = "Use the default backend, which then computes on the reference loops, with the same bits.";

/** @throws HostRefusal unless the host runs WebAssembly with 128-bit vectors. */
export function checkSupported(): void {
  if (!(webAssembly?.validate(vectorProbe) ?? false)) {
    throw new HostRefusal(
      "a host without WebAssembly SIMD",
      "Node ≥ 16, Chrome ≥ 91, Firefox ≥ 89 or Safari ≥ 16.4",
      wayOut,
    );
  }
  // A policy refuses every module, whatever it is.
  instantiate(compileModule(vectorProbe), { engine: {} });
}

/** @throws HostRefusal */
export function compileModule(bytes: Uint8Array<ArrayBuffer>): object {
  try {
    return new webAssembly!.Module(bytes);
  } catch (error) {
    throw refusedModule(`a WebAssembly module of ${bytes.length} bytes`, error);
  }
}

/** @throws HostRefusal */
export function instantiate(module: object, imports: object): Exports {
  try {
    return new webAssembly!.Instance(module, imports).exports;
  } catch (error) {
    throw refusedModule("an instance of a WebAssembly module", error);
  }
}

function refusedModule(what: string, error: unknown): HostRefusal {
  const fix =
    error instanceof RangeError
      ? "Where a page's main thread takes small modules only (Chrome before 115), compute in a worker."
      : "In a page whose Content-Security-Policy names a script-src, add 'wasm-unsafe-eval' to it.";
  return new HostRefusal(
    `a host that refuses ${what} (${describeError(error)})`,
    "a host that runs WebAssembly",
    `${fix} Or: ${wayOut[0]!.toLowerCase()}${wayOut.slice(1)}`,
    error,
  );
}

/** @throws HostRefusal, also where the host has memories but none that threads can share. */
export function createMemory(limits: { initial: number; maximum: number; shared: boolean }): Memory {
  try {
    const memory = new webAssembly!.Memory(limits);
    if (limits.shared && memory.buffer instanceof ArrayBuffer) throw new TypeError("its buffer is not shared");
    return memory;
  } catch (error) {
    const kind = limits.shared ? "a WebAssembly memory that threads share" : "a WebAssembly memory";
    throw new HostRefusal(
      `a host that refuses ${kind} (${describeError(error)})`,
      limits.shared ? "threads: 1, or a host with shared memory" : "a host that gives one",
      limits.shared ? "Use one thread; results are the same." : wayOut,
      error,
    );
  }
}
