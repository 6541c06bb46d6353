import {
  ArgumentError,
  cast,
  compile,
  fromArray,
  type Shape,
  ShapeError,
  type Tensor,
  tensor,
  valueAndGrad,
  zeros,
} from "@nn/tensor";
import { expectAllClose } from "@nn/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import golden from "../../goldens/values.json" with { type: "json" };
import {
  binaryCrossEntropy,
  type CheckLoss,
  type ClassesTarget,
  checkLoss,
  classes,
  crossEntropy,
  dense,
  type Loss,
  l2,
  sequential,
  sigmoid,
  softmax,
} from "../index.ts";

type Logits = Tensor<Shape, "float64">;

type Labels = Tensor<readonly [number], "uint8"> | Tensor<readonly [number], "int32">;

const categorical = {
  logits: fromArray(Float64Array.from(golden.crossEntropy.logits.data), [4, 3]) as Logits,
  labels: golden.crossEntropy.labels,
  losses: golden.crossEntropy.losses,
};
const binary = {
  logits: fromArray(Float64Array.from(golden.binaryCrossEntropy.logits), [11, 1]) as Logits,
  labels: golden.binaryCrossEntropy.labels,
  losses: golden.binaryCrossEntropy.losses,
};
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const labelsOf = (values: readonly number[], dtype: "uint8" | "int32" = "uint8"): Labels =>
  tensor(values, { dtype }) as Labels;
const row = (x: Logits, i: number): Logits => {
  const width = x.shape[1]!;
  return fromArray(x.data.slice(i * width, (i + 1) * width), [1, width]) as Logits;
};

describe.each([
  ["crossEntropy()", crossEntropy, categorical],
  ["binaryCrossEntropy()", binaryCrossEntropy, binary],
] as const)("%s", (call, make, { logits, labels, losses }) => {
  const loss = make();

  test("each example alone, however large its logits", () => {
    losses.forEach((expected, i) => {
      const actual = loss.apply(row(logits, i), labelsOf([labels[i]!]));
      expectAllClose(actual, { shape: [], data: [expected] }, { rtol: 1e-12, atol: 1e-300 });
    });
  });

  test("mean and sum, in both dtypes, for both kinds of labels", () => {
    for (const dtype of ["uint8", "int32"] as const) {
      const y = labelsOf(labels, dtype);
      expect(loss.apply(logits, y).item()).toBeCloseTo(total(losses) / losses.length, 10);
      expect(make({ reduction: "mean" }).apply(logits, y).item()).toBe(loss.apply(logits, y).item());
      expect(make({ reduction: "sum" }).apply(logits, y).item()).toBeCloseTo(total(losses), 9);
      const single = loss.apply(cast(logits, "float32"), y);
      expect(single.dtype).toBe("float32");
      expect(Math.abs(single.item() / (total(losses) / losses.length) - 1)).toBeLessThan(1e-6);
    }
  });

  test("gradient", () => {
    const gentle = fromArray(
      logits.data.map((_, i) => 3 * Math.sin(i)),
      logits.shape,
    ) as Logits;
    for (const at of [gentle, zeros(logits.shape, { dtype: "float64" }) as Logits]) {
      const of = (x: Logits): Tensor => loss.apply(x, labelsOf(labels)) as Tensor;
      const { gradient } = valueAndGrad(of)(at);
      const numeric = at.data.map((value, i) => {
        const moved = (h: number): number => of(fromArray(at.data.with(i, value + h), at.shape) as Logits).item();
        return (moved(1e-5) - moved(-1e-5)) / 2e-5;
      });
      expectAllClose(gradient, { shape: at.shape, data: numeric }, { atol: 1e-9 });
    }
    // Far out the gradient is 0 or ±1 / N, not NaN.
    const far = valueAndGrad((x: Logits) => loss.apply(x, labelsOf(labels)) as Tensor)(logits).gradient;
    for (const value of far.data) expect(Math.abs(value)).toBeLessThanOrEqual(1 / labels.length);
  });

  test("refuses a reduction that there is not", () => {
    expect(() => make({ reduction: "max" as never })).toThrow(ArgumentError);
  });

  test("refuses labels that are no class, compiled too", () => {
    const bad = labelsOf(labels.map((_, i) => (i === 1 ? 3 : 0)));
    expect(() => loss.apply(logits, bad)).toThrow(ArgumentError);
    expect(() => loss.apply(logits, bad)).toThrow("label 3 at position 1");
    const compiled = compile((x: Logits, y: Tensor<readonly [number], "int32">) => loss.apply(x, y) as Tensor);
    expect(() =>
      compiled(
        logits,
        labelsOf(
          labels.map(() => -1),
          "int32",
        ) as never,
      ),
    ).toThrow("label -1 at position 0");
  });

  test.each([
    ["fewer labels", logits, labelsOf([0])],
    ["an axis too many", zeros([2, 3, 1], { dtype: "float64" }) as Logits, labelsOf([0, 1])],
    ["an axis too few", zeros([2], { dtype: "float64" }) as Logits, labelsOf([0, 1])],
    ["nothing", zeros([0, 3], { dtype: "float64" }) as Logits, zeros([0], { dtype: "uint8" }) as Labels],
  ])("refuses %s", (_, x, y) => {
    expect(() => loss.apply(x, y)).toThrow(ShapeError);
    expect(() => loss.apply(x, y)).toThrow(expect.objectContaining({ operation: call }));
  });
});

describe("binaryCrossEntropy keeps the small losses of confident answers", () => {
  test.each(["float64", "float32"] as const)("%s", (dtype) => {
    const [tolerance, start] = dtype === "float64" ? [1e-12, 0.01] : [4e-6, 0.01];
    // −log σ(x) for x > 0, whose exact value Math.log1p gives.
    for (let x = start; x < 80; x *= 1.07) {
      const at = tensor([[x]], { dtype });
      const exact = Math.log1p(Math.exp(-at.item()));
      const actual = binaryCrossEntropy()
        .apply(at, labelsOf([1]))
        .item();
      expect(Math.abs(actual / exact - 1)).toBeLessThan(tolerance);
    }
  });
});

describe("the check of outputs against classes", () => {
  const [categories, answers] = [crossEntropy(), binaryCrossEntropy()] as const;

  test("the compiler and the run say the same", () => {
    const wrongCount =
      "crossEntropy(): received outputs of shape [2] for 10 classes; expected shape [10], a logit for each class. End the model with dense(10).";
    expectTypeOf<CheckLoss<typeof categories, [2], ClassesTarget<10>>>().toEqualTypeOf<typeof wrongCount>();
    expect(() => checkLoss(categories, sequential([2]), classes(10))).toThrow(ShapeError);
    expect(() => checkLoss(categories, sequential([2]), classes(10))).toThrow(
      expect.objectContaining({ message: wrongCount }),
    );

    const image =
      "crossEntropy(): received outputs of shape [28, 28] for 2 classes; expected shape [2], a logit for each class. End the model with dense(2).";
    expectTypeOf<CheckLoss<typeof categories, [28, 28], ClassesTarget<2>>>().toEqualTypeOf<typeof image>();
    expect(() => checkLoss(categories, sequential([28, 28]), classes(2))).toThrow(
      expect.objectContaining({ message: image }),
    );

    const twoLogits =
      "binaryCrossEntropy(): received outputs of shape [2] for 2 classes; expected shape [1], one logit for class 1. End the model with dense(1).";
    expectTypeOf<CheckLoss<typeof answers, [2], ClassesTarget<2>>>().toEqualTypeOf<typeof twoLogits>();
    expect(() => checkLoss(answers, sequential([2]), classes(2))).toThrow(
      expect.objectContaining({ message: twoLogits }),
    );

    const tenClasses =
      "binaryCrossEntropy(): received outputs of shape [1] for 10 classes; expected 2 classes. Use crossEntropy() for more.";
    expectTypeOf<CheckLoss<typeof answers, [1], ClassesTarget<10>>>().toEqualTypeOf<typeof tenClasses>();
    expect(() => checkLoss(answers, sequential([1]), classes(10))).toThrow(
      expect.objectContaining({ message: tenClasses }),
    );
  });

  test("what suits passes, and what the compiler does not know is left to the run", () => {
    expectTypeOf<CheckLoss<typeof categories, [10], ClassesTarget<10>>>().toEqualTypeOf<unknown>();
    expectTypeOf<CheckLoss<typeof answers, [1], ClassesTarget<2>>>().toEqualTypeOf<unknown>();
    expectTypeOf<CheckLoss<typeof categories, [number], ClassesTarget<10>>>().toEqualTypeOf<unknown>();
    expectTypeOf<CheckLoss<typeof categories, [2], ClassesTarget<number>>>().toEqualTypeOf<unknown>();
    expectTypeOf<CheckLoss<typeof categories, Shape, ClassesTarget<3>>>().toEqualTypeOf<unknown>();
    expectTypeOf<CheckLoss<Loss, [2], ClassesTarget<3>>>().toEqualTypeOf<unknown>();
    checkLoss(categories, sequential([10]), classes(10));
    checkLoss(answers, sequential([1]), classes(2));
  });
});

describe("probabilities", () => {
  test.each([
    [crossEntropy(), dense(3), softmax(), 3, "softmax"],
    [crossEntropy(), dense(3), sigmoid(), 3, "softmax"],
    [binaryCrossEntropy(), dense(1), sigmoid(), 2, "sigmoid"],
  ])("are refused by a loss of logits: %#", (loss, before, last, classCount, applied) => {
    const message = `${loss.call}: received the probabilities of a last ${last.call}; expected logits, of which the loss takes the ${applied} itself. Leave ${last.call} out: classify reads logits too, and ${applied} of @nn/tensor makes probabilities of what predict gives.`;
    expect(() => checkLoss(loss, sequential([2], before, last), classes(classCount))).toThrow(
      expect.objectContaining({ name: "ArgumentError", message }),
    );
    checkLoss(loss, sequential([2], dense(4), last, before), classes(classCount));
  });

  test("are left to any other loss", () => {
    const { logitsOf, ...other } = crossEntropy();
    expect(logitsOf).toBe("softmax");
    checkLoss(other, sequential([2], dense(3), softmax()), classes(3));
  });
});

describe("l2", () => {
  const { weight, bias, strength, penalty } = golden.l2;
  const parameters = {
    "dense1.weight": fromArray(Float64Array.from(weight.data), [4, 5]) as Tensor<Shape, "float64">,
    "dense1.bias": fromArray(Float64Array.from(bias.data), [5]) as Tensor<Shape, "float64">,
  };

  test("half the squares of the weights; biases go free", () => {
    expectAllClose(l2(strength).penalty(parameters), { shape: [], data: [penalty] }, { rtol: 1e-14 });
    const { gradient } = valueAndGrad((all: typeof parameters) => l2(strength).penalty(all) as Tensor)(parameters);
    const expected = weight.data.map((value) => strength * value);
    expectAllClose(gradient["dense1.weight"], { shape: [4, 5], data: expected }, { rtol: 1e-14 });
    expect(new Set(gradient["dense1.bias"].data)).toEqual(new Set([0]));
  });

  test("is 0 where there are no weights, in the dtype of the parameters", () => {
    const onlyBias = l2(1).penalty({ bias: parameters["dense1.bias"] });
    expect([onlyBias.item(), onlyBias.dtype]).toEqual([0, "float64"]);
    expect(l2(1).penalty({}).item()).toBe(0);
  });

  test.each([-1, Number.NaN, Infinity])("refuses a strength of %d", (bad) => {
    expect(() => l2(bad)).toThrow(ArgumentError);
  });
});
