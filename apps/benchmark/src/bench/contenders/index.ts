/** All contenders, each in a process of its own. */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { canPack, PACKING_FLAG } from "../../packing.ts";
import type { Absence, ContenderSpec, Launch } from "../contender-spec.ts";
import { flopsPerCall } from "../peak.ts";
import { findPython } from "./find-python.ts";

type Bits = 128 | 256;

/** A contender written in TypeScript, run by this Node. */
function script(file: string, ...args: readonly (string | number)[]): Launch {
  return {
    file: process.execPath,
    args: ["--conditions=@nn/source", join(import.meta.dirname, file), ...args.map(String)],
  };
}

/** The same with V8's 256-bit packing, where this Node has it. */
function packed(launch: Launch): Launch | Absence {
  if (!canPack) return { absent: `Node ${process.versions.node} here has no 256-bit packing to be trusted` };
  return { ...launch, args: [PACKING_FLAG, ...launch.args] };
}

function withBits(bits: Bits, launch: Launch): Launch | Absence {
  return bits === 256 ? packed(launch) : launch;
}

function withThreads(threads: number, launch: () => Launch | Absence): Launch | Absence {
  const cores = availableParallelism();
  return threads > cores ? { absent: `${threads} threads on ${cores} core` } : launch();
}

/** `pytorch`, `pytorch-2t` */
function named(base: string, threads: number): string {
  return threads === 1 ? base : `${base}-${threads}t`;
}

function threadsText(threads: number): string {
  return threads === 1 ? "1 thread" : `${threads} threads`;
}

function engine(mode: "strict" | "fast", bits: Bits, threads: number): ContenderSpec {
  return {
    name: named(`nn-${mode}-${bits}`, threads),
    description: `this engine, ${mode}, ${bits}-bit vectors, ${threadsText(threads)}`,
    threads,
    launch: () => withThreads(threads, () => withBits(bits, script("engine.ts", mode, threads, bits))),
  };
}

function python(base: string, library: "numpy" | "torch", dtype: string, threads: number): ContenderSpec {
  const title = { numpy: "NumPy", torch: "PyTorch on the CPU" }[library];
  return {
    name: named(base, threads),
    description: `${title}, ${dtype}, ${threadsText(threads)}`,
    threads,
    launch: () =>
      withThreads(threads, () => {
        const found = findPython();
        if ("absent" in found) return found;
        if (!found.libraries.includes(library)) {
          return { absent: `no ${library} for ${found.program}; NN_PYTHON may name another Python` };
        }
        const count = String(threads);
        return {
          file: found.program,
          // Without -B it leaves compiled files beside its source, and the commit counts as changed.
          args: ["-B", join(import.meta.dirname, "python/contender.py"), library, dtype, count],
          env: { OPENBLAS_NUM_THREADS: count, OMP_NUM_THREADS: count, MKL_NUM_THREADS: count },
        };
      }),
  };
}

function peak(bits: Bits): ContenderSpec {
  return {
    name: `peak-${bits}`,
    description: `multiply-adds in registers only, ${bits}-bit vectors, 1 thread: the most that a product can reach`,
    threads: 1,
    productsOnly: true,
    flopsPerIteration: flopsPerCall,
    launch: () => withBits(bits, script("peak.ts", bits)),
  };
}

const modes = ["strict", "fast"] as const;
const widths = [128, 256] as const;

export const contenders: readonly ContenderSpec[] = [
  ...modes.flatMap((mode) => widths.flatMap((bits) => [1, 2].map((threads) => engine(mode, bits, threads)))),
  {
    name: "nn-strict-256-plain",
    description:
      "nn-strict-256, both factors given as arrays at each product, where the others keep the right one in panels",
    threads: 1,
    productsOnly: true,
    launch: () => packed(script("engine.ts", "strict", 1, 256, "plain")),
  },
  {
    name: "nn-reference",
    description: "this engine's reference loops",
    threads: 1,
    launch: () => script("engine.ts", "reference"),
  },
  {
    name: "jax-js",
    description: "@jax-js/jax, WebAssembly, jitted; one thread, as always in Node",
    threads: 1,
    launch: () => script("jax-js.ts"),
  },
  ...(["wasm", "cpu"] as const).map((backend) => ({
    name: `tfjs-${backend}`,
    description: `TensorFlow.js, its ${backend} backend; one thread, as always in Node`,
    threads: 1,
    launch: () => script("tfjs.ts", backend),
  })),
  python("numpy-float64", "numpy", "float64", 1),
  python("numpy-float64", "numpy", "float64", 2),
  python("numpy-float32", "numpy", "float32", 1),
  python("numpy-float32", "numpy", "float32", 2),
  python("pytorch", "torch", "float32", 1),
  python("pytorch", "torch", "float32", 2),
  ...widths.map(peak),
];
