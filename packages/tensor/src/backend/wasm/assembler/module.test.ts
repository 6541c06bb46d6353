import { describe, expect, test } from "vitest";
import { webAssembly } from "../web-assembly.ts";
import { float32, float64, name, section, signed, unsigned, vector } from "./encoding.ts";
import { type FunctionBuilder, type MemoryImport, ModuleBuilder } from "./module.ts";
import { i32 } from "./scalar.ts";

function hex(bytes: Iterable<number>): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

test.each([
  [0, "00"],
  [1, "01"],
  [127, "7f"],
  [128, "80 01"],
  [624_485, "e5 8e 26"],
  [16_383, "ff 7f"],
  [16_384, "80 80 01"],
  [2 ** 31, "80 80 80 80 08"],
  [2 ** 32 - 1, "ff ff ff ff 0f"],
])("unsigned %i", (value, bytes) => {
  expect(hex(unsigned(value))).toBe(bytes);
});

test.each([
  [0, "00"],
  [-1, "7f"],
  [63, "3f"],
  [64, "c0 00"],
  [-64, "40"],
  [-65, "bf 7f"],
  [127, "ff 00"],
  [-123_456, "c0 bb 78"],
  [2 ** 31 - 1, "ff ff ff ff 07"],
  [-(2 ** 31), "80 80 80 80 78"],
  // An unsigned i32 is written as the signed one of its bits.
  [2 ** 32 - 1, "7f"],
  [2 ** 31, "80 80 80 80 78"],
])("signed %i", (value, bytes) => {
  expect(hex(signed(value))).toBe(bytes);
});

test.each([
  ["float32 1", float32(1), "00 00 80 3f"],
  ["float32 −0", float32(-0), "00 00 00 80"],
  ["float32 ∞", float32(Number.POSITIVE_INFINITY), "00 00 80 7f"],
  ["the smallest float32", float32(2 ** -149), "01 00 00 00"],
  ["float64 0.1", float64(0.1), "9a 99 99 99 99 99 b9 3f"],
  ["a name", name("run"), "03 72 75 6e"],
  ["no name", name(""), "00"],
  ["a vector", vector([[1], [2, 3]]), "02 01 02 03"],
  ["a section", section(10, [7, 8]), "0a 02 07 08"],
])("%s", (_, bytes, expected) => {
  expect(hex(bytes)).toBe(expected);
});

const limits: MemoryImport = { minimumPages: 1, maximumPages: 2, shared: false };

test("a module is the bytes of the specification", () => {
  const module = new ModuleBuilder(limits);
  const host = module.import("host", 1);
  module.define(2, (f) => f.call(host, i32.add(f.parameter(0).get, f.parameter(1).get)), "go");
  expect(hex(module.encode())).toBe(
    [
      "00 61 73 6d 01 00 00 00",
      // types: (i32) and (i32, i32), without results
      "01 0a 02 60 01 7f 00 60 02 7f 7f 00",
      // imports: engine.memory, 1 to 2 pages; engine.host of the first type
      "02 21 02 06 65 6e 67 69 6e 65 06 6d 65 6d 6f 72 79 02 01 01 02 06 65 6e 67 69 6e 65 04 68 6f 73 74 00 00",
      "03 02 01 01",
      // exports: go is function 1
      "07 06 01 02 67 6f 00 01",
      "0a 0b 01 09 00 20 00 20 01 6a 10 00 0b",
    ].join(" "),
  );
});

test("a shared memory is declared as such", () => {
  const module = new ModuleBuilder({ minimumPages: 1, maximumPages: 65_536, shared: true });
  expect(hex(module.encode())).toContain("6d 65 6d 6f 72 79 02 03 01 80 80 04");
  expect(webAssembly!.validate(module.encode())).toBe(true);
});

test("more functions, locals and bytes than a count of one byte holds", () => {
  const module = new ModuleBuilder(limits);
  for (let i = 0; i < 200; i++) {
    module.define(
      i % 5,
      (f) => {
        for (let j = 0; j < 200; j++) f.let(i32.const(j * 1000));
      },
      `f${i}`,
    );
  }
  const bytes = module.encode();
  expect(bytes.length).toBeGreaterThan(2 ** 16);
  expect(webAssembly!.validate(bytes)).toBe(true);
});

/** What a function of one parameter writes: the words that it stores from address 0 on. */
function run(
  argument: number,
  body: (f: FunctionBuilder, emit: (value: ReturnType<typeof i32.const>) => void) => void,
): number[] {
  const memory = new webAssembly!.Memory({ initial: 1, maximum: 2, shared: false });
  const module = new ModuleBuilder(limits);
  module.define(
    1,
    (f) => {
      const at = f.let(i32.const(4));
      body(f, (value) =>
        f.add(i32.store(at.get, value), at.set(i32.add(at.get, i32.const(4))), i32.store(i32.const(0), at.get)),
      );
    },
    "run",
  );
  const { exports } = new webAssembly!.Instance(new webAssembly!.Module(module.encode()), { engine: { memory } });
  exports.run!(argument);
  const words = new Int32Array(memory.buffer);
  return [...words.slice(1, Math.max(1, words[0]! / 4))];
}

describe("control flow", () => {
  test.each([
    [0, []],
    [1, [0]],
    [3, [0, 1, 2]],
  ])("for below %i", (end, expected) => {
    expect(
      run(end, (f, emit) => {
        const counter = f.local("i32");
        f.for(counter, f.parameter(0).get, 1, () => emit(counter.get));
      }),
    ).toEqual(expected);
  });

  test("while tests first, doWhile last", () => {
    const never = i32.const(0);
    expect(run(0, (f, emit) => f.while(never, () => emit(i32.const(1))))).toEqual([]);
    expect(run(0, (f, emit) => f.doWhile(never, () => emit(i32.const(1))))).toEqual([1]);
  });

  test.each([
    [1, [10]],
    [0, [20]],
  ])("if %i", (condition, expected) => {
    expect(
      run(condition, (f, emit) =>
        f.if(
          f.parameter(0).get,
          () => emit(i32.const(10)),
          () => emit(i32.const(20)),
        ),
      ),
    ).toEqual(expected);
  });

  test("loops within loops, and a return out of both", () => {
    const pairs = (limit: number) =>
      run(limit, (f, emit) => {
        const [row, column] = [f.local("i32"), f.local("i32")];
        f.for(row, i32.const(3), 1, () => {
          f.add(column.set(i32.const(0)));
          f.for(column, i32.const(2), 1, () => {
            emit(i32.add(i32.mul(row.get, i32.const(10)), column.get));
            f.if(i32.eq(row.get, f.parameter(0).get), () => f.return());
          });
        });
      });
    expect(pairs(9)).toEqual([0, 1, 10, 11, 20, 21]);
    expect(pairs(1)).toEqual([0, 1, 10]);
  });

  test("a function calls one that was defined before it", () => {
    const memory = new webAssembly!.Memory({ initial: 1, maximum: 2, shared: false });
    const module = new ModuleBuilder(limits);
    const twice = module.define(1, (f) => f.add(i32.store(i32.const(0), i32.shl(f.parameter(0).get, i32.const(1)))));
    module.define(0, (f) => f.call(twice, i32.const(21)), "run");
    const { exports } = new webAssembly!.Instance(new webAssembly!.Module(module.encode()), { engine: { memory } });
    exports.run!();
    expect(Object.keys(exports)).toEqual(["run"]);
    expect(new Int32Array(memory.buffer)[0]).toBe(42);
  });
});
