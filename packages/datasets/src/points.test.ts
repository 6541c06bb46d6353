import { createHash } from "node:crypto";
import { ArgumentError } from "@nn/tensor";
import { describe, expect, expectTypeOf, test } from "vitest";
import blobs from "../goldens/blobs.json" with { type: "json" };
import circles from "../goldens/circles.json" with { type: "json" };
import { type BlobsOptions, makeBlobs } from "./blobs.ts";
import { type CirclesOptions, makeCircles } from "./circles.ts";
import type { Dataset } from "./dataset.ts";
import type { ClassesTarget } from "./target.ts";

const sha256 = (data: NodeJS.ArrayBufferView) => createHash("sha256").update(data).digest("hex");

/** The bits of float64 numbers, 16 hexadecimal digits each. */
const bits = (values: Float64Array) =>
  Array.from(new BigUint64Array(values.slice().buffer), (word) => word.toString(16).padStart(16, "0")).join("");

interface Golden {
  readonly points?: string;
  readonly labels?: readonly number[];
  readonly pointsSha256: string;
  readonly labelsSha256: string;
}

function expectGolden(data: Dataset<[number], ClassesTarget>, golden: Golden): void {
  const points = data.inputs.data as Float64Array;
  if (golden.points !== undefined) {
    expect(bits(points)).toBe(golden.points);
    expect([...data.targets.data]).toEqual(golden.labels);
  }
  expect(sha256(points)).toBe(golden.pointsSha256);
  expect(sha256(data.targets.data)).toBe(golden.labelsSha256);
}

describe("makeCircles", () => {
  test.each(circles.rows)("equals scikit-learn: $samples points, noise $noise, factor $factor, seed $seed", (row) => {
    const { noise, samples, factor, seed, shuffle } = row;
    const options = { samples: samples as NonNullable<CirclesOptions["samples"]>, factor, seed, shuffle };
    expectGolden(makeCircles(noise === null ? options : { ...options, noise }) as never, row);
  });

  test("is a dataset whose shape the compiler knows", () => {
    expectTypeOf(makeCircles()).toEqualTypeOf<Dataset<[2], ClassesTarget<2>>>();
    expect(makeCircles()).toMatchObject({
      name: "circles",
      size: 100,
      inputShape: [2],
      target: { kind: "classes", count: 2, names: ["outer", "inner"] },
    });
  });

  test.each<[CirclesOptions, string]>([
    [{ samples: 0 }, "samples 0"],
    [{ samples: [0, 0] }, "samples[0] + samples[1] 0"],
    [{ noise: -1 }, "noise -1"],
    [{ noise: Number.NaN }, "noise NaN"],
    [{ factor: 1 }, "factor 1"],
    [{ factor: -0.1 }, "factor -0.1"],
    [{ factor: Number.NaN }, "factor NaN"],
    [{ seed: -1 }, "seed -1"],
  ])("refuses %o", (options, received) => {
    expect(() => makeCircles(options)).toThrow(ArgumentError);
    expect(() => makeCircles(options)).toThrow(`makeCircles: received ${received}; expected`);
  });
});

describe("makeBlobs", () => {
  test.each(blobs.rows)("equals scikit-learn: $samples points, seed $seed", (row) => {
    const { points: _, labels: __, pointsSha256: ___, labelsSha256: ____, ...options } = row as typeof row & Golden;
    expectGolden(makeBlobs(options as BlobsOptions<number>), row);
  });

  test("is a dataset whose shape the compiler knows", () => {
    expectTypeOf(makeBlobs()).toEqualTypeOf<Dataset<[2], ClassesTarget>>();
    expectTypeOf(makeBlobs({ features: 3 })).toEqualTypeOf<Dataset<[3], ClassesTarget>>();
    expect(makeBlobs()).toMatchObject({
      name: "blobs",
      size: 100,
      inputShape: [2],
      target: { count: 3, names: ["0", "1", "2"] },
    });
  });

  test.each<[BlobsOptions, string]>([
    [{ samples: 0 }, "samples 0"],
    [{ samples: [0, 0] }, "samples in all 0"],
    [{ samples: [1, -1] }, "samples[1] -1"],
    [{ samples: [1, 1], centers: 3 }, "samples of 2 clouds"],
    [{ centers: 0 }, "the number of clouds 0"],
    [{ centers: 257 }, "the number of clouds 257"],
    [{ centers: [[1, 2], [3]] }, "centers of different lengths or not finite"],
    [{ centers: [[Number.NaN]] }, "centers of different lengths or not finite"],
    [{ centers: [[]] }, "the number of dimensions 0"],
    [{ standardDeviation: -1 }, "standardDeviation -1"],
    [{ standardDeviation: [1, 2] }, "2 standard deviations"],
    [{ centerBox: [3, 1] }, "centerBox [3, 1]"],
    [{ features: 0 as never }, "features 0"],
    [{ seed: 0.5 }, "seed 0.5"],
  ])("refuses %o", (options, received) => {
    expect(() => makeBlobs(options)).toThrow(ArgumentError);
    expect(() => makeBlobs(options)).toThrow(`makeBlobs: received ${received}; expected`);
  });
});
