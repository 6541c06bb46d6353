/** The backend that compiled functions run on when they name none. */

import { ArgumentError, describe } from "../errors.ts";
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

/** `given`, or the default backend where none is. @throws ArgumentError unless it is one. */
export function chosenBackend(operation: string, given: Backend | undefined): Backend {
  if (given === undefined || given === null) return defaultBackend();
  if (typeof given.store === "function" && typeof given.compile === "function") return given;
  throw new ArgumentError({
    operation,
    received: `backend ${describe(given)}`,
    expected: "a backend",
    fix: "Make one with wasm(), or take reference.",
  });
}
