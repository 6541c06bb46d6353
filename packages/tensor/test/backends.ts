/** Backends, and what tests compare of them. */

import {
  type Backend,
  broadcastTo,
  reference,
  type Tensor,
  tensor,
  trace,
  type WasmOptions,
  wasm,
} from "../src/index.ts";

/** Every backend: each passes the table of operations and the table of the contract. */
export const backends: readonly Backend[] = [reference, wasm()];

/** The kernels of the program that the engine made last of what `run` compiles on the backend that it is given. */
export function kernelsOf(run: (backend: Backend) => void, options: WasmOptions = {}): readonly string[] {
  const backend = wasm(options);
  let kernels: readonly string[] = [];
  run({
    ...backend,
    compile(graph, state) {
      const program = backend.compile(graph, state);
      kernels = program.kernels;
      return program;
    },
  });
  backend.close();
  return kernels;
}

const held: unknown[] = [];

/** Takes `bytes` of the memory of an engine for good; the system gives them only when they are used. */
export function occupy(backend: Backend, bytes: number): void {
  const { graph } = trace((x: Tensor) => broadcastTo(x, [bytes / 4] as never) as Tensor, [tensor(1) as Tensor]);
  held.push(backend.compile(graph, []));
}

/** The bits of every element of a float32 tensor, NaN made one; the elements of any other. */
export function bitsOf({ data }: Pick<Tensor, "data">): number[] {
  if (!(data instanceof Float32Array)) return [...data];
  const canonical = Float32Array.from(data, (value) => (Number.isNaN(value) ? Number.NaN : value));
  return [...new Uint32Array(canonical.buffer)];
}
