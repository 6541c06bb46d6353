/**
 * Fused elementwise kernels, and the same chains as epilogues of matrix products. A chain is emitted once for each vector
 * of four lanes: inputs loaded, operations in locals, outputs stored.
 */

import type { Fusion, Group } from "../../../graph/fuse.ts";
import type { Node } from "../../../graph/graph.ts";
import { sameShape, sizeOf } from "../../../shape.ts";
import type { I32, V128 } from "../assembler/expression.ts";
import type { FunctionBuilder, Local } from "../assembler/module.ts";
import { i32 } from "../assembler/scalar.ts";
import { f32x4, i8x16, i16x8, i32x4, v128 } from "../assembler/simd.ts";
import { withFloat32Constants } from "./float32-math.ts";
import { type Epilogue, panelColumns } from "./gemm.ts";
import { emitLanes, type Lanes, storedForm } from "./lanes.ts";
import {
  type Cut,
  type MatrixShape,
  matrixOf,
  type Place,
  type Stretch,
  stretchOf,
  stridesIn,
  uniformValue,
} from "./operand.ts";

/** What a chain needs to know of its surroundings. */
export interface ChainContext {
  readonly fusion: Fusion;
  readonly group: Group;
  readonly place: (node: Node) => Place;
  /** Whether V8 may pack two stores into one of 256 bits: it does where the higher address is stored first. */
  readonly packable: boolean;
}

type Read = (input: Node) => Lanes;

/**
 * The lanes of any value that the chain reads, for one vector: those in `known`, operations computed in place, and inputs
 * as `read` loads them, each once. What the kernel computes is known by the node that computes it; what it loads by the
 * node that reads it, because under another shape the same memory stretches another way.
 */
export function chainLanes(
  f: FunctionBuilder,
  { fusion }: ChainContext,
  read: Read,
  known: Map<Node, Lanes>,
): (node: Node) => Lanes {
  const loaded = new Map<Node, Lanes>();
  const lanesOf = (node: Node): Lanes => {
    const source = fusion.sourceOf(node);
    const reader = sameShape(node.shape, source.shape) ? source : node;
    const found = known.get(source) ?? loaded.get(reader);
    if (found !== undefined) return found;
    if (fusion.isInlined(source)) {
      const lanes = emitLanes(f, source, source.inputs.map(lanesOf));
      known.set(source, lanes);
      return lanes;
    }
    const lanes = read(node);
    loaded.set(reader, lanes);
    return lanes;
  };
  return lanesOf;
}

/** Emits the chain for one vector; `known` holds values that are there already (an anchor's product). */
function emitChain(f: FunctionBuilder, context: ChainContext, read: Read, known: Map<Node, Lanes>): void {
  const lanesOf = chainLanes(f, context, read, known);
  const { anchor, nodes } = context.group;
  for (const node of nodes) {
    if (node !== anchor) known.set(node, emitLanes(f, node, node.inputs.map(lanesOf)));
  }
}

/** Inputs that are the same for every vector, loaded once before the loops. */
export function readInvariant(f: FunctionBuilder, { place }: ChainContext): (input: Node) => Lanes | undefined {
  const loaded = new Map<Node, Lanes>();
  return (input) => {
    if (sizeOf(input.shape) !== 1 && uniformValue(input) === undefined) return undefined;
    const known = loaded.get(input);
    if (known !== undefined) return known;
    const lanes = { kind: kindOf(input), local: f.let(splat(input, place)) };
    loaded.set(input, lanes);
    return lanes;
  };
}

function splat(input: Node, place: (node: Node) => Place): V128 {
  const constant = uniformValue(input);
  if (constant !== undefined) return input.dtype === "float32" ? f32x4.const(constant) : i32x4.const(constant);
  const address = i32.const(place(input).address);
  return input.dtype === "uint8" ? i32x4.splat(i32.load8U(address)) : v128.load32Splat(address);
}

function kindOf(node: Node): "f32" | "i32" {
  return node.dtype === "float32" ? "f32" : "i32";
}

/** Every input that the chain may read, through inlined operations. */
export function chainInputs({ fusion, group }: Pick<ChainContext, "fusion" | "group">): Node[] {
  const members = new Set<Node>(group.nodes);
  const walk = (node: Node): Node[] =>
    node.inputs.flatMap((input) => {
      const source = fusion.sourceOf(input);
      if (members.has(source)) return [];
      return fusion.isInlined(source) ? walk(source) : [input];
    });
  return [...new Set(group.nodes.filter((node) => node !== group.anchor).flatMap(walk))];
}

/** Whether the kernel runs over memory as one flat row: nothing in panels, nothing stretched but scalars. */
function isFlat(context: ChainContext): boolean {
  const { shape } = context.group.nodes[0]!;
  const inputs = chainInputs(context);
  return (
    context.group.outputs.every((node) => context.place(node).layout === "rows") &&
    inputs.every((input) => {
      const stretch = uniformValue(input) === undefined ? stretchOf(input.shape, shape) : "scalar";
      return stretch === "scalar" || (stretch === "full" && context.place(input).layout === "rows");
    })
  );
}

/** The number of independent parts of an elementwise kernel. */
export function elementwiseItems(context: ChainContext): number {
  const { shape } = context.group.nodes[0]!;
  return isFlat(context) ? Math.ceil(sizeOf(shape) / 8) : matrixOf(shape).rows;
}

/** What an item of an elementwise kernel computes. */
export function elementwiseCut(context: ChainContext): Cut {
  const { shape } = context.group.nodes[0]!;
  return isFlat(context) ? { shape, axis: "elements", size: 8 } : { shape, axis: "rows", size: 1 };
}

/** Emits the body of a function (first, end) over the items of an elementwise group. */
export function emitElementwise(f: FunctionBuilder, context: ChainContext): void {
  if (isFlat(context)) emitFlat(f, context);
  else emitMatrix(f, context);
}

// Eight elements a turn, as two vectors that V8 can pack into one; buffers are padded, so there is no remainder.
function emitFlat(f: FunctionBuilder, context: ChainContext): void {
  const [first, end] = [f.parameter(0), f.parameter(1)];
  const invariant = readInvariant(f, context);
  for (const input of chainInputs(context)) invariant(input);
  const offset = f.let(i32.mul(first.get, i32.const(32)));
  const stop = f.let(i32.mul(end.get, i32.const(32)));
  const turn = (): void => {
    const vectors = [0, 1].map((half) => {
      const known = new Map<Node, Lanes>();
      emitChain(
        f,
        context,
        (input) => invariant(input) ?? loadFlat(f, input, context.place(input), offset, half),
        known,
      );
      return known;
    });
    for (const output of context.group.outputs) {
      const { address } = context.place(output);
      for (const half of storeOrder(context, 2))
        storeFlat(f, output, vectors[half]!.get(output)!, offset, address, half);
    }
    f.add(offset.set(i32.add(offset.get, i32.const(32))));
  };
  const names = context.group.nodes.map((node) => node.op!.name);
  withFloat32Constants(f, names, () => f.while(i32.ltU(offset.get, stop.get), turn));
}

function storeFlat(
  f: FunctionBuilder,
  output: Node,
  lanes: Lanes,
  offset: Local<"i32">,
  address: number,
  half: number,
): void {
  const value = storedForm(lanes);
  if (output.dtype !== "uint8") f.add(v128.store(offset.get, value, address + 16 * half));
  else f.add(v128.store32Lane(i32.shrU(offset.get, i32.const(2)), firstBytes(value), 0, address + 4 * half));
}

/** The lowest byte of each lane, one after another in the first lane. */
function firstBytes(value: V128): V128 {
  return i8x16.shuffle(value, value, [0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12]);
}

function loadFlat(f: FunctionBuilder, input: Node, { address }: Place, offset: Local<"i32">, half: number): Lanes {
  if (input.dtype !== "uint8") return { kind: kindOf(input), local: f.let(v128.load(offset.get, address + 16 * half)) };
  const bytes = v128.load32Zero(i32.shrU(offset.get, i32.const(2)), address + 4 * half);
  return { kind: "i32", local: f.let(widen(bytes)) };
}

/** The first four bytes as four int32. */
function widen(bytes: V128): V128 {
  return i32x4.extendLowI16x8U(i16x8.extendLowI8x16U(bytes));
}

// Row by row, sixteen columns at a time, whatever the layouts.
function emitMatrix(f: FunctionBuilder, context: ChainContext): void {
  const [row, end] = [f.parameter(0), f.parameter(1)];
  const matrix = matrixOf(context.group.nodes[0]!.shape);
  const invariant = readInvariant(f, context);
  for (const input of chainInputs(context)) invariant(input);
  const panel = f.local("i32");
  const wholePanels = Math.floor(matrix.columns / panelColumns);
  const lastColumns = matrix.columns % panelColumns;
  f.for(row, end.get, 1, () => {
    f.add(panel.set(i32.const(0)));
    if (wholePanels > 0)
      f.for(panel, i32.const(wholePanels), 1, () => emitPanelRow(f, context, invariant, { panel, row }, panelColumns));
    if (lastColumns > 0) emitPanelRow(f, context, invariant, { panel, row }, lastColumns);
  });
}

function emitPanelRow(
  f: FunctionBuilder,
  context: ChainContext,
  invariant: (input: Node) => Lanes | undefined,
  at: { readonly panel: Local<"i32">; readonly row: Local<"i32"> },
  columns: number,
): void {
  const addresses = addressBook(f, context, at);
  const vectors = Math.ceil(columns / 4);
  const results = Array.from({ length: vectors }, (_, vector) => {
    const known = new Map<Node, Lanes>();
    emitChain(f, context, (input) => invariant(input) ?? addresses.load(input, 0, 16 * vector), known);
    return known;
  });
  for (const output of context.group.outputs) {
    const { local, padded } = addresses.of(output);
    for (const vector of storeOrder(context, vectors)) {
      const lanes = padded ? 4 : Math.min(4, columns - 4 * vector);
      storeResult(f, output, { address: local.get, offset: 0 }, results[vector]!.get(output)!, lanes, 4 * vector);
    }
  }
}

function storeOrder({ packable }: ChainContext, count: number): number[] {
  const ascending = Array.from({ length: count }, (_, i) => i);
  return packable ? ascending.reverse() : ascending;
}

/** Stores the first `lanes` lanes of a result, `column` columns from an address. */
function storeResult(
  f: FunctionBuilder,
  output: Node,
  { address, offset }: { readonly address: I32; readonly offset: number },
  result: Lanes,
  lanes: number,
  column: number,
): void {
  const value = storedForm(result);
  if (output.dtype !== "uint8") storeLanes(f, address, value, lanes, offset + 4 * column);
  else if (lanes === 4) f.add(v128.store32Lane(address, firstBytes(value), 0, offset + column));
  else {
    for (let lane = 0; lane < lanes; lane++)
      f.add(i32.store8(address, i32x4.extractLane(value, lane), offset + column + lane));
  }
}

/** Stores the first `lanes` lanes. */
export function storeLanes(f: FunctionBuilder, address: I32, value: V128, lanes: number, offset: number): void {
  if (lanes === 4) f.add(v128.store(address, value, offset));
  if (lanes === 2 || lanes === 3) f.add(v128.store64Lane(address, value, 0, offset));
  if (lanes === 1 || lanes === 3) f.add(v128.store32Lane(address, value, lanes - 1, offset + 4 * (lanes - 1)));
}

interface AddressBook {
  /** The address of the block's first element in `node`, and whether rows are padded to whole panels. */
  of(node: Node): { readonly local: Local<"i32">; readonly padded: boolean; readonly rowBytes: number };
  /** Four lanes of an input, `row` rows and `bytes` bytes from the block's first element. */
  load(input: Node, row: number, bytes: number): Lanes;
}

/** Addresses of every value of a chain at one block of a matrix, each worked out once. */
function addressBook(
  f: FunctionBuilder,
  { group, place }: ChainContext,
  at: { readonly panel: Local<"i32">; readonly row: Local<"i32">; readonly firstColumn?: number },
): AddressBook {
  const { shape } = group.nodes[0]!;
  const columnBytes = 4 * (at.firstColumn ?? 0);
  const known = new Map<Node, { readonly local: Local<"i32">; readonly padded: boolean; readonly rowBytes: number }>();
  const addressOf = (node: Node, stretch: Stretch): I32 => {
    const { address, layout } = place(node);
    if (stretch === "row")
      return i32.add(i32.mul(at.panel.get, i32.const(4 * panelColumns)), i32.const(address + columnBytes));
    if (stretch === "column") return i32.add(i32.mul(at.row.get, i32.const(4)), i32.const(address));
    if (node.dtype === "uint8") {
      const start = i32.mul(at.row.get, i32.const(matrixOf(node.shape).columns));
      return i32.add(
        i32.add(start, i32.mul(at.panel.get, i32.const(panelColumns))),
        i32.const(address + columnBytes / 4),
      );
    }
    const strides = stridesIn(layout, matrixOf(node.shape));
    const start = i32.add(
      i32.mul(at.panel.get, i32.const(strides.panelBytes)),
      i32.mul(at.row.get, i32.const(strides.rowBytes)),
    );
    return i32.add(start, i32.const(address + columnBytes));
  };
  const of = (node: Node) => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const { layout } = place(node);
    const entry = {
      local: f.let(addressOf(node, stretchOf(node.shape, shape) ?? "full")),
      padded: layout === "panels",
      rowBytes:
        node.dtype === "uint8" ? matrixOf(node.shape).columns : stridesIn(layout, matrixOf(node.shape)).rowBytes,
    };
    known.set(node, entry);
    return entry;
  };
  return {
    of,
    load(input, row, bytes) {
      const { local, rowBytes } = of(input);
      const stretch = stretchOf(input.shape, shape);
      if (stretch === "column") return { kind: kindOf(input), local: f.let(v128.load32Splat(local.get, 4 * row)) };
      if (input.dtype === "uint8")
        return {
          kind: "i32",
          local: f.let(widen(v128.load32Zero(local.get, row * matrixOf(shape).columns + bytes / 4))),
        };
      return {
        kind: kindOf(input),
        local: f.let(v128.load(local.get, (stretch === "row" ? 0 : row * rowBytes) + bytes)),
      };
    },
  };
}

/**
 * The chain behind a matrix product, as its epilogue: it stores every output of the group itself. The addresses need the
 * tile's panel and row, which the product gives as locals.
 */
export function chainEpilogue(context: ChainContext): Epilogue {
  const anchor = context.group.anchor!;
  return (f, tile, at) => {
    const invariant = readInvariant(f, context);
    const addresses = addressBook(f, context, at);
    const results = tile.map(({ row, column, value }) => {
      const known = new Map<Node, Lanes>([[anchor, { kind: "f32", local: value }]]);
      emitChain(
        f,
        context,
        (input) => invariant(input) ?? addresses.load(input, row, 4 * (column - at.firstColumn)),
        known,
      );
      return known;
    });
    for (const output of context.group.outputs) {
      const { local, padded, rowBytes } = addresses.of(output);
      for (const i of storeOrder(context, tile.length)) {
        const { row, column } = tile[i]!;
        const lanes = padded ? 4 : Math.min(4, at.endColumn - column);
        const start = { address: local.get, offset: row * rowBytes };
        storeResult(f, output, start, results[i]!.get(output)!, lanes, column - at.firstColumn);
      }
    }
  };
}

/** Body of a function (first, end) over rows: a float32 matrix from one layout to the other, zeros where a panel is padded. */
export function emitRelayout(f: FunctionBuilder, matrix: MatrixShape, from: Place, to: Place): void {
  const [row, end] = [f.parameter(0), f.parameter(1)];
  const panel = f.local("i32");
  const [source, target] = [f.local("i32"), f.local("i32")];
  const startOf = ({ address, layout }: Place): I32 => {
    const { panelBytes, rowBytes } = stridesIn(layout, matrix);
    const start = i32.add(i32.mul(panel.get, i32.const(panelBytes)), i32.mul(row.get, i32.const(rowBytes)));
    return i32.add(start, i32.const(address));
  };
  const movePanel = (columns: number): void => {
    f.add(source.set(startOf(from)), target.set(startOf(to)));
    for (let column = 0; column < panelColumns; column += 4) {
      const lanes = Math.max(0, Math.min(4, columns - column));
      if (to.layout === "panels") f.add(v128.store(target.get, loadLanes(source.get, lanes, 4 * column), 4 * column));
      else storeLanes(f, target.get, loadLanes(source.get, lanes, 4 * column), lanes, 4 * column);
    }
  };
  const wholePanels = Math.floor(matrix.columns / panelColumns);
  f.for(row, end.get, 1, () => {
    f.add(panel.set(i32.const(0)));
    if (wholePanels > 0) f.for(panel, i32.const(wholePanels), 1, () => movePanel(panelColumns));
    if (matrix.columns % panelColumns > 0) movePanel(matrix.columns % panelColumns);
  });
}

/** The first `lanes` lanes, zeros behind them. */
function loadLanes(address: I32, lanes: number, offset: number): V128 {
  if (lanes === 4) return v128.load(address, offset);
  if (lanes === 0) return f32x4.const(0);
  if (lanes === 1) return v128.load32Zero(address, offset);
  const two = v128.load64Zero(address, offset);
  return lanes === 2 ? two : v128.load32Lane(address, two, 2, offset + 8);
}
