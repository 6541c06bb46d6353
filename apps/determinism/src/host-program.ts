/**
 * What a page offers to the test of hosts, as `globalThis.hosts`: what programs do that name no backend, and those that ask
 * for the engine.
 */

import { makeMoons } from "@nn/datasets";
import { crossEntropy, dense, relu, sequential } from "@nn/model";
import {
  add,
  type Backend,
  compile,
  compileStep,
  fromArray,
  matmul,
  multiply,
  ones,
  reference,
  type Tensor,
  type WasmOptions,
  wasm,
} from "@nn/tensor";
import { fit, sgd } from "@nn/train";

type Matrix = Tensor<readonly [number, number], "float32">;

/** The weights' hash after a training on moons whose products are large enough for threads to share. */
async function fitMoons(backend?: Backend): Promise<string> {
  const data = makeMoons({ samples: 300, noise: 0.2, seed: 0 });
  const model = sequential([2], dense(64), relu(), dense(64), relu(), dense(2));
  const options = { loss: crossEntropy(), optimizer: sgd({ learningRate: 0.1 }), epochs: 40, batchSize: 64, seed: 0 };
  return (await fit(model, data, backend === undefined ? options : { ...options, backend })).weightsSha256;
}

/** What happens on an engine: whether runs were shared, and the different hashes of trainings, after each of which `then` is called; or the error. */
async function onEngine(options: WasmOptions, trainings: number = 1, then?: () => void): Promise<string[]> {
  try {
    const backend = wasm(options);
    const hashes: string[] = [];
    // Where every run is to be shared, until workers have started.
    const isEnough = (): boolean => options.adaptThreads !== false || backend.sharedRuns > 0 || hashes.length > 100;
    while (hashes.length < trainings || !isEnough()) {
      hashes.push(await fitMoons(backend));
      // Workers of a page start when its event loop has a turn.
      await new Promise((resolve) => setTimeout(resolve, 50));
      then?.();
    }
    const shared = backend.sharedRuns > 0 ? "shared" : "alone";
    backend.close();
    return [shared, ...new Set(hashes)];
  } catch (error) {
    const { name, message } = error as Error;
    return [name, message];
  }
}

/** A step over state, of one small and one large input, on the default backend: the second program over the same state. */
function twoPrograms(): number[] {
  const step = compileStep(
    (sum: Tensor<readonly [], "float32">, x: Matrix) => {
      const product = matmul(x, x) as Matrix;
      return { state: add(sum, 1), outputs: [add(product, sum), multiply(product, 2)] };
    },
    fromArray(Float32Array.of(0), []),
  );
  for (const size of [2, 40]) step.run(ones([size, size]) as Matrix);
  return [...step.state().data];
}

/** Milliseconds of a step of a product on so many threads, once workers have started. */
async function time(options: WasmOptions, size: number, ms: number): Promise<number> {
  const backend = wasm(options);
  const values = fromArray(
    Float32Array.from({ length: size * size }, (_, i) => (i % 17) / 8 - 1),
    [size, size],
  );
  const f = compile((x: typeof values) => matmul(add(matmul(x, x), 1), x), { backend });
  for (let i = 0; i < 5; i++) {
    f(values);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  const begin = performance.now();
  let runs = 0;
  while (performance.now() < begin + ms) {
    for (let i = 0; i < 4; i++) f(values);
    runs += 4;
  }
  const each = (performance.now() - begin) / runs;
  backend.close();
  return each;
}

Object.assign(globalThis, {
  hosts: {
    addOne: () => [...compile((x: Tensor<readonly [4], "float32">) => add(x, 1))(ones([4])).data],
    fitMoons: () => fitMoons(),
    expected: () => fitMoons(reference),
    onEngine,
    twoPrograms,
    time,
  },
});
