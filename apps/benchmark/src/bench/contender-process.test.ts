import { afterEach, expect, test, vi } from "vitest";
import { ContenderProcess } from "./contender-process.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("a contender inherits paths and nothing that makes it faster or slower", async () => {
  const names = ["OPENBLAS_CORETYPE", "MKL_ENABLE_INSTRUCTIONS", "OMP_NUM_THREADS", "ATEN_CPU_CAPABILITY"];
  for (const name of [...names, "NPY_DISABLE_CPU_FEATURES", "NODE_EXTRA_CA_CERTS"]) vi.stubEnv(name, "1");
  vi.stubEnv("NODE_OPTIONS", "--no-opt");
  vi.stubEnv("PYTHONPATH", "modules");
  const tell = `process.stdin.once("data", () => console.log(JSON.stringify({ version: JSON.stringify(process.env) })))`;
  const launch = { file: process.execPath, args: ["-e", tell], env: { OMP_NUM_THREADS: "2" } };
  const contender = new ContenderProcess(launch, 60_000);
  const { version } = await contender.ask({ do: "time", runs: 1, iterations: 1 });
  contender.close();
  const { PATH, PYTHONPATH, OMP_NUM_THREADS, ...others } = JSON.parse(version!) as Record<string, string>;
  expect({ PATH, PYTHONPATH, OMP_NUM_THREADS }).toEqual({
    PATH: process.env.PATH,
    PYTHONPATH: "modules",
    OMP_NUM_THREADS: "2",
  });
  expect(Object.keys(others).filter((name) => /^(OPENBLAS|MKL|ATEN|NPY|NODE)_/.test(name))).toEqual([]);
});
