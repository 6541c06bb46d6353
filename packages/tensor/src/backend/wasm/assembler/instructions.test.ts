/** Every instruction helper against the encodings of the core specification, and each in a module that an engine accepts. */

import { expect, test } from "vitest";
import { webAssembly } from "../web-assembly.ts";
import type { Expression, F32, F64, I32, Statement, V128, ValueType } from "./expression.ts";
import { ModuleBuilder } from "./module.ts";
import { atomic, drop, f32, f64, i32, memoryCopy, memoryFill, select } from "./scalar.ts";
import { f32x4, i8x16, i16x8, i32x4, v128 } from "./simd.ts";

// local.get 0 … 3: the operands of every row.
const [i, f, d, v] = [operand("i32", 0), operand("f32", 1), operand("f64", 2), operand("v128", 3)] as const;

function operand<T extends ValueType>(type: T, index: number): Expression<T> {
  return { type, bytes: [0x20, index] };
}

/** Each helper applied, and the bytes that follow its operands. */
const table: {
  readonly [group: string]: { readonly [helper: string]: readonly [Expression<ValueType> | Statement, string] };
} = {
  i32: {
    const: [i32.const(-1), "41 7f"],
    eqz: [i32.eqz(i), "45"],
    eq: [i32.eq(i, i), "46"],
    ne: [i32.ne(i, i), "47"],
    ltS: [i32.ltS(i, i), "48"],
    ltU: [i32.ltU(i, i), "49"],
    gtS: [i32.gtS(i, i), "4a"],
    gtU: [i32.gtU(i, i), "4b"],
    leU: [i32.leU(i, i), "4d"],
    add: [i32.add(i, i), "6a"],
    sub: [i32.sub(i, i), "6b"],
    mul: [i32.mul(i, i), "6c"],
    divU: [i32.divU(i, i), "6e"],
    remU: [i32.remU(i, i), "70"],
    and: [i32.and(i, i), "71"],
    or: [i32.or(i, i), "72"],
    xor: [i32.xor(i, i), "73"],
    shl: [i32.shl(i, i), "74"],
    shrS: [i32.shrS(i, i), "75"],
    shrU: [i32.shrU(i, i), "76"],
    load: [i32.load(i, 300), "28 02 ac 02"],
    load8U: [i32.load8U(i, 1), "2d 00 01"],
    store: [i32.store(i, i), "36 02 00"],
    store8: [i32.store8(i, i, 5), "3a 00 05"],
  },
  f32: {
    const: [f32.const(1.5), "43 00 00 c0 3f"],
    eq: [f32.eq(f, f), "5b"],
    lt: [f32.lt(f, f), "5d"],
    gt: [f32.gt(f, f), "5e"],
    abs: [f32.abs(f), "8b"],
    neg: [f32.neg(f), "8c"],
    sqrt: [f32.sqrt(f), "91"],
    add: [f32.add(f, f), "92"],
    sub: [f32.sub(f, f), "93"],
    mul: [f32.mul(f, f), "94"],
    div: [f32.div(f, f), "95"],
    min: [f32.min(f, f), "96"],
    max: [f32.max(f, f), "97"],
    load: [f32.load(i, 4), "2a 02 04"],
    store: [f32.store(i, f, 4), "38 02 04"],
  },
  f64: {
    const: [f64.const(-2), "44 00 00 00 00 00 00 00 c0"],
    add: [f64.add(d, d), "a0"],
    mul: [f64.mul(d, d), "a2"],
    load: [f64.load(i, 8), "2b 03 08"],
    store: [f64.store(i, d, 8), "39 03 08"],
  },
  atomic: {
    load: [atomic.load(i), "fe 10 02 00"],
    store: [atomic.store(i, i), "fe 17 02 00"],
    fence: [atomic.fence, "fe 03 00"],
    add: [atomic.add(i, i), "fe 1e 02 00"],
    notify: [atomic.notify(i), "41 7f fe 00 02 00"],
  },
  other: {
    memoryCopy: [memoryCopy(i, i, i), "fc 0a 00 00"],
    memoryFill: [memoryFill(i, i, i), "fc 0b 00"],
    drop: [drop(i), "1a"],
    select: [select(i, i, i), "1b"],
  },
  v128: {
    load: [v128.load(i, 32), "fd 00 02 20"],
    load32Splat: [v128.load32Splat(i), "fd 09 02 00"],
    load32Zero: [v128.load32Zero(i), "fd 5c 02 00"],
    load64Zero: [v128.load64Zero(i), "fd 5d 02 00"],
    store: [v128.store(i, v, 16), "fd 0b 02 10"],
    load32Lane: [v128.load32Lane(i, v, 3, 4), "fd 56 02 04 03"],
    store32Lane: [v128.store32Lane(i, v, 2, 8), "fd 5a 02 08 02"],
    store64Lane: [v128.store64Lane(i, v, 1), "fd 5b 02 00 01"],
    not: [v128.not(v), "fd 4d"],
    and: [v128.and(v, v), "fd 4e"],
    or: [v128.or(v, v), "fd 50"],
    xor: [v128.xor(v, v), "fd 51"],
    bitselect: [v128.bitselect(v, v, v), "fd 52"],
  },
  i8x16: {
    shuffle: [
      i8x16.shuffle(v, v, [0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31]),
      "fd 0d 00 01 02 03 04 05 06 07 18 19 1a 1b 1c 1d 1e 1f",
    ],
  },
  i16x8: {
    extendLowI8x16U: [i16x8.extendLowI8x16U(v), "fd 89 01"],
  },
  i32x4: {
    splat: [i32x4.splat(i), "fd 11"],
    const: [i32x4.const(-2), "fd 0c fe ff ff ff fe ff ff ff fe ff ff ff fe ff ff ff"],
    extractLane: [i32x4.extractLane(v, 2), "fd 1b 02"],
    replaceLane: [i32x4.replaceLane(v, 3, i), "fd 1c 03"],
    eq: [i32x4.eq(v, v), "fd 37"],
    gtS: [i32x4.gtS(v, v), "fd 3b"],
    mul: [i32x4.mul(v, v), "fd b5 01"],
    bitmask: [i32x4.bitmask(v), "fd a4 01"],
    extendLowI16x8U: [i32x4.extendLowI16x8U(v), "fd a9 01"],
    shl: [i32x4.shl(v, i), "fd ab 01"],
    shrS: [i32x4.shrS(v, i), "fd ac 01"],
    shrU: [i32x4.shrU(v, i), "fd ad 01"],
    add: [i32x4.add(v, v), "fd ae 01"],
    sub: [i32x4.sub(v, v), "fd b1 01"],
    minS: [i32x4.minS(v, v), "fd b6 01"],
    maxS: [i32x4.maxS(v, v), "fd b8 01"],
    neg: [i32x4.neg(v), "fd a1 01"],
    abs: [i32x4.abs(v), "fd a0 01"],
  },
  f32x4: {
    splat: [f32x4.splat(f), "fd 13"],
    const: [f32x4.const(1), "fd 0c 00 00 80 3f 00 00 80 3f 00 00 80 3f 00 00 80 3f"],
    extractLane: [f32x4.extractLane(v, 3), "fd 1f 03"],
    eq: [f32x4.eq(v, v), "fd 41"],
    ne: [f32x4.ne(v, v), "fd 42"],
    lt: [f32x4.lt(v, v), "fd 43"],
    gt: [f32x4.gt(v, v), "fd 44"],
    le: [f32x4.le(v, v), "fd 45"],
    ge: [f32x4.ge(v, v), "fd 46"],
    abs: [f32x4.abs(v), "fd e0 01"],
    neg: [f32x4.neg(v), "fd e1 01"],
    sqrt: [f32x4.sqrt(v), "fd e3 01"],
    add: [f32x4.add(v, v), "fd e4 01"],
    sub: [f32x4.sub(v, v), "fd e5 01"],
    mul: [f32x4.mul(v, v), "fd e6 01"],
    div: [f32x4.div(v, v), "fd e7 01"],
    min: [f32x4.min(v, v), "fd e8 01"],
    max: [f32x4.max(v, v), "fd e9 01"],
    pmin: [f32x4.pmin(v, v), "fd ea 01"],
    pmax: [f32x4.pmax(v, v), "fd eb 01"],
    convertI32x4S: [f32x4.convertI32x4S(v), "fd fa 01"],
    demoteF64x2Zero: [f32x4.demoteF64x2Zero(v), "fd 5e"],
    relaxedMadd: [f32x4.relaxedMadd(v, v, v), "fd 85 02"],
  },
};

const helpers = {
  i32,
  f32,
  f64,
  atomic,
  other: { memoryCopy, memoryFill, drop, select },
  v128,
  i8x16,
  i16x8,
  i32x4,
  f32x4,
};

test("the table has every helper", () => {
  for (const [group, members] of Object.entries(helpers))
    expect(Object.keys(table[group]!).sort(), group).toEqual(Object.keys(members).sort());
});

const rows = Object.entries(table).flatMap(([group, members]) =>
  Object.entries(members).map(([helper, [code, bytes]]) => ({ name: `${group}.${helper}`, code, bytes })),
);

test.each(rows)("$name", ({ code, bytes }) => {
  // What stands before the opcode is local.get of the operands alone, in pairs.
  const opcode = bytes.split(" ").map((byte) => Number.parseInt(byte, 16));
  const operands = code.bytes.slice(0, -opcode.length);
  expect(code.bytes.slice(-opcode.length)).toEqual(opcode);
  expect(operands.filter((_, at) => at % 2 === 0).every((byte) => byte === 0x20)).toBe(true);

  // An engine checks that the operands are of the types it wants, and the result of the type it says.
  const module = new ModuleBuilder({ minimumPages: 1, maximumPages: 1, shared: true });
  module.define(1, (body) => {
    for (const type of ["f32", "f64", "v128"] as const) body.local(type);
    body.add("type" in code ? body.local(code.type).set(code) : code);
  });
  expect(webAssembly!.validate(module.encode())).toBe(true);
});

test("a value of the wrong type is an error to the compiler, and one to the engine", () => {
  const wrong = [
    // @ts-expect-error an i32 is no f32
    () => f32.add(i, f),
    // @ts-expect-error an f32 is no vector
    () => f32x4.add(v, f),
    // @ts-expect-error an address is an i32
    () => v128.load(f),
    // @ts-expect-error a mask is a vector
    () => v128.bitselect(v, v, i),
    // @ts-expect-error a shift is an i32
    () => i32x4.shl(v, v),
    // @ts-expect-error an f64 is no f32
    () => f32.sqrt(d),
    // @ts-expect-error a condition is an i32
    () => select(i, i, f),
  ] as (() => I32 | F32 | F64 | V128)[];
  for (const make of wrong) {
    const module = new ModuleBuilder({ minimumPages: 1, maximumPages: 1, shared: false });
    module.define(1, (body) => {
      for (const type of ["f32", "f64", "v128"] as const) body.local(type);
      const code = make();
      body.add(body.local(code.type).set(code));
    });
    expect(webAssembly!.validate(module.encode()), String(make)).toBe(false);
  }
  const statements = [
    // @ts-expect-error a float is not stored as an integer
    () => i32.store(i, f),
    // @ts-expect-error a vector is not stored as a float
    () => f32.store(i, v),
    () =>
      new ModuleBuilder({ minimumPages: 1, maximumPages: 1, shared: false }).define(0, (body) => {
        // @ts-expect-error a local keeps its type
        body.add(body.local("f32").set(i));
      }),
  ];
  expect(statements).toHaveLength(3);
});
