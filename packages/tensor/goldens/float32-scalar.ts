/**
 * Writes ../src/math/float32/scalar.ts: the float32 functions as straight lines of `Math.fround`. The generic functions
 * run on numbers take two to four times as long, as V8 does not inline all of their operations. Inlined into a loop, what
 * is written here takes 20 to 35 ns a call (AMD EPYC Genoa at 3.7 GHz, Node 26); called through a variable, up to twice
 * that, for boxing the argument and the result.
 *
 * Run: node --conditions=@nn/source goldens/float32-scalar.ts   (a test checks that its output is what is committed)
 */

import { writeFileSync } from "node:fs";
import type { Float32Arithmetic, Float32Function } from "../src/math/float32/arithmetic.ts";
import { exp } from "../src/math/float32/exp.ts";
import { log } from "../src/math/float32/log.ts";
import { sigmoid } from "../src/math/float32/sigmoid.ts";
import { tanh } from "../src/math/float32/tanh.ts";

const signBit = -0x80000000;

/** Writes each operation as a line and hands on the name of its result; constants stand where they are used. */
function writing(lines: string[]): Float32Arithmetic<string, string, string> {
  const line = (expression: string): string => {
    const name = `v${lines.length + 1}`;
    lines.push(`  const ${name} = ${expression};`);
    return name;
  };
  const rounded =
    (operator: string) =>
    (a: string, b: string): string =>
      line(`fround(${a} ${operator} ${b})`);
  return {
    constant: literal,
    add: rounded("+"),
    subtract: rounded("-"),
    multiply: rounded("*"),
    divide: rounded("/"),
    subtractExactly: (a, b) => line(`${a} - ${b}`),
    multiplyExactly: (a, b) => line(`${a} * ${b}`),
    least: (a, b) => line(`${b} < ${a} ? ${b} : ${a}`),
    greatest: (a, b) => line(`${a} < ${b} ? ${b} : ${a}`),
    negativeAbsolute: (a) => line(`-Math.abs(${a})`),
    withSign: (a, sign) => line(`floatOf(bitsOf(${a}) | (bitsOf(${sign}) & ${signBit}))`),
    less: (a, b) => line(`${a} < ${b}`),
    select: (mask, then, otherwise) => line(`${mask} ? ${then} : ${otherwise}`),
    // Without a branch: a sign at random is mispredicted every other time, which costs more than the whole function.
    selectNegative: (sign, then, otherwise) => {
      const mask = line(`bitsOf(${sign}) >> 31`);
      return line(`floatOf((bitsOf(${then}) & ${mask}) | (bitsOf(${otherwise}) & ~${mask}))`);
    },
    bits: (a) => line(`bitsOf(${a})`),
    fromBits: (a) => line(`floatOf(${a})`),
    integer: String,
    addBits: (a, b) => line(`(${a} + ${b}) | 0`),
    subtractBits: (a, b) => line(`(${a} - ${b}) | 0`),
    shiftLeft: (a, count) => line(`${a} << ${count}`),
    shiftRight: (a, count) => line(`${a} >> ${count}`),
    convert: (a) => a,
  };
}

function literal(value: number): string {
  if (Number.isNaN(value)) return "Number.NaN";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "Number.POSITIVE_INFINITY" : "Number.NEGATIVE_INFINITY";
}

function written(name: string, comment: string, target: Float32Function): string {
  const lines: string[] = [];
  const result = target(writing(lines), "x");
  return `/** ${comment} */\nexport function ${name}(x: number): number {\n${lines.join("\n")}\n  return ${result};\n}\n`;
}

/** The whole file. */
export function scalarSource(): string {
  return [
    `// The float32 functions on numbers, for reference loops: the bits of the kernels, as both are written from one source.
// Written by goldens/float32-scalar.ts from exp.ts, log.ts, tanh.ts and sigmoid.ts, where the reasons stand: do not edit.

const { fround } = Math;
const float = new Float32Array(1);
const integer = new Int32Array(float.buffer);

function bitsOf(x: number): number {
  float[0] = x;
  return integer[0]!;
}

function floatOf(bits: number): number {
  integer[0] = bits;
  return float[0]!;
}
`,
    written("exp32", "e^x of a float32, within 1.01 units in the last place.", exp),
    written("log32", "The natural logarithm of a float32, within 0.83 units in the last place.", log),
    written("tanh32", "The hyperbolic tangent of a float32, within 2.15 units in the last place.", tanh),
    written("sigmoid32", "1 / (1 + e^−x) of a float32, within 2.41 units in the last place.", sigmoid),
  ].join("\n");
}

if (import.meta.main) writeFileSync(new URL("../src/math/float32/scalar.ts", import.meta.url), scalarSource());
