/** What every backend promises. `test/backends.ts` lists them; the operations themselves are checked in ops.test.ts. */

import { describe, expect, test } from "vitest";
import { backends } from "../../test/backends.ts";
import type { Graph } from "../graph/graph.ts";
import { add, type DataOf, matmul, multiply, oneHot, sum, Tensor, tensor, trace } from "../index.ts";
import { identity } from "../ops/identity.ts";
import type { Backend, StoredValue } from "./backend.ts";

type Values = readonly Tensor[];

interface StepResult {
  readonly outputs: Values;
  readonly nextState: Values;
}

/** The graph of a step on values like `state` and `inputs`. */
function stepGraph(step: (state: Values, inputs: Values) => StepResult, state: Values, inputs: Values): Graph {
  const { graph } = trace(step as (state: Values, inputs: Values) => never, [state, inputs]) as { graph: Graph };
  return {
    state: graph.inputs.slice(0, state.length),
    inputs: graph.inputs.slice(state.length),
    // Leaves come by sorted key.
    nextState: graph.outputs.slice(0, state.length),
    outputs: graph.outputs.slice(state.length),
  };
}

const f64 = { dtype: "float64" } as const;
const [one, two, ten] = [tensor([1, 1], f64), tensor([2, 2], f64), tensor([10, 20], f64)];

interface ContractRow {
  readonly name: string;
  readonly state: Values;
  readonly inputs: Values;
  readonly step: (state: Values, inputs: Values) => StepResult;
  /** The outputs of each run in turn, on the same inputs. */
  readonly outputs: readonly (readonly (readonly number[])[])[];
  readonly finalState: readonly (readonly number[])[];
}

const table: readonly ContractRow[] = [
  {
    name: "runs again and again without keeping anything of the last run",
    state: [],
    inputs: [ten],
    step: (_, [x]) => ({ outputs: [add(sum(x!), x!)], nextState: [] }),
    outputs: [[[40, 50]], [[40, 50]]],
    finalState: [],
  },
  {
    name: "gives an input, a constant and one value twice as outputs",
    state: [],
    inputs: [ten],
    step: (_, [x]) => {
      const y = multiply(x!, 2);
      return { outputs: [x!, one, y, y], nextState: [] };
    },
    outputs: [
      [
        [10, 20],
        [1, 1],
        [20, 40],
        [20, 40],
      ],
    ],
    finalState: [],
  },
  {
    name: "replaces the state when every output is computed",
    state: [one],
    inputs: [ten],
    step: ([s], [x]) => ({ nextState: [add(s!, x!)], outputs: [multiply(s!, 3)] }),
    outputs: [[[3, 3]], [[33, 63]]],
    finalState: [[21, 41]],
  },
  {
    name: "takes an input as the next state",
    state: [one],
    inputs: [ten],
    step: (_, [x]) => ({ nextState: [x!], outputs: [] }),
    outputs: [[]],
    finalState: [[10, 20]],
  },
  {
    name: "leaves a state that passes through as it is",
    state: [one, two],
    inputs: [],
    step: ([a, b]) => ({ nextState: [a!, add(a!, b!)], outputs: [] }),
    outputs: [[], []],
    finalState: [
      [1, 1],
      [4, 4],
    ],
  },
  {
    name: "exchanges two states",
    state: [one, two],
    inputs: [],
    step: ([a, b]) => ({ nextState: [identity(b!), identity(a!)], outputs: [identity(a!)] }),
    outputs: [[[1, 1]], [[2, 2]], [[1, 1]]],
    finalState: [
      [2, 2],
      [1, 1],
    ],
  },
  {
    name: "uses one value for a state and an output",
    state: [one],
    inputs: [],
    step: ([s]) => {
      const next = multiply(s!, 2);
      return { nextState: [next], outputs: [next] };
    },
    outputs: [[[2, 2]], [[4, 4]]],
    finalState: [[4, 4]],
  },
];

for (const backend of backends) {
  describe(backend.name, () => {
    test.each(table)("$name", ({ state, inputs, step, outputs, finalState }) => {
      const stored = state.map((value) => backend.store(value, value.data));
      const program = backend.compile(stepGraph(step, state, inputs), stored);
      for (const expected of outputs) {
        expect(program.run(inputs.map((input) => input.data)).map((each) => Array.from(each))).toEqual(expected);
      }
      expect(stored.map((value) => Array.from(value.read()))).toEqual(finalState);
    });

    test("stores copies, reads copies, writes values", () => {
      const data = Float32Array.of(1, 2);
      const value = backend.store({ shape: [2], dtype: "float32" }, data);
      data[0] = 9;
      value.read()[1] = 9;
      expect(value).toMatchObject({ shape: [2], dtype: "float32" });
      expect(value.read()).toEqual(Float32Array.of(1, 2));
      value.write(data);
      expect(value.read()).toEqual(Float32Array.of(9, 2));
    });

    test.each(["float64", "float32", "int32", "uint8"] as const)("keeps %s", (dtype) => {
      const value = tensor([1, 200], { dtype });
      expect(backend.store(value, value.data).read()).toEqual(value.data);
      const { graph } = trace((x: Tensor) => add(x, x), [value]);
      expect(backend.compile(graph, []).run([value.data])).toEqual([add(value, value).data]);
    });

    test("shares state between programs of other input shapes", () => {
      const stored = [store(backend, one)];
      const step = ([s]: Values, [x]: Values): StepResult => ({ nextState: [add(s!, sum(x!))], outputs: [] });
      const [small, large] = [tensor([5], f64), tensor([1, 2, 3], f64)];
      const programs = [small, large].map((input) => backend.compile(stepGraph(step, [one], [input]), stored));
      programs[0]!.run([small.data]);
      programs[1]!.run([large.data]);
      expect(Array.from(stored[0]!.read())).toEqual([12, 12]);
    });

    test("leaves the state as it was when a run throws, and runs on afterwards", () => {
      const weights = tensor([[1], [2]]);
      const labels = (values: number[]): DataOf => Uint8Array.from(values);
      const stored = [store(backend, weights)];
      const step = ([w]: Values, [y]: Values): StepResult => {
        const doubled = multiply(w!, 2);
        return { nextState: [doubled], outputs: [matmul(oneHot(y as Tensor<[2], "uint8">, 2), doubled)] };
      };
      const example = new Tensor([2], "uint8", { data: new Uint8Array(2) });
      const program = backend.compile(stepGraph(step, [weights], [example]), stored);
      expect(() => program.run([labels([0, 7])])).toThrow("oneHot: received label 7 at position 1");
      expect(Array.from(stored[0]!.read())).toEqual([1, 2]);
      expect(Array.from(program.run([labels([0, 1])])[0]!)).toEqual([2, 4]);
      expect(Array.from(stored[0]!.read())).toEqual([2, 4]);
    });

    test("runs on no elements", () => {
      const { graph } = trace((x: Tensor) => add(x, sum(x)), [tensor([])]);
      expect(backend.compile(graph, []).run([new Float32Array(0)])).toEqual([new Float32Array(0)]);
    });
  });
}

function store(backend: Backend, value: Tensor): StoredValue {
  return backend.store(value, value.data);
}
