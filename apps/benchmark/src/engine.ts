/** The engine that recipes train on: with 256-bit vectors where this Node can make them, else with 128; the same bits. */

import { setFlagsFromString } from "node:v8";
import { type WasmBackend, wasm } from "@nn/tensor";
import { canPack, PACKING_FLAG } from "./packing.ts";

// An app may switch this on for its process, before anything is compiled; a library must not.
if (canPack) setFlagsFromString(PACKING_FLAG);

/** One engine for the process, on one thread: a training run must not suffer from what else the machine does. */
export const engine: WasmBackend = wasm({ wide: canPack });
