/** A program on an engine beside the same program on the reference loops, bit by bit. */

import {
  type Backend,
  compile,
  compileStep,
  gradients,
  multiply,
  reference,
  subtract,
  type Tensor,
  valueAndGrad,
} from "../../src/index.ts";
import { type Leaf, lossOf, type Program, tensorOf, valuesOf } from "./program.ts";

const runs = 3;

/** What the runs of a program gave, one value after another; a text where they ended in an error. */
type Results = readonly (Tensor | string)[];

/** What differs between the program's results on `backend` and those of the reference loops; undefined where nothing does. */
export function differenceOn(backend: Backend, program: Program): string | undefined {
  const expected = resultsOf(program, reference);
  const eager = program.kind === "forward" ? eagerResults(program) : undefined;
  return compare(expected, resultsOf(program, backend)) ?? (eager && compare(expected, eager));
}

function resultsOf(program: Program, backend: Backend): Results {
  const given = (run: number): Tensor[] => givenOf(program, ["input"], run);
  const held = givenOf(program, ["state"], 0);
  const at = (values: readonly Tensor[]): Tensor[] => program.outputs.map((index) => values[index]!);
  const results: (Tensor | string)[] = [];
  const collect = (run: () => readonly Tensor[]): void => {
    try {
      results.push(...run());
    } catch (error) {
      results.push(errorText(error));
    }
  };
  if (program.kind === "step") {
    let step: { run(...inputs: Tensor[]): Tensor[]; state(): Tensor[] } | undefined;
    collect(() => {
      step = compileStep(stepOf(program) as never, held as never, { backend }) as never;
      return [];
    });
    for (let run = 0; run < runs && step !== undefined; run++) {
      collect(() => step!.run(...given(run)));
      collect(() => step!.state());
    }
  } else if (program.kind === "gradient") {
    const both = valueAndGrad((parameters: Tensor[], others: Tensor[]) =>
      lossOf(program, valuesOf(program, merged(program, parameters, others))),
    );
    const whole = compile(
      (parameters: Tensor[], others: Tensor[]) => {
        const { value, gradient } = both(parameters, others);
        return [value as Tensor, ...gradient, ...at(valuesOf(program, merged(program, parameters, others)))];
      },
      { backend },
    );
    for (let run = 0; run < runs; run++) {
      const [parameters, others] = [true, false].map((differentiated) =>
        program.leaves.flatMap((leaf) =>
          leaf.role !== "constant" && isParameter(leaf) === differentiated ? [tensorOf(leaf, run)] : [],
        ),
      ) as [Tensor[], Tensor[]];
      collect(() => whole(parameters, others));
    }
  } else {
    const whole = compile((...inputs: Tensor[]) => at(valuesOf(program, withLeaves(program, [], inputs))), { backend });
    for (let run = 0; run < runs; run++) collect(() => whole(...givenOf(program, ["input", "state"], run)));
  }
  return results;
}

function eagerResults(program: Program): Results {
  return Array.from({ length: runs }, (_, run) => {
    try {
      const values = valuesOf(program, givenOf(program, ["input", "state", "constant"], run));
      return program.outputs.map((index) => values[index]!);
    } catch (error) {
      return [errorText(error)];
    }
  }).flat();
}

/** The class and the operation of an error: which of several faults is met first depends on the order of the operations. */
function errorText(error: unknown): string {
  return String(error).split(":", 2).join(":");
}

/** The step of a program: states that are floats descend along the loss, where there is one. */
function stepOf(program: Program) {
  return (state: readonly Tensor[], ...inputs: readonly Tensor[]) => {
    const values = valuesOf(program, withLeaves(program, state, inputs));
    const next = program.nextState.map((index) => values[index]!);
    if (program.loss.length > 0) {
      const places = state.flatMap(({ dtype }, i) => (dtype === "float32" || dtype === "float64" ? [i] : []));
      const slopes = gradients(
        lossOf(program, values),
        places.map((i) => state[i]!),
      );
      places.forEach((place, i) => {
        next[place] = subtract(state[place]!, multiply(slopes[i]!, 0.125) as never);
      });
    }
    return { state: next, outputs: program.outputs.map((index) => values[index]!) };
  };
}

function isParameter({ dtype }: Leaf): boolean {
  return dtype === "float32" || dtype === "float64";
}

/** The tensors of all leaves, from those that are differentiated and those that are not. */
function merged(program: Program, parameters: readonly Tensor[], others: readonly Tensor[]): Tensor[] {
  const [left, right] = [parameters.values(), others.values()];
  return program.leaves.map((leaf) => {
    if (leaf.role === "constant") return tensorOf(leaf, 0);
    return (isParameter(leaf) ? left : right).next().value!;
  });
}

function withLeaves({ leaves }: Program, state: readonly Tensor[], inputs: readonly Tensor[]): Tensor[] {
  const [held, given] = [state.values(), inputs.values()];
  return leaves.map((leaf) => {
    if (leaf.role === "constant") return tensorOf(leaf, 0);
    return (leaf.role === "state" && state.length > 0 ? held : given).next().value!;
  });
}

function givenOf({ leaves }: Program, roles: readonly Leaf["role"][], run: number): Tensor[] {
  return leaves.flatMap((leaf) => (roles.includes(leaf.role) ? [tensorOf(leaf, run)] : []));
}

function compare(expected: Results, actual: Results): string | undefined {
  if (expected.length !== actual.length) return `${actual.length} results, not ${expected.length}`;
  for (const [i, result] of expected.entries()) {
    const other = actual[i]!;
    if (typeof result === "string" || typeof other === "string") {
      if (String(result) === String(other)) continue;
      return `result ${i}: ${String(other)}, not ${String(result)}`;
    }
    if (String(result.shape) !== String(other.shape) || result.dtype !== other.dtype)
      return `result ${i}: ${other}, not ${result}`;
    const at = result.data.findIndex((value, element) => !Object.is(value, other.data[element]));
    if (at >= 0)
      return `result ${i} of shape [${result.shape.join(", ")}], element ${at}: ${other.data[at]}, not ${result.data[at]}`;
  }
  return undefined;
}
