/** The place of an input in the engine's memory, and the copying of values there, which a run begins with. */

import type { DataOf } from "../../dtype.ts";
import { moveBytes } from "./host.ts";
import { unfit } from "./values.ts";

export class InputView {
  readonly #view: DataOf;
  /** The same memory as bytes, where they are moved. */
  readonly #bytes: Uint8Array | undefined;

  constructor(view: DataOf) {
    this.#view = view;
    const isShared = !(view.buffer instanceof ArrayBuffer);
    if (isShared && moveBytes !== undefined && view.byteLength >= leastMoved)
      this.#bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  }

  /** Copies an input here. @throws ArgumentError when it is of another dtype or size: the place would hold old values. */
  set(value: DataOf | undefined, index: number): void {
    const view = this.#view;
    if (value?.length !== view.length || value[Symbol.toStringTag] !== view[Symbol.toStringTag])
      throw unfit(`input ${index} with`, view, value);
    if (this.#bytes === undefined) view.set(value);
    else moveBytes!(bytesOf(value), this.#bytes);
  }
}

/** Inputs of fewer bytes are not worth another view of them. */
const leastMoved = 16 * 1024;

/** Kept, so that a run with values that were passed in before makes nothing. */
const bytesOfValues = new WeakMap<DataOf, Uint8Array>();

function bytesOf(value: DataOf): Uint8Array {
  if (value instanceof Uint8Array) return value;
  let bytes = bytesOfValues.get(value);
  // An array over a resizable buffer may have another length today.
  if (bytes?.byteLength !== value.byteLength) {
    bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    bytesOfValues.set(value, bytes);
  }
  return bytes;
}
