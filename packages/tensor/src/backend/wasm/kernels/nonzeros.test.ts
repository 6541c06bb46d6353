import fc from "fast-check";
import { expect, test } from "vitest";
import { ModuleBuilder } from "../assembler/module.ts";
import { webAssembly } from "../web-assembly.ts";
import {
  copyBytes,
  emitNonzeros,
  entryBytes,
  lengthsBytes,
  listCount,
  listStride,
  longestTotal,
  type Nonzeros,
  nonzerosItems,
} from "./nonzeros.ts";

type Along = Nonzeros["along"];

const pageBytes = 65536;

/** The lists that the kernels make when their work is split at `splits`: entries, and all lengths together in bytes. */
function makeLists(values: Float32Array, matrix: Nonzeros["matrix"], along: Along, splits: readonly number[] = []) {
  const source = 64;
  const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;
  const rowsAt = source + aligned(values.byteLength + 16);
  const ofRows: Nonzeros = { along: "rows", matrix, copies: 1, source, address: rowsAt };
  const columnsAt = rowsAt + copyBytes(ofRows);
  const ofColumns: Nonzeros = { along: "columns", matrix, copies: 3, source: rowsAt, address: columnsAt };
  const nonzeros = along === "rows" ? ofRows : ofColumns;
  const pages = Math.ceil((columnsAt + ofColumns.copies * copyBytes(ofColumns)) / pageBytes);
  const memory = new webAssembly!.Memory({ initial: pages, maximum: pages, shared: false });
  new Uint8Array(memory.buffer).fill(0x55);
  new Float32Array(memory.buffer, source, values.length).set(values);
  for (const each of along === "rows" ? [ofRows] : [ofRows, ofColumns]) {
    const module = new ModuleBuilder({ minimumPages: 1, maximumPages: pages, shared: false });
    module.define(2, (f) => emitNonzeros(f, each), "run");
    const { exports } = new webAssembly!.Instance(new webAssembly!.Module(module.encode()), { engine: { memory } });
    const count = nonzerosItems(each);
    const bounds = [0, ...splits.map((at) => Math.min(at, count)).sort((a, b) => a - b), count];
    for (let i = 1; i < bounds.length; i++) exports.run!(bounds[i - 1]!, bounds[i]!);
  }

  const view = new DataView(memory.buffer);
  const address = nonzeros.address + copyBytes(nonzeros) * (nonzeros.copies - 1);
  const lengths = Array.from({ length: listCount(nonzeros) }, (_, i) => view.getInt32(address + 4 * i, true));
  const lists = lengths.map((length, list) =>
    Array.from({ length: length / entryBytes }, (_, i) => {
      const at = address + lengthsBytes(nonzeros) + list * listStride(nonzeros) + i * entryBytes;
      return [view.getInt32(at + 4, true) / 64, view.getFloat32(at, true)] as const;
    }),
  );
  return { lists, total: lengths.reduce((sum, length) => sum + length, 0), longest: longestTotal(nonzeros) };
}

/** The same lists by their definition. */
function expectedLists(values: Float32Array, { rows, columns }: Nonzeros["matrix"], along: Along) {
  const [count, length] = along === "rows" ? [rows, columns] : [columns, rows];
  return Array.from({ length: count }, (_, list) =>
    Array.from({ length }, (_, index) => {
      const [row, column] = along === "rows" ? [list, index] : [index, list];
      return [index, values[row * columns + column]!] as const;
    }).filter(([, value]) => value !== 0),
  );
}

const along = fc.constantFrom("rows" as const, "columns" as const);
const element = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0, -0) },
  { weight: 1, arbitrary: fc.constantFrom(1e-45, -1e-45, Number.NaN, Number.POSITIVE_INFINITY, 3.5, -2) },
);

test("every element that is not zero is listed once, in order, and none that is", () => {
  const matrices = fc
    .tuple(fc.integer({ min: 1, max: 19 }), fc.integer({ min: 1, max: 19 }))
    .chain(([rows, columns]) =>
      fc.tuple(
        fc.constant({ rows, columns }),
        fc.array(element, { minLength: rows * columns, maxLength: rows * columns }),
        along,
        fc.array(fc.nat(19), { maxLength: 2 }),
      ),
    );
  fc.assert(
    fc.property(matrices, ([matrix, data, direction, splits]) => {
      const values = Float32Array.from(data);
      const expected = expectedLists(values, matrix, direction);
      const { lists, total, longest } = makeLists(values, matrix, direction, splits);
      if (total <= longest) expect(lists).toEqual(expected);
      // Lists are given up only where their part of the matrix is not thin.
      else expect(values.some((value) => value !== 0)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test.each(["rows", "columns"] as const)("thin data is listed, along %s, however the work is split", (direction) => {
  const matrix = { rows: 64, columns: 90 };
  const values = Float32Array.from({ length: 64 * 90 }, (_, i) => ((i * 7919) % 101 < 25 ? i + 1 : 0));
  for (const splits of [[], [7], [10, 20, 33]]) {
    const { lists, total, longest } = makeLists(values, matrix, direction, splits);
    expect(total).toBeLessThanOrEqual(longest);
    expect(lists).toEqual(expectedLists(values, matrix, direction));
  }
});

test.each(["rows", "columns"] as const)("dense data is noted as such, along %s, whoever comes upon it", (direction) => {
  const matrix = { rows: 64, columns: 90 };
  const full = new Float32Array(64 * 90).fill(1);
  const halfFull = Float32Array.from(full, (_, i) => ((direction === "rows" ? i < 32 * 90 : i % 90 < 45) ? 1 : 0));
  for (const splits of [[], [8], [4, 8, 16]]) {
    for (const values of [full, halfFull]) {
      const { total, longest } = makeLists(values, matrix, direction, splits);
      expect(total).toBeGreaterThan(longest);
    }
  }
});
