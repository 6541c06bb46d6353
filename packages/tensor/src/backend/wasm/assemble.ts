/** From a schedule to the bytes of a module: one function for each kernel, and `run`, which calls them in order. */

import type { DataOf } from "../../dtype.ts";
import type { Group } from "../../graph/fuse.ts";
import type { Node } from "../../graph/graph.ts";
import { sizeOf } from "../../shape.ts";
import { type FunctionBuilder, type FunctionReference, ModuleBuilder } from "./assembler/module.ts";
import { f32, i32, memoryCopy } from "./assembler/scalar.ts";
import { chainEpilogue, elementwiseItems, emitElementwise } from "./kernels/elementwise.ts";
import { emitGemm, panelColumns, type Tile } from "./kernels/gemm.ts";
import { matrixOf, type Place, stridesIn } from "./kernels/operand.ts";
import {
  emitArgmax,
  emitOneHot,
  emitSoftmax,
  emitSumColumns,
  emitSumRows,
  emitTranspose,
  sumKind,
} from "./kernels/rows.ts";
import type { EngineMemory } from "./memory.ts";
import { kernelOf } from "./roles.ts";
import type { Move, Schedule } from "./schedule.ts";
import { bytesIn } from "./values.ts";

/** A module with what it needs of its host. */
export interface Assembly {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly kernels: readonly string[];
  /** Runs the reference loops of one node. */
  readonly reference: (index: number) => void;
}

/** One kernel: a function (first, end) over independent items. */
interface Kernel {
  readonly label: string;
  readonly items: number;
  readonly emit: (f: FunctionBuilder) => void;
  /** Whether a run must stop behind it when it has set the status. */
  readonly mayFail?: boolean;
}

const strictTile: Tile = { rows: 4, columns: 16, unroll: 4 };
const fastTile: Tile = { rows: 6, columns: 16, unroll: 2 };

export function assemble(plan: Schedule, memory: EngineMemory, fused: boolean): Assembly {
  const module = new ModuleBuilder(memory.limits);
  const callReference = module.import("reference", 1);
  const fallbacks: Node[] = [];
  const kernels = [
    ...plan.movesBefore.map(moveKernel),
    ...plan.groups.map((group) => kernelFor(plan, group, fused)),
    ...plan.movesAfter.map(moveKernel),
  ];
  const calls = kernels.map((kernel): { readonly kernel: Kernel | Node; readonly target?: FunctionReference } =>
    "emit" in kernel ? { kernel, target: module.define(2, kernel.emit) } : { kernel },
  );
  module.define(
    0,
    (f) => {
      for (const { kernel, target } of calls) {
        if (target === undefined) {
          fallbacks.push(kernel as Node);
          f.call(callReference, i32.const(fallbacks.length - 1));
        } else {
          f.call(target, i32.const(0), i32.const((kernel as Kernel).items));
          if ((kernel as Kernel).mayFail) f.if(i32.load(i32.const(plan.statusAddress)), () => f.return());
        }
      }
    },
    "run",
  );
  return {
    bytes: module.encode(),
    kernels: kernels.map((kernel) => ("emit" in kernel ? kernel.label : `${kernel.op!.name} on reference loops`)),
    reference: referenceRunner(fallbacks, plan, memory),
  };
}

/** The kernel of a group; the node itself where only the reference loops can compute it. */
function kernelFor(plan: Schedule, group: Group, fused: boolean): Kernel | Node {
  const { anchor } = group;
  const context = { fusion: plan.fusion, group, place: plan.place };
  const names = group.nodes.map((node) => node.op!.name).join(" + ");
  const label = `${names} [${group.nodes[0]!.shape.join(", ")}]`;
  if (anchor === undefined) {
    return { label, items: elementwiseItems(context), emit: (f) => emitElementwise(f, context) };
  }
  const [input] = anchor.inputs;
  const output = plan.place(anchor);
  switch (kernelOf(anchor)) {
    case "matmul":
      return gemmKernel(plan, group, label, fused);
    case "sum": {
      const { axes } = anchor.attributes as { readonly axes: readonly number[] };
      const { rows, columns } = matrixOf(input!.shape);
      const from = plan.rows(input!);
      if (sumKind(input!, axes) === "columns") {
        return { label, items: Math.ceil(columns / 4), emit: (f) => emitSumColumns(f, from, output, rows, columns) };
      }
      const items = sizeOf(anchor.shape);
      return {
        label,
        items,
        emit: (f) => emitSumRows(f, from, output, items === 0 ? 0 : sizeOf(input!.shape) / items),
      };
    }
    case "softmax":
    case "logSoftmax": {
      const { rows, columns } = matrixOf(input!.shape);
      return {
        label,
        items: rows,
        emit: (f) => emitSoftmax(f, plan.rows(input!), output, columns, anchor.op!.name === "logSoftmax"),
      };
    }
    case "argmax": {
      const { rows, columns } = matrixOf(input!.shape);
      return { label, items: rows, emit: (f) => emitArgmax(f, plan.rows(input!), output, columns) };
    }
    case "oneHot": {
      const emit = (f: FunctionBuilder) =>
        emitOneHot(f, input!, plan.rows(input!), output, anchor.shape.at(-1)!, plan.statusAddress);
      return { label, items: sizeOf(input!.shape), mayFail: true, emit };
    }
    case "transpose": {
      const from = plan.place(input!);
      return {
        label,
        items: input!.shape[0]!,
        emit: (f) => emitTranspose(f, input!, elementAddresses(f, input!, from, anchor, output)),
      };
    }
    default:
      return anchor;
  }
}

function gemmKernel(plan: Schedule, group: Group, label: string, fused: boolean): Kernel {
  const anchor = group.anchor!;
  const [a, b] = anchor.inputs as [Node, Node];
  const { rows: m, columns: n } = matrixOf(anchor.shape);
  const transposed = (anchor.attributes as { readonly transposeA?: boolean } | undefined)?.transposeA === true;
  const k = b.shape[0]!;
  const [left, right] = [plan.rows(a), plan.place(b)];
  const panels = Math.ceil(n / panelColumns);
  const options = {
    m,
    n,
    k,
    a: transposed ? { rowBytes: 4, columnBytes: 4 * m } : { rowBytes: 4 * k, columnBytes: 4 },
    b: stridesIn(right.layout, { rows: k, columns: n }),
    tile: fused ? fastTile : strictTile,
    fused,
    epilogue: chainEpilogue({ fusion: plan.fusion, group, place: plan.place }),
  };
  return {
    label: `${label} k ${k}`,
    items: panels,
    emit: (f) => emitGemm(f, options, { a: left.address, b: right.address }),
  };
}

/** Addresses of element (row, column) of `input` and of element (column, row) of its transpose. */
function elementAddresses(
  f: FunctionBuilder,
  input: Node,
  from: Place,
  output: Node,
  to: Place,
): Parameters<typeof emitTranspose>[2] {
  const addressOf = (place: Place, node: Node) => {
    const strides = stridesIn(place.layout, matrixOf(node.shape));
    return (
      row: { readonly get: ReturnType<typeof i32.const> },
      column: { readonly get: ReturnType<typeof i32.const> },
    ) => {
      const panel = i32.mul(i32.shrU(column.get, i32.const(4)), i32.const(strides.panelBytes));
      const within = i32.shl(i32.and(column.get, i32.const(15)), i32.const(2));
      return i32.add(
        i32.add(i32.const(place.address), panel),
        i32.add(i32.mul(row.get, i32.const(strides.rowBytes)), within),
      );
    };
  };
  const [source, target] = [addressOf(from, input), addressOf(to, output)];
  return (row, column) => ({ from: f.let(source(row, column)), to: f.let(target(column, row)) });
}

function moveKernel({ type, from, to }: Move): Kernel {
  const label = `move ${from.layout} to ${to.layout} [${type.shape.join(", ")}]`;
  if (from.layout === to.layout) {
    const bytes = bytesIn(from.layout, type);
    return {
      label,
      items: 1,
      emit: (f) => f.add(memoryCopy(i32.const(to.address), i32.const(from.address), i32.const(bytes))),
    };
  }
  const { rows, columns } = matrixOf(type.shape);
  const emit = (f: FunctionBuilder): void => {
    const [row, end] = [f.parameter(0), f.parameter(1)];
    const column = f.local("i32");
    const address = (place: Place) => {
      const strides = stridesIn(place.layout, { rows, columns });
      const panel = i32.mul(i32.shrU(column.get, i32.const(4)), i32.const(strides.panelBytes));
      const within = i32.shl(i32.and(column.get, i32.const(15)), i32.const(2));
      return i32.add(
        i32.add(i32.const(place.address), panel),
        i32.add(i32.mul(row.get, i32.const(strides.rowBytes)), within),
      );
    };
    f.for(row, end.get, 1, () => {
      f.add(column.set(i32.const(0)));
      f.for(column, i32.const(columns), 1, () => f.add(f32.store(address(to), f32.load(address(from)))));
    });
  };
  return { label, items: rows, emit };
}

/** Runs the reference loops over views of the memory, which are renewed when it has grown. */
function referenceRunner(nodes: readonly Node[], plan: Schedule, memory: EngineMemory): (index: number) => void {
  interface View {
    readonly shape: Node["shape"];
    readonly dtype: Node["dtype"];
    readonly data: DataOf;
  }
  let buffer: ArrayBufferLike | undefined;
  let views: { readonly inputs: View[]; readonly output: View }[] = [];
  const viewOf = (node: Node, place: Place): View => ({
    shape: node.shape,
    dtype: node.dtype,
    data: memory.view(node.dtype, place.address, sizeOf(node.shape)),
  });
  return (index) => {
    if (buffer !== memory.memory.buffer) {
      buffer = memory.memory.buffer;
      views = nodes.map((node) => ({
        inputs: node.inputs.map((input) => viewOf(input, plan.rows(input))),
        output: viewOf(node, plan.place(node)),
      }));
    }
    const node = nodes[index]!;
    const { inputs, output } = views[index]!;
    node.op!.run(inputs, output, node.attributes);
  };
}
