import { compileStep, matmul, mean, sum, multiply, zeros, relu, fromArray, logSoftmax, oneHot, negative, gradients, add, subtract, type Tensor } from "./index.ts";
import { wasm } from "./backend/wasm/wasm.ts";
const [N, D, H, K] = [64, 784, 256, 10];
const lr = Number(process.env.LR ?? 1e-4);
for (const mode of ["strict", "fast"] as const) for (const momentum of [false, true]) {
  const backend = wasm({ mode });
  const p = { W1: zeros([D, H]), b1: zeros([H]), W2: zeros([H, K]), b2: zeros([K]) };
  for (const t of Object.values(p)) for (let i = 0; i < t.data.length; i++) t.data[i] = Math.sin(i) * 0.05;
  const X = zeros([N, D]); for (let i = 0; i < X.data.length; i++) X.data[i] = Math.max(0, Math.sin(i * 7.1));
  const labels = fromArray(Uint8Array.from({ length: N }, (_, i) => i % K), [N]);
  const step = compileStep((q: any, xb: any, lb: any) => {
    const h = relu(add(matmul(xb, q.p.W1), q.p.b1) as any);
    const logits = add(matmul(h as any, q.p.W2), q.p.b2) as any;
    const l = negative(mean(sum(multiply(logSoftmax(logits), oneHot(lb, K) as any) as any, { axis: 1 })));
    const g = gradients(l as any, q.p) as any;
    const v = momentum ? Object.fromEntries(Object.keys(q.p).map((k) => [k, add(multiply(q.v[k], 0.9), g[k])])) as any : g;
    const next = Object.fromEntries(Object.keys(q.p).map((k) => [k, subtract(q.p[k], multiply(v[k], lr))])) as any;
    return { state: { p: next, v: momentum ? v : q.v }, outputs: { loss: l } } as any;
  }, { p, v: momentum ? Object.fromEntries(Object.entries(p).map(([k, t]) => [k, zeros(t.shape as any)])) : zeros([1]) } as any, { backend });
  for (let i = 0; i < 300; i++) step.run(X, labels);
  let best = 1e9; for (let r = 0; r < 20; r++) { const t0 = (process as any).threadCpuUsage().user / 1e3; for (let i = 0; i < 20; i++) step.run(X, labels); best = Math.min(best, ((process as any).threadCpuUsage().user / 1e3 - t0) / 20); }
  console.log(mode, momentum ? "momentum" : "sgd", best.toFixed(4), "ms/step", (N / best * 1000).toFixed(0), "samples/s", String(step.run(X, labels).loss));
}
