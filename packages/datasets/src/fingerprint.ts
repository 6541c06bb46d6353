/**
 * The content fingerprint: it changes when values, targets, weights, their order or the pipeline's steps change, and at no
 * other time. How rows are divided into chunks, shards and files does not show in it, nor do names.
 *
 * fingerprint = SHA-256(header ‖ SHA-256(targets) ‖ SHA-256(inputs) ‖ SHA-256(weights)), arrays row-major and
 * little-endian, the last sum only where rows have weights. header = JSON of {dtype, inputShape, steps, target, weights}
 * and a line feed, with `target` {kind, dtype, shape of a row's target} left out for classes in uint8, and `weights`, their
 * dtype, left out where there are none.
 */

import type { DType, FloatDType, Shape } from "@nn/tensor";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Target, targetShape } from "./target.ts";

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
  /** Default: classes in uint8. */
  readonly target?: Target;
  readonly targetDType?: DType;
  /** Default: no weights. */
  readonly weightDType?: FloatDType | undefined;
}

/** Takes rows as they come and gives the fingerprint of them all. `createHash` may be a faster SHA-256. */
export class Fingerprint {
  readonly #header: FingerprintHeader;
  readonly #createHash: () => Hash;
  readonly #targets: Hash;
  readonly #inputs: Hash;
  readonly #weights: Hash;

  constructor(header: FingerprintHeader, createHash: () => Hash = () => sha256.create()) {
    this.#header = header;
    this.#createHash = createHash;
    this.#targets = createHash();
    this.#inputs = createHash();
    this.#weights = createHash();
  }

  /** `weights` are given for all rows or for none, as the header says. */
  update(inputs: ArrayBufferView, targets: ArrayBufferView, weights?: ArrayBufferView): void {
    this.#inputs.update(bytesOf(inputs));
    this.#targets.update(bytesOf(targets));
    if (weights !== undefined) this.#weights.update(bytesOf(weights));
  }

  /** `"sha256:"` and 64 hexadecimal digits. Call it once. */
  finish(): string {
    const { dtype, inputShape, steps, target, targetDType = "uint8", weightDType } = this.#header;
    const isByteClasses = target === undefined || (target.kind === "classes" && targetDType === "uint8");
    const header = {
      dtype,
      inputShape,
      steps,
      ...(!isByteClasses && { target: { kind: target.kind, dtype: targetDType, shape: targetShape(target) } }),
      ...(weightDType !== undefined && { weights: weightDType }),
    };
    const hash = this.#createHash();
    hash.update(new TextEncoder().encode(`${JSON.stringify(header)}\n`));
    hash.update(this.#targets.digest());
    hash.update(this.#inputs.digest());
    if (weightDType !== undefined) hash.update(this.#weights.digest());
    return `sha256:${toHex(hash.digest())}`;
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** `"sha256:"` and the SHA-256 of the text. */
export function sha256Text(text: string): string {
  return `sha256:${toHex(sha256(new TextEncoder().encode(text)))}`;
}

/** Two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
