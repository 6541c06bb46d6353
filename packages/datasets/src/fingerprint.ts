/**
 * The content fingerprint: it changes when values, labels, their order or the pipeline's steps change, and at no other
 * time. How rows are divided into chunks, shards and files does not show in it.
 *
 * fingerprint = SHA-256(header ‖ SHA-256(labels) ‖ SHA-256(inputs)), header = JSON of {dtype, inputShape, steps} and a
 * line feed, inputs row-major and little-endian.
 */

import type { Shape } from "@nn/tensor";
import { sha256 } from "@noble/hashes/sha2.js";

/** What `createHash("sha256")` of Node and `sha256.create()` of noble share. */
export interface Hash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

export interface FingerprintHeader {
  readonly dtype: string;
  readonly inputShape: Shape;
  /** Pipeline steps as `name@version(params)`, in order; none for data that was made, not prepared. */
  readonly steps: readonly string[];
}

/** Takes rows as they come and gives the fingerprint of them all. `createHash` may be a faster SHA-256. */
export class Fingerprint {
  readonly #header: FingerprintHeader;
  readonly #createHash: () => Hash;
  readonly #labels: Hash;
  readonly #inputs: Hash;

  constructor(header: FingerprintHeader, createHash: () => Hash = () => sha256.create()) {
    this.#header = header;
    this.#createHash = createHash;
    this.#labels = createHash();
    this.#inputs = createHash();
  }

  update(inputs: ArrayBufferView, labels: Uint8Array): void {
    this.#inputs.update(new Uint8Array(inputs.buffer, inputs.byteOffset, inputs.byteLength));
    this.#labels.update(labels);
  }

  /** `"sha256:"` and 64 hexadecimal digits. Call it once. */
  finish(): string {
    const { dtype, inputShape, steps } = this.#header;
    const hash = this.#createHash();
    hash.update(new TextEncoder().encode(`${JSON.stringify({ dtype, inputShape, steps })}\n`));
    hash.update(this.#labels.digest());
    hash.update(this.#inputs.digest());
    return `sha256:${toHex(hash.digest())}`;
  }
}

/** `"sha256:"` and the SHA-256 of the text. */
export function sha256Text(text: string): string {
  return `sha256:${toHex(sha256(new TextEncoder().encode(text)))}`;
}

/** Two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
