/** Values that live from run to run: in the engine's memory while a program there runs on them, else in an array. */

import { allocate, type DataOf } from "../../dtype.ts";
import { ArgumentError } from "../../errors.ts";
import type { TensorType } from "../../graph/graph.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import type { StoredValue } from "../backend.ts";
import { panelColumns } from "./kernels/gemm.ts";
import { elementsIn, type Layout, matrixOf, type Place } from "./kernels/operand.ts";
import { type Block, type EngineMemory, paddedBytes } from "./memory.ts";

/** The layout in which a value is stored: matrices of float32 in panels, as the matrix product reads them. */
export function storedLayout(type: TensorType): Layout {
  const matrix = type.dtype === "float32" && type.shape.length === 2;
  return matrix && type.shape[0]! > 1 && type.shape[1]! > 1 ? "panels" : "rows";
}

/** Bytes that a value takes in `layout`. */
export function bytesIn(layout: Layout, type: TensorType): number {
  return paddedBytes(type.dtype, elementsIn(layout, type.shape));
}

/** An engine, whose memory may be another one when no value lies in it. */
export interface MemoryOwner {
  readonly memory: EngineMemory;
}

export class WasmValue implements StoredValue, Place {
  readonly shape: Shape;
  readonly dtype: TensorType["dtype"];
  readonly layout: Layout;
  readonly #engine: MemoryOwner;
  /** How many programs in memory run on the value. */
  #holders = 0;
  /** Where it lies, while there are any. */
  #held: { readonly memory: EngineMemory; readonly block: Block } | undefined;
  /** Row-major, while there are none. */
  #data: DataOf | undefined;

  constructor(engine: MemoryOwner, type: TensorType, data: DataOf) {
    checkFits(type, data);
    this.shape = type.shape;
    this.dtype = type.dtype;
    this.layout = storedLayout(type);
    engine.memory.checkFits(bytesIn(this.layout, type));
    this.#engine = engine;
    this.#data = data.slice();
  }

  /** Where the value lies, from the first `hold` to the last `letGo`; each time elsewhere. */
  get address(): number {
    return this.#held!.block.address;
  }

  /** Whether that engine stores the value. */
  belongsTo(engine: MemoryOwner): boolean {
    return engine === this.#engine;
  }

  /** Keeps the value in memory until as many calls of `letGo`. @throws ArgumentError beyond the 4 GiB of a memory. */
  hold(): void {
    if (this.#data !== undefined) {
      const { memory } = this.#engine;
      this.#held = { memory, block: memory.allocate(bytesIn(this.layout, this)) };
      this.#place(this.#data);
      this.#data = undefined;
    }
    this.#holders++;
  }

  letGo(): void {
    if (--this.#holders > 0) return;
    this.#data = this.read();
    const { memory, block } = this.#held!;
    memory.release(block);
    this.#held = undefined;
  }

  read(): DataOf {
    if (this.#data !== undefined) return this.#data.slice();
    const data = allocate(this.dtype, sizeOf(this.shape));
    copyRows(this.#held!.memory, this, this, data);
    return data;
  }

  write(data: DataOf): void {
    checkFits(this, data);
    if (this.#data !== undefined) this.#data = data.slice();
    else this.#place(data);
  }

  #place(data: DataOf): void {
    const view = this.#held!.memory.view(this.dtype, this.address, elementsIn(this.layout, this.shape));
    if (this.layout === "rows") view.set(data);
    else
      forEachPanelRow(this.shape, (inRows, inPanels, length) => {
        for (let i = 0; i < length; i++) view[inPanels + i] = data[inRows + i]!;
      });
  }
}

function checkFits({ shape, dtype }: TensorType, data: DataOf): void {
  const expected = { length: sizeOf(shape), [Symbol.toStringTag]: allocate(dtype, 0)[Symbol.toStringTag] };
  if (data.length !== expected.length || data[Symbol.toStringTag] !== expected[Symbol.toStringTag])
    throw unfit("a value of", expected, data);
}

type Extent = Pick<DataOf, "length" | typeof Symbol.toStringTag>;

/** The error of values that are of another dtype or number than their place. */
export function unfit(what: string, expected: Extent, received: Extent | undefined): ArgumentError {
  const describe = (data: Extent): string => `${data.length} elements in a ${data[Symbol.toStringTag]}`;
  return new ArgumentError({
    operation: "wasm",
    received: `${what} ${received === undefined ? "nothing" : describe(received)}`,
    expected: describe(expected),
  });
}

/** Copies a value, row-major, to `target`. */
export function copyRows(memory: EngineMemory, type: TensorType, place: Place, target: DataOf): void {
  const view = memory.view(type.dtype, place.address, elementsIn(place.layout, type.shape));
  if (place.layout === "rows") target.set(view);
  else
    forEachPanelRow(type.shape, (inRows, inPanels, length) => {
      for (let i = 0; i < length; i++) target[inRows + i] = view[inPanels + i]!;
    });
}

/** Visits the runs of elements that lie side by side in both layouts: one a row and panel. */
function forEachPanelRow(shape: Shape, visit: (inRows: number, inPanels: number, length: number) => void): void {
  const { rows, columns } = matrixOf(shape);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += panelColumns) {
      const panel = column / panelColumns;
      const length = Math.min(panelColumns, columns - column);
      visit(row * columns + column, (panel * rows + row) * panelColumns, length);
    }
  }
}
