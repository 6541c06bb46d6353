/** The backend that compiled functions run on when they name none. */

import { ArgumentError, describe } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import type { Backend, Program, StoredValue } from "./backend.ts";
import { reference } from "./reference/reference.ts";
import { wasm } from "./wasm/wasm.ts";
import { HostRefusal } from "./wasm/web-assembly.ts";

let engine: Backend | undefined;

/**
 * One strict WebAssembly engine on one thread, shared by all; the reference loops where the host has none or refuses it, and
 * for each program whose module it refuses. Both give the same bits. `wasm()` says why a host has none.
 */
function defaultBackend(): Backend {
  engine ??= createDefault();
  return engine;
}

/** `given`, or the default backend where none is. @throws ArgumentError unless it is one. */
export function chosenBackend(operation: string, given: Backend | undefined): Backend {
  if (given === undefined || given === null) return defaultBackend();
  if (typeof given.store === "function" && typeof given.compile === "function") return given;
  throw new ArgumentError({
    operation,
    received: `backend ${describe(given)}`,
    expected: "a backend",
    fix: "Make one with wasm(), or take reference.",
  });
}

function createDefault(): Backend {
  try {
    return withReferenceLoops(wasm());
  } catch (error) {
    if (error instanceof ArgumentError) return reference;
    throw error;
  }
}

/** `backend`, whose refused programs run on the reference loops, over the same stored values. */
function withReferenceLoops(backend: Backend): Backend {
  return {
    ...backend,
    compile(graph, state) {
      try {
        return backend.compile(graph, state);
      } catch (error) {
        if (error instanceof HostRefusal) return onReferenceLoops(graph, state);
        throw error;
      }
    },
  };
}

/** A program on the reference loops whose state another backend stores. */
function onReferenceLoops(graph: Graph, state: readonly StoredValue[]): Program {
  const copies = state.map((value) => reference.store(value, value.read()));
  const program = reference.compile(graph, copies);
  return {
    run(inputs) {
      for (const [i, copy] of copies.entries()) copy.write(state[i]!.read());
      const outputs = program.run(inputs);
      for (const [i, copy] of copies.entries()) state[i]!.write(copy.read());
      return outputs;
    },
  };
}
