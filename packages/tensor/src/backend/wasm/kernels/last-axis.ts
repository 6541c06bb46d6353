/**
 * Kernels that work along the last axis: softmax, argmax, one-hot rows, and transposition. They follow the reference
 * loops operation by operation, so that their bits are the same.
 */

import type { Node } from "../../../graph/graph.ts";
import type { FunctionBuilder, Local } from "../assembler/module.ts";
import { f32, i32, memoryFill } from "../assembler/scalar.ts";
import { f32x4, i8x16, v128 } from "../assembler/simd.ts";
import { expF32x4, logF32x4 } from "./float32-math.ts";
import { addressIn, matrixOf, type Place, stridesIn } from "./operand.ts";
import { storeLanes } from "./part-vectors.ts";

/** Body of a function (first, end) over rows: softmax or its logarithm, as `ops/softmax.ts` computes them. */
export function emitSoftmax(f: FunctionBuilder, from: Place, to: Place, length: number, logarithm: boolean): void {
  const [row, end] = [f.parameter(0), f.parameter(1)];
  const vectors = Math.ceil(length / 4);
  const lanesOf = (vector: number): number => Math.min(4, length - 4 * vector);
  const eachScalar = (base: Local<"i32">, body: (address: Local<"i32">) => void): void => {
    const address = f.let(base.get);
    const stop = f.let(i32.add(base.get, i32.const(4 * length)));
    f.while(i32.ltU(address.get, stop.get), () => {
      body(address);
      f.add(address.set(i32.add(address.get, i32.const(4))));
    });
  };
  /** Vector after vector; the last one may store fewer lanes. */
  const eachVector = (base: Local<"i32">, body: (address: Local<"i32">, lanes: number) => void): void => {
    const address = f.let(base.get);
    const whole = length - (length % 4);
    if (whole > 0) {
      const stop = f.let(i32.add(base.get, i32.const(4 * whole)));
      f.while(i32.ltU(address.get, stop.get), () => {
        body(address, 4);
        f.add(address.set(i32.add(address.get, i32.const(16))));
      });
    }
    if (whole < length) body(address, lanesOf(vectors - 1));
  };
  f.for(row, end.get, 1, () => {
    const base = f.let(i32.mul(row.get, i32.const(4 * length)));
    const largest = f.let(f32.const(Number.NEGATIVE_INFINITY));
    eachScalar(base, (address) => f.add(largest.set(f32.max(largest.get, f32.load(address.get, from.address)))));
    const shift = f.let(f32x4.splat(largest.get));
    // The exponentials take the output's place; the logarithm computes the differences once more afterwards.
    eachVector(base, (address, lanes) => {
      const difference = f32x4.sub(v128.load(address.get, from.address), shift.get);
      storeLanes(f, address.get, expF32x4(f, difference), lanes, to.address);
    });
    const total = f.let(f32.const(0));
    eachScalar(base, (address) => f.add(total.set(f32.add(total.get, f32.load(address.get, to.address)))));
    const totals = f.let(logarithm ? logF32x4(f, f32x4.splat(total.get)) : f32x4.splat(total.get));
    eachVector(base, (address, lanes) => {
      const value = logarithm
        ? f32x4.sub(f32x4.sub(v128.load(address.get, from.address), shift.get), totals.get)
        : f32x4.div(v128.load(address.get, to.address), totals.get);
      storeLanes(f, address.get, value, lanes, to.address);
    });
  });
}

/** Body of a function (first, end) over rows of `length`: the index of the largest, of the first NaN if there is one. */
export function emitArgmax(f: FunctionBuilder, from: Place, to: Place, length: number): void {
  const [row, end] = [f.parameter(0), f.parameter(1)];
  f.for(row, end.get, 1, () => {
    const base = f.let(i32.mul(row.get, i32.const(4 * length)));
    const best = f.let(f32.load(base.get, from.address));
    const bestIndex = f.let(i32.const(0));
    const index = f.let(i32.const(1));
    const value = f.local("f32");
    f.for(index, i32.const(length), 1, () => {
      f.add(value.set(f32.load(i32.add(base.get, i32.shl(index.get, i32.const(2))), from.address)));
      const notANumber = (x: Local<"f32">) => i32.eqz(f32.eq(x.get, x.get));
      const better = i32.or(f32.gt(value.get, best.get), i32.and(notANumber(value), i32.eqz(notANumber(best))));
      f.if(better, () => f.add(best.set(value.get), bestIndex.set(index.get)));
    });
    f.add(i32.store(i32.shl(row.get, i32.const(2)), bestIndex.get, to.address));
  });
}

/**
 * Body of a function (first, end) over labels: rows of zeros with a one. A label outside the classes writes `failed` into
 * the status instead.
 */
export function emitOneHot(
  f: FunctionBuilder,
  labels: Node,
  from: Place,
  to: Place,
  classCount: number,
  status: { readonly address: number; readonly failed: number },
): void {
  const [row, end] = [f.parameter(0), f.parameter(1)];
  const base = f.let(i32.mul(row.get, i32.const(4 * classCount)));
  const bytes = i32.mul(i32.sub(end.get, row.get), i32.const(4 * classCount));
  f.add(memoryFill(i32.add(base.get, i32.const(to.address)), i32.const(0), bytes));
  f.for(row, end.get, 1, () => {
    const wide = labels.dtype === "int32";
    const label = f.let(
      wide ? i32.load(i32.shl(row.get, i32.const(2)), from.address) : i32.load8U(row.get, from.address),
    );
    f.if(
      i32.ltU(label.get, i32.const(classCount)),
      () => f.add(f32.store(i32.add(base.get, i32.shl(label.get, i32.const(2))), f32.const(1), to.address)),
      () => f.add(i32.store(i32.const(status.address), i32.const(status.failed))),
    );
    f.add(base.set(i32.add(base.get, i32.const(4 * classCount))));
  });
}

/** Body of a function (first, end) over rows of the input: a matrix with its axes exchanged, from and to any layout. */
export function emitTranspose(f: FunctionBuilder, input: Node, from: Place, to: Place): void {
  const [row, end] = [f.parameter(0), f.parameter(1)];
  const { rows, columns } = matrixOf(input.shape);
  const [source, target] = [
    stridesIn(from.layout, { rows, columns }),
    stridesIn(to.layout, { rows: columns, columns: rows }),
  ];
  const column = f.local("i32");
  f.for(row, end.get, 1, () => {
    f.add(column.set(i32.const(0)));
    f.for(column, i32.const(columns), 1, () => {
      const element = f32.load(addressIn(source, row.get, column.get), from.address);
      f.add(f32.store(addressIn(target, column.get, row.get), element, to.address));
    });
  });
}

/** Body of a function (first, end) over groups of four elements: float64 rounded to float32. */
export function emitDemote(f: FunctionBuilder, from: number, to: number): void {
  const [group, end] = [f.parameter(0), f.parameter(1)];
  f.for(group, end.get, 1, () => {
    const source = f.let(i32.mul(group.get, i32.const(32)));
    const [low, high] = [0, 16].map((offset) => f32x4.demoteF64x2Zero(v128.load(source.get, from + offset)));
    const both = i8x16.shuffle(low!, high!, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
    f.add(v128.store(i32.mul(group.get, i32.const(16)), both, to));
  });
}
