/** For this package's tests: a backend that keeps what it is asked to compile. */

import { type Backend, type Graph, reference } from "@nn/tensor";

/** The reference backend, with the graphs that it has compiled. */
export function countingBackend(): Backend & { readonly compiled: readonly Graph[] } {
  const compiled: Graph[] = [];
  return {
    ...reference,
    compiled,
    compile(graph, state) {
      compiled.push(graph);
      return reference.compile(graph, state);
    },
  };
}
