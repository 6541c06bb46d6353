/** Datasets as plain data that can be sent to another thread, and back. Files go as their names, rows in memory as copies. */

import { ArgumentError, type Shape } from "@nn/tensor";
import { type AugmentOptions, augment } from "../augment.ts";
import { Columns, type ColumnsOptions, type StoredRows } from "../columns.ts";
import type { Dataset } from "../dataset.ts";
import { JoinedColumns } from "../joined-columns.ts";
import { MappedDataset } from "../map.ts";
import { copyOf, type Rows, type TargetData } from "../row-arrays.ts";
import { concatDatasets } from "../splits.ts";
import { StoredDataset } from "../stored-dataset.ts";
import type { Target } from "../target.ts";

/** A dataset, one that is augmented, or several as one. */
export type PortableDataset =
  | PortableRows
  | { readonly base: PortableDataset; readonly augment: AugmentOptions }
  | { readonly parts: readonly PortableDataset[]; readonly indices?: Uint32Array };

interface PortableRows {
  readonly name: string;
  readonly inputShape: Shape;
  readonly target: Target;
  readonly steps: readonly string[];
  readonly indices?: Uint32Array;
  readonly columns: ColumnsOptions;
  /** Rows themselves, or where they are. */
  readonly chunks: readonly ((Rows & Pick<StoredRows, "rows" | "partOf">) | { readonly location: object })[];
}

/**
 * `data` as plain data, with the memory in it that may be handed over. Arrays over shared memory stay shared.
 * @throws ArgumentError for a dataset that something else than this package or `mapDataset` made.
 */
export function toPortable(data: Dataset): { readonly dataset: PortableDataset; readonly transfer: ArrayBuffer[] } {
  const transfer: ArrayBuffer[] = [];
  const copies = new Map<TargetData, TargetData>();
  const copied = <A extends TargetData>(array: A): A => {
    if (!(array.buffer instanceof ArrayBuffer)) return array;
    // The same rows may be in several parts.
    const copy = copies.get(array) ?? copyOf(array);
    if (!copies.has(array)) transfer.push(copy.buffer as ArrayBuffer);
    copies.set(array, copy);
    return copy as A;
  };
  const convert = (each: unknown): PortableDataset => {
    if (each instanceof MappedDataset && each.options.augment !== undefined) {
      return { base: convert(each.base), augment: each.options.augment };
    }
    if (!(each instanceof StoredDataset)) throw notPortable(each);
    const { columns, name, inputShape, target, steps, indices } = each.fields;
    const chosen = indices === undefined ? {} : { indices };
    if (columns instanceof JoinedColumns) return { parts: columns.parts.map(convert), ...chosen };
    if (!(columns instanceof Columns)) throw notPortable(each);
    const { width, dtype, targetWidth, targetDType, weightDType, memory } = columns;
    const chunks = columns.chunks.map(({ rows, location, read, partOf }) => {
      if (location !== undefined) return { location };
      const { inputs, targets, weights } = read();
      const copy = { inputs: copied(inputs), targets: copied(targets), ...(weights && { weights: copied(weights) }) };
      return { ...copy, rows, ...(partOf && { partOf }) };
    });
    const options = { width, dtype, targetWidth, targetDType, weightDType, memory };
    return { name, inputShape, target, steps, columns: options, chunks, ...chosen };
  };
  return { dataset: convert(data), transfer };
}

/** The dataset that was sent; `open` opens what was sent by its name. */
export async function fromPortable(
  portable: PortableDataset,
  open: (location: object) => Promise<StoredRows>,
): Promise<Dataset> {
  if ("augment" in portable) return augment(await fromPortable(portable.base, open), portable.augment);
  if ("parts" in portable) {
    const joined = concatDatasets(await Promise.all(portable.parts.map((part) => fromPortable(part, open))));
    return portable.indices === undefined ? joined : joined.subset(portable.indices);
  }
  const { columns, chunks, ...fields } = portable;
  const stored = chunks.map(async (chunk) =>
    "location" in chunk
      ? await open(chunk.location)
      : {
          ...(chunk.partOf && { partOf: chunk.partOf }),
          rows: chunk.rows,
          read: () => chunk,
          readTargets: () => chunk,
        },
  );
  return new StoredDataset({ ...fields, columns: new Columns(await Promise.all(stored), columns) });
}

function notPortable(data: unknown): ArgumentError {
  const isMapped = data instanceof MappedDataset;
  return new ArgumentError({
    operation: "prefetch",
    received: isMapped
      ? "a dataset that mapDataset made: functions cannot be sent to a worker"
      : "a dataset of another kind",
    expected: "files or arrays of this package, augmented or not",
    fix: "Pass workers: 0 to prepare batches on the calling thread.",
  });
}
