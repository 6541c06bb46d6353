/** What a program leaves to the reference loops: operations without a kernel, and the errors of those that refuse a value. */

import type { DataOf } from "../../dtype.ts";
import type { Node } from "../../graph/graph.ts";
import { sizeOf } from "../../shape.ts";
import type { FunctionReference } from "./assembler/module.ts";
import { i32 } from "./assembler/scalar.ts";
import type { Place } from "./kernels/operand.ts";
import type { EngineMemory } from "./memory.ts";
import type { Schedule } from "./schedule.ts";
import type { Kernel } from "./steps.ts";

interface View {
  readonly shape: Node["shape"];
  readonly dtype: Node["dtype"];
  readonly data: DataOf;
}

export class ReferenceLoops {
  readonly #plan: Schedule;
  readonly #memory: EngineMemory;
  readonly #function: FunctionReference;
  readonly #nodes: Node[] = [];
  #buffer: ArrayBufferLike | undefined;
  #views: { readonly inputs: View[]; readonly output: View }[] = [];
  #failure: unknown;

  /** `run` is the function that modules import. */
  constructor(plan: Schedule, memory: EngineMemory, run: FunctionReference) {
    this.#plan = plan;
    this.#memory = memory;
    this.#function = run;
  }

  /** The number of a node, which a kernel writes into the status where the node's operation refuses a value. */
  add(node: Node): number {
    return this.#nodes.push(node);
  }

  /** The kernel that runs the loops of a node. */
  kernel(node: Node): Kernel {
    const number = this.add(node);
    return {
      label: `${node.op!.name} on reference loops`,
      items: 1,
      cost: costOf(node),
      emit: (f) => f.call(this.#function, i32.const(number)),
    };
  }

  /** Runs the loops of a node. What they throw waits for `fail`: thrown here it would leave other threads at a barrier. */
  run(number: number): void {
    try {
      this.#run(number);
    } catch (error) {
      this.#failure = error;
      this.#memory.view("int32", this.#plan.statusAddress, 1)[0] = number;
    }
  }

  /** Throws the error of the node that ended a run. */
  fail(number: number): never {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) this.#run(number);
    throw failure;
  }

  #run(number: number): void {
    // Views are renewed when the memory has grown.
    if (this.#buffer !== this.#memory.memory.buffer) {
      this.#buffer = this.#memory.memory.buffer;
      this.#views = this.#nodes.map((node) => ({
        inputs: node.inputs.map((input) => this.#viewOf(input, this.#plan.rows(input))),
        output: this.#viewOf(node, this.#plan.place(node)),
      }));
    }
    const node = this.#nodes[number - 1]!;
    const { inputs, output } = this.#views[number - 1]!;
    node.op!.run(inputs, output, node.attributes);
  }

  #viewOf({ shape, dtype }: Node, { address }: Place): View {
    return { shape, dtype, data: this.#memory.view(dtype, address, sizeOf(shape)) };
  }
}

/** About how long the loops of a node take, in nanoseconds. */
function costOf(node: Node): number {
  const [left] = node.inputs;
  if (node.op!.name === "matmul") return sizeOf(node.shape) * sizeOf(left!.shape.slice(1));
  return 10 * (sizeOf(node.shape) + node.inputs.reduce((sum, { shape }) => sum + sizeOf(shape), 0));
}
