/** V8's packing of 128-bit vectors into 256 bits. */

/** What switches it on: an argument of Node, or of `setFlagsFromString` before anything is compiled. */
export const PACKING_FLAG = "--experimental-wasm-revectorize";

/** Whether this Node was built with it, in a version whose packing is trusted: 24 or later, on x64. */
export const canPack: boolean =
  (process.config.variables as { readonly v8_enable_wasm_simd256_revec?: number }).v8_enable_wasm_simd256_revec === 1 &&
  process.arch === "x64" &&
  Number.parseInt(process.versions.node, 10) >= 24;
