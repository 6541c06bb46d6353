/** The engine that recipes train on: with 256-bit vectors where this Node can make them, else with 128; the same bits. */

import { setFlagsFromString } from "node:v8";
import { type WasmBackend, wasm } from "@nn/tensor";

/** Whether this Node was built with V8's packing of vectors, in a version whose packing is trusted. */
const packs: boolean =
  (process.config.variables as { readonly v8_enable_wasm_simd256_revec?: number }).v8_enable_wasm_simd256_revec === 1 &&
  process.arch === "x64" &&
  Number.parseInt(process.versions.node, 10) >= 24;

// An app may switch this on for its process, before anything is compiled; a library must not.
if (packs) setFlagsFromString("--experimental-wasm-revectorize");

/** One engine for the process, on one thread: a training run must not suffer from what else the machine does. */
export const engine: WasmBackend = wasm({ wide: packs });
