import fc from "fast-check";
import { expect, test } from "vitest";
import { Columns } from "./columns.ts";

/** Rows (i, −i) labelled i mod 251, in chunks of these lengths that are read into one and the same memory. */
function inOneChunksMemory(lengths: readonly number[], memory: number): Columns {
  const inputs = new Float32Array(2 * Math.max(...lengths));
  const targets = new Uint8Array(inputs.length / 2);
  let start = 0;
  const chunks = lengths.map((rows) => {
    const first = start;
    start += rows;
    const read = () => {
      for (let i = 0; i < rows; i++) {
        inputs.set([first + i, -first - i], 2 * i);
        targets[i] = (first + i) % 251;
      }
      return { inputs: inputs.subarray(0, 2 * rows), targets: targets.subarray(0, rows) };
    };
    const readTargets = () => ({ targets: Uint8Array.from({ length: rows }, (_, i) => (first + i) % 251) });
    return { rows, read, readTargets };
  });
  return new Columns(chunks, { width: 2, dtype: "float32", memory });
}

test("with memory for one chunk, no rows are taken from a chunk that made room for another", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(lengths, fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 }), (lengths, wanted) => {
      const columns = inOneChunksMemory(lengths, 1);
      const indices = Uint32Array.from(wanted, (row) => row % columns.rows);
      const { inputs, targets } = columns.gather(indices);
      expect([...inputs]).toEqual([...indices].flatMap((row) => [row, -row]));
      expect([...targets]).toEqual([...indices].map((row) => row % 251));
      expect([...columns.range(0, columns.rows).inputs]).toEqual([...columns.whole().inputs]);
    }),
  );
});
