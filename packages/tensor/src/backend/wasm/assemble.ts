/** From a schedule to the bytes of a module: one function for each kernel, and `run`, which calls them in order. */

import type { DataOf } from "../../dtype.ts";
import type { Group } from "../../graph/fuse.ts";
import type { Node } from "../../graph/graph.ts";
import { sizeOf } from "../../shape.ts";
import type { I32 } from "./assembler/expression.ts";
import { type FunctionBuilder, ModuleBuilder } from "./assembler/module.ts";
import { i32, memoryCopy } from "./assembler/scalar.ts";
import { canSleep } from "./host.ts";
import { concatItems, emitConcat, emitSlice, sliceItems } from "./kernels/blocks.ts";
import { chainEpilogue, elementwiseItems, emitElementwise, emitRelayout } from "./kernels/elementwise.ts";
import { emitGemm, panelColumns, type Tile } from "./kernels/gemm.ts";
import { emitNonzeros, type Nonzeros, nonzerosItems } from "./kernels/nonzeros.ts";
import { matrixOf, type Place, stridesIn } from "./kernels/operand.ts";
import { emitReduction, readsPanels, reductionItems, reductionOf } from "./kernels/reduce.ts";
import { emitArgmax, emitDemote, emitOneHot, emitSoftmax, emitTranspose } from "./kernels/rows.ts";
import { emitShortRows, hasShortRows, shortRowsItems } from "./kernels/short-rows.ts";
import { emitSparseGemm } from "./kernels/sparse-gemm.ts";
import { emitUniform, uniformElements } from "./kernels/uniform.ts";
import type { EngineMemory } from "./memory.ts";
import { kernelOf } from "./roles.ts";
import type { Move, Schedule } from "./schedule.ts";
import { emitBarrier } from "./threads.ts";
import { bytesIn } from "./values.ts";

/** A module with what it needs of its host. */
export interface Assembly {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly kernels: readonly string[];
  /** How many threads take part; 1 where nothing is worth sharing. */
  readonly threads: number;
  /** Runs the reference loops of one node. */
  readonly reference: (index: number) => void;
}

/** One kernel: a function (first, end) over independent items. */
interface Kernel {
  readonly label: string;
  readonly items: number;
  /** About how long all items take on one thread, in nanoseconds. */
  readonly cost: number;
  readonly emit: (f: FunctionBuilder) => void;
  /** Whether a run must stop behind it when it has set the status. */
  readonly mayFail?: boolean;
}

/**
 * The register tiles that ran fastest, for each way of computing. All give the same bits in strict mode. With 256 bits V8
 * holds sixteen columns in two registers; with 128 bits a tile of that width would not fit the fifteen there are.
 */
const tiles = {
  narrow: { strict: { rows: 4, columns: 8, unroll: 4 }, fused: { rows: 6, columns: 8, unroll: 2 } },
  wide: { strict: { rows: 4, columns: 16, unroll: 4 }, fused: { rows: 6, columns: 16, unroll: 2 } },
} as const satisfies Record<string, Record<string, Tile>>;

/** A kernel that takes less runs on one thread: two barriers cost about half a microsecond. */
const leastShared = 2_000;

export interface AssembleOptions {
  readonly fused: boolean;
  readonly threads: number;
  /** How long a thread waits for the others before it gives them up for lost. */
  readonly patienceMs: number;
  /** Kernels for V8's packing of neighbouring vectors into 256 bits; otherwise written so that it packs nothing. */
  readonly wide: boolean;
}

export function assemble(plan: Schedule, memory: EngineMemory, options: AssembleOptions): Assembly {
  const module = new ModuleBuilder(memory.limits);
  const callReference = module.import("reference", 1);
  const stalled = module.import("stalled", 0);
  const movesBehind = (group: number): Kernel[] => [
    ...plan.moves.filter(({ after }) => after === group).map(moveKernel),
    ...plan.listings.filter(({ after }) => after === group).map(({ nonzeros }) => listingKernel(nonzeros)),
  ];
  const kernels = [
    ...movesBehind(-1),
    ...plan.groups.flatMap((group, i) => [kernelFor(plan, group, options), ...movesBehind(i)]),
  ];
  const isShared = (kernel: Kernel): boolean => kernel.items > 1 && kernel.cost >= leastShared;
  const threads = kernels.some((kernel) => "emit" in kernel && isShared(kernel)) ? options.threads : 1;
  // A kernel that takes long on one thread may keep the others waiting as long.
  const longest = Math.max(0, ...kernels.map((kernel) => ("emit" in kernel ? kernel.cost : 0)));
  const milliseconds = options.patienceMs + (20 * longest) / 1e6;
  const barrier =
    threads === 1 ? undefined : module.define(1, (f) => emitBarrier(f, { canSleep, milliseconds }, stalled));
  const targets = kernels.map((kernel) => ("emit" in kernel ? module.define(2, kernel.emit) : undefined));
  const fallbacks: Node[] = [];

  // A function (thread, threads): with the others, or while they are not there yet alone.
  const emitRun = (f: FunctionBuilder): void => {
    const [thread, count] = [f.parameter(0), f.parameter(1)];
    const meet = (): void => {
      if (barrier !== undefined) f.call(barrier, count.get);
    };
    const alone = (body: () => void): void => (threads === 1 ? body() : f.if(i32.eqz(thread.get), body));
    let sharedBefore = false;
    kernels.forEach((kernel, i) => {
      const target = targets[i];
      const shared = "emit" in kernel && threads > 1 && isShared(kernel);
      // A kernel on one thread after another needs no meeting.
      if (i > 0 && (shared || sharedBefore)) meet();
      if (!("emit" in kernel)) {
        fallbacks.push(kernel);
        alone(() => f.call(callReference, i32.const(fallbacks.length - 1)));
      } else if (shared)
        f.call(
          target!,
          share(thread.get, kernel.items, count.get),
          share(i32.add(thread.get, i32.const(1)), kernel.items, count.get),
        );
      else alone(() => f.call(target!, i32.const(0), i32.const(kernel.items)));
      sharedBefore = shared;
      if ("emit" in kernel && kernel.mayFail) {
        meet();
        sharedBefore = false;
        f.if(i32.load(i32.const(plan.statusAddress)), () => {
          // The next run clears the status: not before everybody has read it.
          meet();
          f.return();
        });
      }
    });
    meet();
  };
  module.define(2, emitRun, "run");
  return {
    bytes: module.encode(),
    threads,
    kernels: kernels.map((kernel) => ("emit" in kernel ? kernel.label : `${kernel.op!.name} on reference loops`)),
    reference: referenceRunner(fallbacks, plan, memory),
  };
}

/** The first of `items` items that belongs to `thread`. */
function share(thread: I32, items: number, threads: I32): I32 {
  return i32.divU(i32.mul(thread, i32.const(items)), threads);
}

/** The kernel of a group; the node itself where only the reference loops can compute it. */
function kernelFor(plan: Schedule, group: Group, options: AssembleOptions): Kernel | Node {
  const { anchor } = group;
  const context = { fusion: plan.fusion, group, place: plan.place, packable: options.wide };
  const names = group.nodes.map((node) => node.op!.name).join(" + ");
  const label = `${names} [${group.nodes[0]!.shape.join(", ")}]`;
  if (anchor === undefined) {
    return {
      label,
      items: elementwiseItems(context),
      cost: sizeOf(group.nodes[0]!.shape) * group.nodes.length * 0.2,
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
      return {
        label,
        items: reductionItems(reduction),
        cost: sizeOf(input!.shape) * (reduction.inner === 1 ? 1 : 0.3),
        emit: (f) => emitReduction(f, reduction, input!, from, output),
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
      const cost = sizeOf(input!.shape) * (2 + group.nodes.length);
      if (hasShortRows(anchor))
        return {
          label,
          items: shortRowsItems(anchor),
          cost,
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
      const emit = (f: FunctionBuilder) =>
        emitOneHot(f, input!, plan.rows(input!), output, anchor.shape.at(-1)!, plan.statusAddress);
      return { label, items: sizeOf(input!.shape), cost: sizeOf(anchor.shape), mayFail: true, emit };
    }
    case "transpose": {
      const from = plan.place(input!);
      return {
        label,
        items: input!.shape[0]!,
        cost: sizeOf(input!.shape),
        emit: (f) => emitTranspose(f, input!, elementAddresses(f, input!, from, anchor, output)),
      };
    }
    default:
      return anchor;
  }
}

function gemmKernel(plan: Schedule, group: Group, label: string, { fused, threads, wide }: AssembleOptions): Kernel {
  const anchor = group.anchor!;
  const [a, b] = anchor.inputs as [Node, Node];
  const { rows: m, columns: n } = matrixOf(anchor.shape);
  const transposed = (anchor.attributes as { readonly transposeA?: boolean } | undefined)?.transposeA === true;
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
    items: byRows ? Math.ceil(m / tile.rows) : panels,
    cost: (m * n * k) / 25,
    emit: (f) => {
      if (nonzeros !== undefined) emitSparseGemm(f, options, nonzeros, right.address, wide);
      emitGemm(f, options, { a: left.address, b: right.address });
    },
  };
}

function listingKernel(nonzeros: Nonzeros): Kernel {
  const { along, matrix } = nonzeros;
  return {
    label: `list what is not zero in ${along} [${matrix.rows}, ${matrix.columns}]`,
    items: nonzerosItems(nonzeros),
    cost: matrix.rows * matrix.columns * 0.3,
    emit: (f) => emitNonzeros(f, nonzeros),
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
      cost: bytes / 16,
      emit: (f) => f.add(memoryCopy(i32.const(to.address), i32.const(from.address), i32.const(bytes))),
    };
  }
  const matrix = matrixOf(type.shape);
  return {
    label,
    items: matrix.rows,
    cost: matrix.rows * matrix.columns * 0.3,
    emit: (f) => emitRelayout(f, matrix, from, to),
  };
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
