import { expectTypeOf, test } from "vitest";
import type { Multiply, SizeOf } from "./size-of.ts";

test("the compiler multiplies sizes", () => {
  expectTypeOf<SizeOf<[]>>().toEqualTypeOf<1>();
  expectTypeOf<SizeOf<[7]>>().toEqualTypeOf<7>();
  expectTypeOf<SizeOf<readonly [28, 28, 1]>>().toEqualTypeOf<784>();
  expectTypeOf<SizeOf<[224, 224, 3]>>().toEqualTypeOf<150528>();
  expectTypeOf<SizeOf<[3, 0, 999]>>().toEqualTypeOf<0>();
  expectTypeOf<Multiply<10, 100>>().toEqualTypeOf<1000>();
  expectTypeOf<Multiply<99, 99>>().toEqualTypeOf<9801>();
  expectTypeOf<Multiply<909, 7>>().toEqualTypeOf<6363>();
  expectTypeOf<Multiply<999999, 999999>>().toEqualTypeOf<999998000001>();
});

test("a size that the compiler does not know makes a product that it does not know", () => {
  expectTypeOf<SizeOf<[28, number]>>().toEqualTypeOf<number>();
  expectTypeOf<SizeOf<number[]>>().toEqualTypeOf<number>();
  expectTypeOf<Multiply<number, 0>>().toEqualTypeOf<number>();
  expectTypeOf<Multiply<-2, 3>>().toEqualTypeOf<number>();
  expectTypeOf<Multiply<2.5, 3>>().toEqualTypeOf<number>();
});
