/**
 * Loan applications, made up for this recipe after the workshop's example: a bank that grants a loan where
 * salary / 100 + months / 10 + age / 20 comes to 13.5 or more. No single column decides: 1,010 a month was refused
 * to one and 780 granted to another. One plane in three dimensions does, with little room on both sides.
 */

import { type ClassesTarget, type Dataset, datasetFromArrays } from "@nn/datasets";
import { fromArray } from "@nn/tensor";

export interface Application {
  /** Years. */
  readonly age: number;
  /** US dollars a month. */
  readonly salary: number;
  /** Months in the present job. */
  readonly months: number;
  readonly granted: boolean;
}

type Row = readonly [age: number, salary: number, months: number, granted: "granted" | "refused"];

// biome-ignore format: a table
const decided: readonly Row[] = [
  [29, 1010,  16, "refused"],
  [47,  870,  28, "granted"],
  [31,  640,  20, "refused"],
  [38, 1100,  60, "granted"],
  [51,  700,  38, "refused"],
  [52,  900, 140, "granted"],
  [29, 1400,  12, "granted"],
  [41,  560,  30, "refused"],
  [60,  620,  42, "refused"],
  [35,  880,  72, "granted"],
  [48,  480,  50, "refused"],
  [33, 1320,  40, "granted"],
  [26,  450,  26, "refused"],
  [23, 1190,   8, "granted"],
  [30,  760,  14, "refused"],
  [44, 1180,  24, "granted"],
  [21,  700,   2, "refused"],
  [39,  820, 118, "granted"],
  [36,  590,  42, "refused"],
  [33,  780,  44, "granted"],
  [28,  960,  66, "granted"],
  [55,  430,  52, "refused"],
  [34, 1020,  84, "granted"],
  [25,  880,   6, "refused"],
];

// biome-ignore format: a table
const fresh: readonly Row[] = [
  [23,  400,   9, "refused"],
  [46, 1300,  80, "granted"],
  [32,  700,  18, "refused"],
  [37, 1150,  55, "granted"],
  [53,  500,  36, "refused"],
  [40,  930, 100, "granted"],
  [29,  620,  28, "refused"],
  [43, 1420,  30, "granted"],
];

/** What the perceptron learns from. */
export const decidedApplications: readonly Application[] = decided.map(application);
/** Applications that it has not seen. */
export const freshApplications: readonly Application[] = fresh.map(application);

function application([age, salary, months, answer]: Row): Application {
  return { age, salary, months, granted: answer === "granted" };
}

export const features = ["age", "salary", "months"] as const;

/** Mean and standard deviation of each feature. */
export interface Scale {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

export function scaleOf(applications: readonly Application[]): Scale {
  const mean = features.map((name) => average(applications.map((each) => each[name])));
  const variance = features.map((name, i) => average(applications.map((each) => (each[name] - mean[i]!) ** 2)));
  return { mean, deviation: variance.map(Math.sqrt) };
}

function average(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

/** The table as a dataset: (value − mean) / deviation, so that a salary does not outweigh an age by its unit alone. */
export function loans(
  applications: readonly Application[],
  { mean, deviation }: Scale,
): Dataset<readonly [3], ClassesTarget<2>> {
  const values = applications.flatMap((each) => features.map((name, i) => (each[name] - mean[i]!) / deviation[i]!));
  return datasetFromArrays({
    name: "loans",
    inputs: fromArray(Float64Array.from(values), [applications.length, 3]),
    labels: applications.map(({ granted }) => (granted ? 1 : 0)),
    classNames: ["refused", "granted"],
  });
}
