import { createHash } from "node:crypto";
import { ArgumentError } from "@nn/tensor";
import { describe, expect, expectTypeOf, test } from "vitest";
import goldens from "../goldens/moons.json" with { type: "json" };
import type { Dataset } from "./dataset.ts";
import { type MoonsOptions, makeMoons } from "./moons.ts";
import type { ClassesTarget } from "./target.ts";

const sha256 = (data: NodeJS.ArrayBufferView) => createHash("sha256").update(data).digest("hex");

/** The bits of float64 numbers, 16 hexadecimal digits each. */
const bits = (values: Float64Array) =>
  Array.from(new BigUint64Array(values.slice().buffer), (word) => word.toString(16).padStart(16, "0")).join("");

describe("makeMoons", () => {
  test.each(goldens.rows)("equals scikit-learn: $samples points, noise $noise, seed $seed, shuffle $shuffle", (row) => {
    const { samples, noise, seed, shuffle } = row;
    const options = { samples: samples as NonNullable<MoonsOptions["samples"]>, seed, shuffle };
    const data = makeMoons(noise === null ? options : { ...options, noise });
    const points = data.inputs.data as Float64Array;
    if (row.points !== undefined) {
      expect(bits(points)).toBe(row.points);
      expect([...data.targets.data]).toEqual(row.labels);
    }
    expect(sha256(points)).toBe(row.pointsSha256);
    expect(sha256(data.targets.data)).toBe(row.labelsSha256);
  });

  test("is a dataset whose shape the compiler knows", () => {
    const data = makeMoons({ samples: 10 });
    expectTypeOf(data).toEqualTypeOf<Dataset<[2], ClassesTarget<2>>>();
    expect(data).toMatchObject({
      name: "moons",
      size: 10,
      inputShape: [2],
      target: { kind: "classes", count: 2, names: ["outer", "inner"] },
    });
    expect(data.inputs).toMatchObject({ shape: [10, 2], dtype: "float64" });
  });

  test("draws 100 points without noise from seed 0 by default", () => {
    expect(makeMoons().fingerprint).toBe(makeMoons({ samples: 100, seed: 0, shuffle: true }).fingerprint);
    expect(makeMoons().fingerprint).not.toBe(makeMoons({ seed: 1 }).fingerprint);
  });

  test.each<[MoonsOptions, string]>([
    [{ samples: 0 }, "samples 0"],
    [{ samples: -3 }, "samples -3"],
    [{ samples: 2.5 }, "samples 2.5"],
    [{ samples: [0, 0] }, "samples[0] + samples[1] 0"],
    [{ samples: [3, -1] }, "samples[1] -1"],
    [{ noise: -0.1 }, "noise -0.1"],
    [{ noise: Number.NaN }, "noise NaN"],
    [{ noise: Number.POSITIVE_INFINITY }, "noise Infinity"],
    [{ seed: -1 }, "seed -1"],
    [{ seed: 2 ** 32 }, "seed 4294967296"],
    [{ seed: 1.5 }, "seed 1.5"],
  ])("refuses %o", (options, received) => {
    expect(() => makeMoons(options)).toThrow(ArgumentError);
    expect(() => makeMoons(options)).toThrow(`makeMoons: received ${received}; expected`);
  });
});
