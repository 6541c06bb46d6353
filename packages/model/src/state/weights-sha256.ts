/** One number that two sets of weights share only when they are the same, bit for bit. */

import type { DataOf } from "@nn/tensor";
import { fromArray } from "@nn/tensor";
import { checkIsTensor, checkMembers } from "@nn/tensor/arguments";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type NamedTensors, saveSafetensors } from "./safetensors.ts";

/**
 * The SHA-256, as 64 hexadecimal digits, of exactly the bytes that `saveSafetensors(tensors)` gives without metadata,
 * with every NaN written as the quiet one (0x7ff8000000000000 in float64, 0x7fc00000 in float32), whose bits an engine
 * may choose. In full: 8 bytes of header length, little-endian; the header
 * `{"name":{"dtype":"F32","shape":[2,5],"data_offsets":[0,40]},…}` without spaces, padded with spaces to a multiple of 8;
 * the values, row-major and little-endian. Tensors stand in order of dtype (F64, F32, I32, U8), then of name by UTF-16
 * code units. −0 and 0 differ.
 */
export function weightsSha256(tensors: NamedTensors): string {
  checkMembers("weightsSha256", "tensors", tensors, [], "tensors by name");
  for (const [name, value] of Object.entries(tensors)) checkIsTensor("weightsSha256", `tensor ${name}`, value);
  const canonical = Object.entries(tensors).map(
    ([name, { data, shape }]) => [name, fromArray(withQuietNaN(data), shape)] as const,
  );
  return bytesToHex(sha256(saveSafetensors(Object.fromEntries(canonical))));
}

function withQuietNaN(data: DataOf): DataOf {
  if (!(data instanceof Float64Array || data instanceof Float32Array) || !data.some(Number.isNaN)) return data;
  const copy = data.slice();
  const [bits, nan] =
    copy instanceof Float64Array
      ? [new BigUint64Array(copy.buffer), 0x7ff8000000000000n]
      : [new Uint32Array(copy.buffer), 0x7fc00000];
  data.forEach((value, i) => {
    if (Number.isNaN(value)) bits[i] = nan;
  });
  return copy;
}
