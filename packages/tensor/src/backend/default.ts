/** The backend that compiled functions run on when they name none. */

import type { Backend } from "./backend.ts";
import { reference } from "./reference/reference.ts";
import { wasm } from "./wasm/wasm.ts";
import { isSupported } from "./wasm/web-assembly.ts";

let engine: Backend | undefined;

/**
 * One strict WebAssembly engine on one thread, shared by all; the reference loops where the host has no 128-bit vectors.
 * Both give the same bits.
 */
export function defaultBackend(): Backend {
  engine ??= isSupported() ? wasm() : reference;
  return engine;
}
