/** From a schedule to the kernels that carry it out, in order, each with the memory that it touches. */

import type { Group } from "../../graph/fuse.ts";
import type { Node } from "../../graph/graph.ts";
import { sizeOf } from "../../shape.ts";
import type { FunctionBuilder } from "./assembler/module.ts";
import { i32, memoryCopy } from "./assembler/scalar.ts";
import { concatItems, emitConcat, emitSlice, sliceItems } from "./kernels/blocks.ts";
import { chainEpilogue, elementwiseCut, elementwiseItems, emitElementwise } from "./kernels/elementwise.ts";
import { emitGemm, gemmItems, panelColumns, type Tile } from "./kernels/gemm.ts";
import { emitArgmax, emitDemote, emitOneHot, emitSoftmax, emitTranspose } from "./kernels/last-axis.ts";
import { copyBytes, emitNonzeros, type Nonzeros, nonzerosItems } from "./kernels/nonzeros.ts";
import { type Cut, matrixOf, stridesIn } from "./kernels/operand.ts";
import { emitReduction, readsPanels, reductionCut, reductionItems, reductionOf } from "./kernels/reduce.ts";
import { emitRelayout } from "./kernels/relayout.ts";
import { emitShortRows, hasShortRows, rowsAtOnce, shortRowsItems } from "./kernels/short-rows.ts";
import { emitSparseGemm } from "./kernels/sparse-gemm.ts";
import { emitUniform, uniformElements } from "./kernels/uniform.ts";
import { type Ranges, rangeOf, rangeOfCopies, touchedBy } from "./ranges.ts";
import type { ReferenceLoops } from "./reference-loops.ts";
import { kernelOf, mayFail, transposesLeft } from "./roles.ts";
import type { Move, Schedule } from "./schedule.ts";
import { bytesIn } from "./values.ts";

/** A function (first, end) over independent items. */
export interface Kernel {
  readonly label: string;
  readonly items: number;
  /** About how long all items take on one thread, in nanoseconds. */
  readonly cost: number;
  readonly emit: (f: FunctionBuilder) => void;
  /** How the items divide what the kernel computes, where that is known. */
  readonly cut?: Cut | undefined;
}

/** A kernel with the memory that its items touch, from the first to before the last. */
export interface Step extends Kernel {
  /** Whether a run must stop behind it when it has set the status. */
  readonly mayFail?: boolean;
  readonly touches: (first: number, end: number) => Ranges;
}

/** How kernels are written. */
export interface KernelOptions {
  readonly fused: boolean;
  readonly threads: number;
  /** Kernels for V8's packing of neighbouring vectors into 256 bits; otherwise written so that it packs nothing. */
  readonly wide: boolean;
}

/** The steps of `plan`; what has no kernel, and what may fail, is added to `loops`. */
export function stepsOf(plan: Schedule, options: KernelOptions, loops: Pick<ReferenceLoops, "add" | "kernel">): Step[] {
  const groupStep = (group: Group): Step => {
    const kernel = kernelFor(plan, group, options, loops) ?? loops.kernel(group.anchor!);
    const { anchor } = group;
    return {
      ...kernel,
      mayFail: anchor !== undefined && mayFail(anchor),
      touches: touchedBy(plan, group, kernel),
    };
  };
  const behind = (group: number): Step[] => [
    ...plan.moves.filter(({ after }) => after === group).map(moveStep),
    ...plan.listings.filter(({ after }) => after === group).map(({ nonzeros }) => listingStep(nonzeros)),
  ];
  return [...behind(-1), ...plan.groups.flatMap((group, i) => [groupStep(group), ...behind(i)])];
}

/**
 * The register tiles that ran fastest, for each way of computing. All give the same bits in strict mode. With 256 bits V8
 * holds sixteen columns in two registers; with 128 bits a tile of that width would not fit the fifteen there are.
 */
const tiles = {
  narrow: { strict: { rows: 4, columns: 8, unroll: 4 }, fused: { rows: 6, columns: 8, unroll: 2 } },
  wide: { strict: { rows: 4, columns: 16, unroll: 4 }, fused: { rows: 6, columns: 16, unroll: 2 } },
} as const satisfies Record<string, Record<string, Tile>>;

/** The kernel of a group; undefined where only the reference loops can compute it. */
function kernelFor(
  plan: Schedule,
  group: Group,
  options: KernelOptions,
  loops: Pick<ReferenceLoops, "add">,
): Kernel | undefined {
  const { anchor } = group;
  const context = { fusion: plan.fusion, group, place: plan.place, packable: options.wide };
  const names = group.nodes.map((node) => node.op!.name).join(" + ");
  const label = `${names} [${group.nodes[0]!.shape.join(", ")}]`;
  if (anchor === undefined) {
    return {
      label,
      items: elementwiseItems(context),
      cost: sizeOf(group.nodes[0]!.shape) * group.nodes.length * 0.2,
      cut: elementwiseCut(context),
      emit: (f) => emitElementwise(f, context),
    };
  }
  const [input] = anchor.inputs;
  const output = plan.place(anchor);
  switch (kernelOf(anchor)) {
    case "matmul":
      return gemmKernel(plan, group, label, options);
    case "sum":
    case "max":
    case "min": {
      const reduction = reductionOf(anchor)!;
      const from = readsPanels(reduction, input!.shape) ? plan.place(input!) : plan.rows(input!);
      const status = mayFail(anchor) ? { address: plan.statusAddress, failed: loops.add(anchor) } : undefined;
      return {
        label,
        items: reductionItems(reduction),
        cost: sizeOf(input!.shape) * (reduction.inner === 1 ? 1 : 0.3),
        cut: reductionCut(reduction, input!.shape),
        emit: (f) => emitReduction(f, reduction, input!, { from, to: output, status }),
      };
    }
    case "uniform": {
      const [seed, step] = anchor.inputs.map((each) => plan.rows(each).address) as [number, number];
      const { stream } = anchor.attributes as { readonly stream: number };
      return {
        label,
        items: Math.ceil(sizeOf(anchor.shape) / uniformElements),
        cost: sizeOf(anchor.shape) * 4,
        emit: (f) => emitUniform(f, { seed, step }, output.address, stream),
      };
    }
    case "concat": {
      const from = anchor.inputs.map((each) => plan.rows(each).address);
      const emit = (f: FunctionBuilder) => emitConcat(f, anchor, from, output.address);
      return { label, items: concatItems(anchor), cost: sizeOf(anchor.shape) * 0.3, emit };
    }
    case "slice":
    case "pad": {
      const emit = (f: FunctionBuilder) => emitSlice(f, anchor, plan.rows(input!).address, output.address);
      return { label, items: sliceItems(anchor), cost: sizeOf(anchor.shape) * 0.5, emit };
    }
    case "cast": {
      const emit = (f: FunctionBuilder) => emitDemote(f, plan.rows(input!).address, output.address);
      return { label, items: Math.ceil(sizeOf(anchor.shape) / 4), cost: sizeOf(anchor.shape) * 0.4, emit };
    }
    case "softmax":
    case "logSoftmax": {
      const from = plan.rows(input!);
      const { rows, columns } = matrixOf(input!.shape);
      const cost = sizeOf(input!.shape) * (1.5 + 0.25 * group.nodes.length);
      if (hasShortRows(anchor))
        return {
          label,
          items: shortRowsItems(anchor),
          cost,
          cut: { shape: anchor.shape, axis: "rows", size: rowsAtOnce },
          emit: (f) => emitShortRows(f, context, from, plan.scratch(group)),
        };
      const logarithm = anchor.op!.name === "logSoftmax";
      return { label, items: rows, cost, emit: (f) => emitSoftmax(f, from, output, columns, logarithm) };
    }
    case "argmax": {
      const { rows, columns } = matrixOf(input!.shape);
      return {
        label,
        items: rows,
        cost: rows * columns,
        emit: (f) => emitArgmax(f, plan.rows(input!), output, columns),
      };
    }
    case "oneHot": {
      const status = { address: plan.statusAddress, failed: loops.add(anchor) };
      const emit = (f: FunctionBuilder) =>
        emitOneHot(f, input!, plan.rows(input!), output, anchor.shape.at(-1)!, status);
      return { label, items: sizeOf(input!.shape), cost: sizeOf(anchor.shape), emit };
    }
    case "transpose": {
      const from = plan.place(input!);
      return {
        label,
        items: input!.shape[0]!,
        cost: sizeOf(input!.shape),
        emit: (f) => emitTranspose(f, input!, from, output),
      };
    }
    default:
      return undefined;
  }
}

function gemmKernel(plan: Schedule, group: Group, label: string, { fused, threads, wide }: KernelOptions): Kernel {
  const anchor = group.anchor!;
  const [a, b] = anchor.inputs as [Node, Node];
  const { rows: m, columns: n } = matrixOf(anchor.shape);
  const transposed = transposesLeft(anchor);
  const k = b.shape[0]!;
  const [left, right] = [plan.rows(a), plan.factor(b)];
  const panels = Math.ceil(n / panelColumns);
  const tile = tiles[wide ? "wide" : "narrow"][fused ? "fused" : "strict"];
  const byRows = panels < 2 * threads;
  const nonzeros = plan.nonzeros(anchor);
  const options = {
    m,
    n,
    k,
    a: transposed ? { rowBytes: 4, columnBytes: 4 * m } : { rowBytes: 4 * k, columnBytes: 4 },
    b: stridesIn(right.layout, { rows: k, columns: n }),
    tile,
    split: byRows ? ("rows" as const) : ("panels" as const),
    fused,
    epilogue: chainEpilogue({ fusion: plan.fusion, group, place: plan.place, packable: wide }),
  };
  return {
    label: `${label} k ${k}${nonzeros === undefined ? "" : " skipping zeros"}`,
    items: gemmItems(options),
    cost: (m * n * k) / 25,
    cut: {
      shape: anchor.shape,
      ...(byRows ? { axis: "rows", size: tile.rows } : { axis: "columns", size: panelColumns }),
    },
    emit: (f) => {
      if (nonzeros !== undefined) emitSparseGemm(f, options, nonzeros, right.address, wide);
      emitGemm(f, options, { a: left.address, b: right.address });
    },
  };
}

function listingStep(nonzeros: Nonzeros): Step {
  const { along, matrix, source } = nonzeros;
  const elements = matrix.rows * matrix.columns;
  const sourceBytes = along === "rows" ? 4 * elements : copyBytes({ along: "rows", matrix });
  const items = nonzerosItems(nonzeros);
  return {
    touches: (first, end) => ({
      reads: [{ start: source, end: source + sourceBytes }],
      writes: [along === "rows" ? rangeOfCopies(nonzeros, 0, 1) : rangeOfCopies(nonzeros, first, end)],
    }),
    label: `list what is not zero in ${along} [${matrix.rows}, ${matrix.columns}]`,
    items,
    cost: elements * 0.3 * nonzeros.copies,
    emit: (f) => emitNonzeros(f, nonzeros),
  };
}

function moveStep({ type, from, to }: Move): Step {
  const label = `move ${from.layout} to ${to.layout} [${type.shape.join(", ")}]`;
  const touches = (): Ranges => ({ reads: [rangeOf(from, type)], writes: [rangeOf(to, type)] });
  if (from.layout === to.layout) {
    const bytes = bytesIn(from.layout, type);
    return {
      touches,
      label,
      items: 1,
      cost: bytes / 16,
      emit: (f) => f.add(memoryCopy(i32.const(to.address), i32.const(from.address), i32.const(bytes))),
    };
  }
  const matrix = matrixOf(type.shape);
  return {
    touches,
    label,
    items: matrix.rows,
    cost: matrix.rows * matrix.columns * 0.3,
    emit: (f) => emitRelayout(f, matrix, from, to),
  };
}
