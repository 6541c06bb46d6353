/**
 * What steps are said to touch, against what they do touch: threads meet only where that says so, and a meeting too few
 * would show as wrong bits once in a thousand runs.
 */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { firstTraining, type Labels, trainingStep } from "../../../test/classifier.ts";
import { randomGraphs, randomTensor, type Wide } from "../../../test/random-graphs.ts";
import type { Node } from "../../graph/graph.ts";
import { traceStep } from "../../graph/trace.ts";
import { leavesOf, type Tree } from "../../graph/tree.ts";
import { fromArray, RandomState, relu, type Tensor } from "../../index.ts";
import { ModuleBuilder } from "./assembler/module.ts";
import { panelColumns } from "./kernels/gemm.ts";
import { matrixOf, type Place } from "./kernels/operand.ts";
import { EngineMemory } from "./memory.ts";
import type { Range } from "./ranges.ts";
import { ReferenceLoops } from "./reference-loops.ts";
import { schedule } from "./schedule.ts";
import { stepsOf } from "./steps.ts";
import { WasmValue } from "./values.ts";
import { webAssembly } from "./web-assembly.ts";

const threads = 3;

/** Every step of a program in turn, each thread's share of it as a function over the memory of the engine. */
function sharesOf<State extends Tree, Inputs extends readonly Tree[]>(
  step: (state: State, ...inputs: Inputs) => { readonly state: State; readonly outputs: Tree },
  state: State,
  inputs: Inputs,
) {
  const memory = new EngineMemory(false);
  const stored = leavesOf("test", state).map((leaf) => new WasmValue({ memory }, leaf, leaf.data));
  const { graph } = traceStep(step, state, inputs);
  for (const value of stored) value.hold();
  const plan = schedule(graph, stored, memory, { threads });
  const module = new ModuleBuilder(memory.limits);
  const loops = new ReferenceLoops(plan, memory, module.import("reference", 1));
  const steps = stepsOf(plan, { fused: false, threads, wide: false }, loops);
  steps.forEach((each, i) => {
    module.define(2, each.emit, `step${i}`);
  });
  const { exports } = new webAssembly!.Instance(new webAssembly!.Module(module.encode()), {
    engine: { memory: memory.memory, reference: (number: number) => loops.run(number) },
  });
  const bytes = new Uint8Array(memory.memory.buffer, 0, memory.bytesInUse + 4096);
  const values = leavesOf("test", inputs as Tree);
  plan.graph.inputs.forEach((node, i) => {
    memory.view(node.dtype, plan.rows(node).address, values[i]!.size).set(values[i]!.data);
  });
  for (const { node, place } of plan.constants)
    memory.view(node.dtype, place.address, node.data!.length).set(node.data!);
  const shares = steps.flatMap(({ label, items, touches }, i) =>
    Array.from({ length: threads }, (_, thread) => {
      const [first, end] = [thread, thread + 1].map((each) => Math.floor((each * items) / threads)) as [number, number];
      const run = exports[`step${i}`] as (first: number, end: number) => void;
      return { label: `${label}, items ${first} to ${end}`, run: () => run(first, end), ...touches(first, end) };
    }),
  );
  // What stands behind the last columns of a matrix in panels is nobody's.
  const padding = plan.groups.flatMap(({ outputs }) => outputs.flatMap((node) => paddingOf(node, plan.place(node))));
  return { bytes, shares, padding };
}

function paddingOf({ shape }: Node, { address, layout }: Place): Range[] {
  const { rows, columns } = matrixOf(shape);
  const last = columns % panelColumns;
  if (layout === "rows" || last === 0) return [];
  const start = address + 4 * rows * (columns - last);
  const rowBytes = 4 * panelColumns;
  return [{ start, end: start + rows * rowBytes, band: { rowBytes, from: 4 * last, to: rowBytes } }];
}

/** One at each byte that lies in one of the ranges. */
function marked(length: number, ranges: readonly Range[]): Uint8Array {
  const marks = new Uint8Array(length);
  for (const { start, end, band } of ranges) {
    if (band === undefined) marks.fill(1, start, end);
    else for (let row = start; row < end; row += band.rowBytes) marks.fill(1, row + band.from, row + band.to);
  }
  return marks;
}

/** Throws unless each share writes only where it says so, and what it writes depends only on what it says it reads. */
function check({ bytes, shares, padding }: ReturnType<typeof sharesOf>): void {
  const random = new RandomState(0);
  const unused = marked(bytes.length, padding);
  for (const { label, run, reads, writes } of shares) {
    const before = bytes.slice();
    run();
    const after = bytes.slice();
    const [written, read] = [marked(bytes.length, writes), marked(bytes.length, reads)];
    const strayed = after.findIndex((value, at) => value !== before[at] && written[at] === 0);
    expect(strayed, `${label}: writes byte ${strayed}`).toBe(-1);
    // Once more, with other bytes wherever nothing is said to be read or written.
    const noise = random.randint(0, 256, [4099]).data;
    for (let at = 0; at < bytes.length; at++)
      bytes[at] = read[at] === 1 || written[at] === 1 ? before[at]! : noise[at % noise.length]!;
    run();
    const changed = bytes.findIndex((value, at) => written[at] === 1 && unused[at] === 0 && value !== after[at]);
    expect(changed, `${label}: byte ${changed} depends on what it does not say it reads`).toBe(-1);
    bytes.set(after);
  }
}

describe("steps touch what they say", () => {
  test.each([
    [0.2, [80, 70, 48, 10]],
    [1, [80, 70, 48, 10]],
    [0.2, [130, 33, 5]],
  ])("training on data of density %d through %j", (density, layers) => {
    const random = new RandomState(1);
    const thin = Float32Array.from(random.normal({ size: [64, layers[0]!] }).data, (value) =>
      random.uniform().item() < density ? value : 0,
    );
    const labels = Uint8Array.from({ length: 64 }, (_, i) => i % layers.at(-1)!);
    const inputs: [Wide, Labels] = [fromArray(thin, [64, layers[0]!]) as Wide, fromArray(labels, [64]) as Labels];
    check(
      sharesOf(
        trainingStep((x) => relu(x)),
        firstTraining(layers, random),
        inputs,
      ),
    );
  });

  test("random graphs", () => {
    const size = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(size, size, randomGraphs, fc.nat(1000), (rows, columns, f, seed) => {
        const random = new RandomState(seed);
        const [a, b] = [randomTensor(random, [rows, columns]), randomTensor(random, [rows, columns])];
        const step = (state: Wide, x: Wide) => {
          const [outputs, next] = f(state, x) as [Tensor, Wide];
          return { state: next, outputs };
        };
        check(sharesOf(step, a, [b]));
      }),
      { numRuns: 200 },
    );
  });
});
