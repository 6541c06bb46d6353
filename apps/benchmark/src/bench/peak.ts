/**
 * A loop of multiply-adds that touches nothing but registers: the most that this core gives to WebAssembly for float32
 * products and sums, each rounded. Fourteen chains x ← x · a + a and their one constant fill the fifteen vector registers
 * that V8 hands out on x64, and hide the latency of both operations.
 */

const CHAINS = 14;
const TURNS = 20_000;

/** Floating-point operations of one call of the loop, whatever its width. */
export const flopsPerCall: number = CHAINS * 4 * 2 * TURNS;

/** The part of WebAssembly that the loop needs; Node's types leave it out. */
interface Host {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
    readonly Instance: new (module: object) => { readonly exports: Loop };
  };
}

interface Loop {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly run: (turns: number) => void;
}

export interface PeakLoop {
  /** `flopsPerCall` operations. */
  run(): void;
  /** Where the chains have come to: 1. */
  chains(): Float32Array;
}

/** `bits` 256 keeps chains in pairs, which V8 joins when it was started to do so. */
export function peakLoop(bits: 128 | 256): PeakLoop {
  const { Module, Instance } = (globalThis as unknown as Host).WebAssembly;
  const chains = bits === 256 ? 2 * CHAINS : CHAINS;
  const { memory, run } = new Instance(new Module(peakModule(chains))).exports;
  const floats = new Float32Array(memory.buffer);
  floats[CONSTANT / 4] = 0.5;
  const turns = (TURNS * CHAINS) / chains;
  return { run: () => run(turns), chains: () => floats.slice(0, 4 * chains) };
}

const CONSTANT = 1024;

const op = {
  loop: 0x03,
  empty: 0x40,
  branchIf: 0x0d,
  end: 0x0b,
  get: 0x20,
  set: 0x21,
  tee: 0x22,
  i32Const: 0x41,
  i32Sub: 0x6b,
  load: [0xfd, 0x00],
  load32Splat: [0xfd, 0x09],
  store: [0xfd, 0x0b],
  f32x4Add: [0xfd, 0xe4, 0x01],
  f32x4Mul: [0xfd, 0xe6, 0x01],
} as const;

/** `run(turns: i32)`: loads the chains, runs them, stores them. */
function peakModule(chains: number): Uint8Array<ArrayBuffer> {
  const turns = 0;
  const constant = 1;
  const chain = (i: number): number => 2 + i;
  const memoryArgument = (align: number, offset: number): number[] => [align, ...unsigned(offset)];
  const all = Array.from({ length: chains }, (_, i) => i);
  const body = [
    ...unsigned(1),
    ...[...unsigned(1 + chains), 0x7b],
    ...[op.i32Const, 0, ...op.load32Splat, ...memoryArgument(2, CONSTANT), op.set, constant],
    ...all.flatMap((i) => [op.i32Const, 0, ...op.load, ...memoryArgument(4, 16 * i), op.set, chain(i)]),
    ...[op.loop, op.empty],
    ...all.flatMap((i) => [
      ...[op.get, chain(i), op.get, constant, ...op.f32x4Mul],
      ...[op.get, constant, ...op.f32x4Add, op.set, chain(i)],
    ]),
    ...[op.get, turns, op.i32Const, 1, op.i32Sub, op.tee, turns, op.branchIf, 0, op.end],
    // V8 joins neighbours whose stores stand side by side, the higher address first.
    ...all.toReversed().flatMap((i) => [op.i32Const, 0, op.get, chain(i), ...op.store, ...memoryArgument(4, 16 * i)]),
    op.end,
  ];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 1, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0x00, 1]),
    ...section(7, [2, ...name("memory"), 0x02, 0, ...name("run"), 0x00, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >> 7)];
}
