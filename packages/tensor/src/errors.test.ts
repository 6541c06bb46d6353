/** What every public function says to bad input: the fields, and with them the message. */

import { expect, test } from "vitest";
import * as nn from "./index.ts";

/** Any value, past the compiler: what reaches these functions from JavaScript. */
// biome-ignore lint/suspicious/noExplicitAny: wrong on purpose
const wrong = (value: unknown): any => value;

const f = nn.zeros([2, 3]);
const f64 = nn.zeros([2, 3], { dtype: "float64" });
const bytes = nn.tensor([1, 2], { dtype: "uint8" });
const int = nn.tensor(1, { dtype: "int32" });
const scalar = nn.tensor(1);
const loss = (x: nn.Tensor): nn.Tensor => nn.sum(x);
let traced: nn.Tensor = scalar;
nn.trace(
  (x: nn.Tensor) => {
    traced = x;
    return x;
  },
  [f],
);

/** An array that holds itself. */
function endless(): unknown {
  const array: unknown[] = [];
  array.push(array);
  return array;
}

const { ArgumentError, DTypeError, ShapeError } = nn;
type Fields = readonly [operation: string, received: string, expected: string, fix?: string];

const noTensor = "Make one with tensor(values).";
const toFloat = 'Convert with cast(x, "float32").';
const sizes = "sizes that are integers of at least 0";
const trees = "tensors, or arrays and records of tensors";
const most = "at most 2147483647 elements";
const dtypes = "float64, float32, int32 or uint8";

const table: readonly (readonly [call: () => unknown, error: new (fields: nn.ErrorFields) => Error, fields: Fields])[] =
  [
    // Making tensors
    [() => nn.zeros([2, -1]), ShapeError, ["zeros", "shape [2, -1]", sizes]],
    [() => nn.zeros([2.5]), ShapeError, ["zeros", "shape [2.5]", sizes]],
    [() => nn.ones([Number.NaN]), ShapeError, ["ones", "shape [NaN]", sizes]],
    [() => nn.full([Number.POSITIVE_INFINITY], 1), ShapeError, ["full", "shape [Infinity]", sizes]],
    [() => nn.zeros(wrong(3)), ArgumentError, ["zeros", "shape 3", "an array of sizes"]],
    [() => nn.zeros(wrong(["2"])), ShapeError, ["zeros", 'shape ["2" of type string]', sizes]],
    [() => nn.zeros([1e5, 1e5]), ShapeError, ["zeros", "shape [100000, 100000] of 10000000000 elements", most]],
    [() => nn.zeros([2 ** 31]), ShapeError, ["zeros", "shape [2147483648] of 2147483648 elements", most]],
    [
      () => nn.zeros([2 ** 40, 2 ** 40, 0, -1]),
      ShapeError,
      ["zeros", "shape [1099511627776, 1099511627776, 0, -1]", sizes],
    ],
    [() => nn.zeros([1], { dtype: wrong("float16") }), DTypeError, ["zeros", 'dtype "float16" of type string', dtypes]],
    [() => nn.full([1], wrong(1n)), ArgumentError, ["full", "1n of type bigint", "a number"]],
    [() => nn.full([1], wrong("1")), ArgumentError, ["full", '"1" of type string', "a number"]],
    [() => nn.eye(-1), ArgumentError, ["eye", "count -1", "an integer of at least 0"]],
    [() => nn.eye(1e5), ShapeError, ["eye", "shape [100000, 100000] of 10000000000 elements", most]],
    [() => nn.arange(1.5), ArgumentError, ["arange", "count 1.5", "an integer of at least 0"]],
    [() => nn.linspace(0, 1, -2), ArgumentError, ["linspace", "count -2", "an integer of at least 0"]],
    [() => nn.linspace(wrong(undefined), 1, 2), ArgumentError, ["linspace", "undefined", "a number"]],
    [
      () => nn.tensor([[1, 2], [3]]),
      ShapeError,
      ["tensor", "a row of 1 items", "numbers nested evenly, here in shape [2, 2]"],
    ],
    [() => nn.tensor([1, [2]]), ShapeError, ["tensor", "a row of 1 items", "numbers nested evenly, here in shape [2]"]],
    [() => nn.tensor([[1], 2]), ShapeError, ["tensor", "2", "numbers nested evenly, here in shape [2, 1]"]],
    [
      () => nn.tensor(wrong("12")),
      ShapeError,
      ["tensor", '"12" of type string', "numbers nested evenly, here in shape []"],
    ],
    [() => nn.tensor(wrong([null])), ShapeError, ["tensor", "null", "numbers nested evenly, here in shape [1]"]],
    [() => nn.tensor(wrong(undefined)), ShapeError, ["tensor", "undefined", "numbers nested evenly, here in shape []"]],
    [() => nn.tensor(wrong(endless())), ShapeError, ["tensor", "arrays nested more than 64 deep", "at most 64 axes"]],
    [() => nn.tensor(1, { dtype: wrong("int8") }), DTypeError, ["tensor", 'dtype "int8" of type string', dtypes]],
    [
      () => nn.fromArray(new Float32Array(5), [2, 3]),
      ShapeError,
      ["fromArray", "5 elements for shape [2, 3]", "6 elements"],
    ],
    [() => nn.fromArray(new Float32Array(1), [-1, -1]), ShapeError, ["fromArray", "shape [-1, -1]", sizes]],
    [
      () => nn.fromArray(wrong([1, 2]), [2]),
      ArgumentError,
      ["fromArray", "an array", "a Float64Array, Float32Array, Int32Array or Uint8Array"],
    ],
    [
      () => nn.fromArray(wrong(new Uint16Array(2)), [2]),
      ArgumentError,
      ["fromArray", "a value of class Uint16Array", "a Float64Array, Float32Array, Int32Array or Uint8Array"],
    ],
    [() => nn.fromArray(new Float32Array(1), wrong(1)), ArgumentError, ["fromArray", "shape 1", "an array of sizes"]],
    [() => new nn.RandomState(-1), ArgumentError, ["RandomState", "seed -1", "an integer from 0 to 4294967295"]],

    // Reading tensors
    [() => f.item(), ShapeError, ["item", "shape [2, 3]", "exactly one element"]],
    [
      () => traced.data,
      ArgumentError,
      [
        "data",
        "a traced tensor of shape [2, 3], which has no values yet",
        "a tensor outside of compile and grad",
        "Return it from the traced function and read the result.",
      ],
    ],

    // Elementwise
    [() => nn.add(wrong(1), wrong(2)), ArgumentError, ["add", "2", "a tensor", noTensor]],
    [() => nn.add(f, wrong(undefined)), ArgumentError, ["add", "undefined", "a tensor", noTensor]],
    [() => nn.add(wrong(undefined), 2), ArgumentError, ["add", "undefined", "a tensor", noTensor]],
    [() => nn.multiply(f, wrong("2")), ArgumentError, ["multiply", '"2" of type string', "a tensor", noTensor]],
    [() => nn.subtract(wrong([1, 2]), f), ArgumentError, ["subtract", "an array", "a tensor", noTensor]],
    [() => nn.divide(wrong(null), f), ArgumentError, ["divide", "null", "a tensor", noTensor]],
    [() => nn.less(wrong({}), 1), ArgumentError, ["less", "a value of class Object", "a tensor", noTensor]],
    [() => nn.relu(wrong(1)), ArgumentError, ["relu", "1", "a tensor", noTensor]],
    [() => nn.exp(wrong(undefined)), ArgumentError, ["exp", "undefined", "a tensor", noTensor]],
    [
      () => nn.add(f, wrong(nn.zeros([2]))),
      ShapeError,
      ["add", "shapes [2, 3] and [2]", "sizes that are equal or 1, aligned at the last axis"],
    ],
    [
      () => nn.greater(nn.zeros([0]), wrong(nn.zeros([2]))),
      ShapeError,
      ["greater", "shapes [0] and [2]", "sizes that are equal or 1, aligned at the last axis"],
    ],
    [() => nn.maximum(f, wrong(f64)), DTypeError, ["maximum", "float32 and float64", "inputs of one dtype", toFloat]],
    [
      () => nn.equal(bytes, wrong(int)),
      DTypeError,
      ["equal", "uint8 and int32", "inputs of one dtype", 'Convert with cast(x, "uint8").'],
    ],
    [
      () => nn.multiply(bytes, 0.5),
      DTypeError,
      [
        "multiply",
        "the number 0.5 beside a tensor of uint8",
        "a number that uint8 holds",
        'Convert the tensor with cast(x, "float32").',
      ],
    ],
    [
      () => nn.subtract(300, bytes),
      DTypeError,
      [
        "subtract",
        "the number 300 beside a tensor of uint8",
        "a number that uint8 holds",
        'Convert the tensor with cast(x, "float32").',
      ],
    ],
    [() => nn.exp(wrong(bytes)), DTypeError, ["exp", "uint8", "float32 or float64", toFloat]],
    [() => nn.sigmoid(wrong(int)), DTypeError, ["sigmoid", "int32", "float32 or float64", toFloat]],
    [() => nn.softmax(wrong(bytes)), DTypeError, ["softmax", "uint8", "float32 or float64", toFloat]],
    [() => nn.softmax(scalar), ShapeError, ["softmax", "shape []", "a last axis of at least one element"]],
    [
      () => nn.logSoftmax(nn.zeros([3, 0])),
      ShapeError,
      ["logSoftmax", "shape [3, 0]", "a last axis of at least one element"],
    ],
    [
      () => nn.add(nn.zeros([1e5, 1]), nn.zeros([1, 1e5])),
      ShapeError,
      ["add", "shape [100000, 100000] of 10000000000 elements", most],
    ],
    [() => nn.where(wrong(f), f, f), DTypeError, ["where", "a condition in float32", "uint8, as comparisons give"]],
    [
      () => nn.where(bytes, nn.zeros([2]), wrong(nn.zeros([3]))),
      ShapeError,
      ["where", "shapes [2], [2], [3]", "one shape for all three", "Use broadcastTo."],
    ],
    [() => nn.where(bytes, nn.zeros([2]), wrong(0)), ArgumentError, ["where", "0", "a tensor", noTensor]],

    // Reductions
    [() => nn.sum(f, wrong({ axis: 2 })), ArgumentError, ["sum", "axis 2 for shape [2, 3]", "an integer from -2 to 1"]],
    [
      () => nn.sum(f, wrong({ axis: -3 })),
      ArgumentError,
      ["sum", "axis -3 for shape [2, 3]", "an integer from -2 to 1"],
    ],
    [
      () => nn.mean(f, wrong({ axis: 0.5 })),
      ArgumentError,
      ["mean", "axis 0.5 for shape [2, 3]", "an integer from -2 to 1"],
    ],
    [
      () => nn.max(scalar, wrong({ axis: 0 })),
      ArgumentError,
      ["max", "axis 0 for shape []", "no axis: a scalar has none"],
    ],
    [
      () => nn.sum(f, wrong({ axis: "0" })),
      ArgumentError,
      ["sum", 'axis "0" of type string', "an integer or an array of them"],
    ],
    [() => nn.sum(f, { axis: [0, -2] }), ArgumentError, ["sum", "axes [0, 0]", "each axis once"]],
    [
      () => nn.argmax(f, wrong({ axis: 2 })),
      ArgumentError,
      ["argmax", "axis 2 for shape [2, 3]", "an integer from -2 to 1"],
    ],
    [() => nn.sum(wrong(3)), ArgumentError, ["sum", "3", "a tensor", noTensor]],
    [() => nn.argmax(wrong([1])), ArgumentError, ["argmax", "an array", "a tensor", noTensor]],
    [() => nn.mean(wrong(bytes)), DTypeError, ["mean", "uint8", "float32 or float64", toFloat]],
    [
      () => nn.max(nn.zeros([2, 0]), { axis: 1 }),
      ShapeError,
      ["max", "shape [2, 0]", "at least one element to choose from"],
    ],
    [() => nn.argmax(nn.zeros([0])), ShapeError, ["argmax", "shape [0]", "at least one element to choose from"]],

    // Matrices and shapes
    [
      () => nn.matmul(nn.zeros([32, 784]), wrong(nn.zeros([128, 10]))),
      ShapeError,
      ["matmul", "a of shape [32, 784] and b of shape [128, 10]", "b of shape [784, n]"],
    ],
    [
      () => nn.matmul(nn.zeros([32, 784]), wrong(nn.zeros([10, 784]))),
      ShapeError,
      [
        "matmul",
        "a of shape [32, 784] and b of shape [10, 784]",
        "b of shape [784, n]",
        "Did you mean to transpose b?",
      ],
    ],
    [() => nn.matmul(wrong(nn.zeros([3])), f), ShapeError, ["matmul", "a of shape [3]", "two axes"]],
    [() => nn.matmul(f, wrong(nn.zeros([2, 3, 4]))), ShapeError, ["matmul", "b of shape [2, 3, 4]", "two axes"]],
    [
      () => nn.matmul(f, wrong(nn.transpose(f64))),
      DTypeError,
      ["matmul", "float32 and float64", "inputs of one dtype", toFloat],
    ],
    [
      () => nn.matmul(wrong(nn.reshape(bytes, [1, 2])), wrong(nn.reshape(bytes, [2, 1]))),
      DTypeError,
      ["matmul", "uint8", "float32 or float64", toFloat],
    ],
    [() => nn.matmul(f, wrong(2)), ArgumentError, ["matmul", "2", "a tensor", noTensor]],
    [() => nn.transpose(f, [0, 0]), ArgumentError, ["transpose", "axes [0, 0] for shape [2, 3]", "each of 0 … 1 once"]],
    [() => nn.transpose(f, [0]), ArgumentError, ["transpose", "axes [0] for shape [2, 3]", "each of 0 … 1 once"]],
    [
      () => nn.transpose(f, [-1, 0]),
      ArgumentError,
      ["transpose", "axes [-1, 0] for shape [2, 3]", "each of 0 … 1 once"],
    ],
    [
      () => nn.transpose(scalar, [0]),
      ArgumentError,
      ["transpose", "axes [0] for shape []", "no axes: a scalar has none"],
    ],
    [() => nn.transpose(f, wrong(1)), ArgumentError, ["transpose", "axes 1", "an array of axes"]],
    [() => nn.transpose(wrong(undefined)), ArgumentError, ["transpose", "undefined", "a tensor", noTensor]],
    [() => nn.reshape(f, [4]), ShapeError, ["reshape", "shape [2, 3] for [4]", "6 elements before and after"]],
    [
      () => nn.reshape(f, [-1, 4]),
      ShapeError,
      [
        "reshape",
        "shape [2, 3] for [-1, 4]",
        "sizes of at least 0 with at most one −1, which the others must divide evenly",
      ],
    ],
    [
      () => nn.reshape(f, [-1, -1]),
      ShapeError,
      [
        "reshape",
        "shape [2, 3] for [-1, -1]",
        "sizes of at least 0 with at most one −1, which the others must divide evenly",
      ],
    ],
    [
      () => nn.reshape(nn.zeros([0]), [0, -1]),
      ShapeError,
      [
        "reshape",
        "shape [0] for [0, -1]",
        "sizes of at least 0 with at most one −1, which the others must divide evenly",
      ],
    ],
    [
      () => nn.reshape(f, [Number.NaN]),
      ShapeError,
      [
        "reshape",
        "shape [2, 3] for [NaN]",
        "sizes of at least 0 with at most one −1, which the others must divide evenly",
      ],
    ],
    [() => nn.reshape(f, wrong(6)), ArgumentError, ["reshape", "shape 6", "an array of sizes"]],
    [
      () => nn.broadcastTo(f, [2]),
      ShapeError,
      ["broadcastTo", "shape [2, 3] for [2]", "sizes that are equal or 1, aligned at the last axis"],
    ],
    [
      () => nn.broadcastTo(f, [1, 3]),
      ShapeError,
      ["broadcastTo", "shape [2, 3] for [1, 3]", "sizes that are equal or 1, aligned at the last axis"],
    ],
    [() => nn.broadcastTo(f, [-2, 3]), ShapeError, ["broadcastTo", "shape [-2, 3]", sizes]],
    [() => nn.concat([]), ArgumentError, ["concat", "no tensors", "at least one"]],
    [() => nn.concat(wrong(f)), ArgumentError, ["concat", "a value of class Tensor", "an array of tensors"]],
    [() => nn.concat(wrong([f, 1])), ArgumentError, ["concat", "1", "a tensor", noTensor]],
    [
      () => nn.concat([f, nn.zeros([2, 4])]),
      ShapeError,
      ["concat", "shapes [2, 3] and [2, 4]", "sizes equal along every axis but 0"],
    ],
    [() => nn.concat([f, f64]), DTypeError, ["concat", "float32 and float64", "inputs of one dtype", toFloat]],
    [() => nn.concat([scalar, scalar]), ArgumentError, ["concat", "axis 0 for shape []", "no axis: a scalar has none"]],
    [() => nn.slice(f, [null, null, null]), ArgumentError, ["slice", "3 ranges for shape [2, 3]", "at most 2"]],
    [
      () => nn.slice(f, [[0, 3]]),
      ArgumentError,
      [
        "slice",
        "range [0, 3] along axis 0 of size 2",
        "integers with 0 ≤ start ≤ stop ≤ 2, negative ones counted from the end",
      ],
    ],
    [
      () => nn.slice(f, [null, [2, 1]]),
      ArgumentError,
      [
        "slice",
        "range [2, 1] along axis 1 of size 3",
        "integers with 0 ≤ start ≤ stop ≤ 3, negative ones counted from the end",
      ],
    ],
    [() => nn.slice(f, wrong(1)), ArgumentError, ["slice", "ranges 1", "an array of [start, stop] or null"]],
    [() => nn.slice(f, wrong([1])), ArgumentError, ["slice", "ranges 1", "an array of [start, stop] or null"]],
    [() => nn.cast(f, wrong("float16")), DTypeError, ["cast", 'dtype "float16" of type string', dtypes]],
    [() => nn.cast(wrong(1), "float32"), ArgumentError, ["cast", "1", "a tensor", noTensor]],
    [() => nn.oneHot(bytes, 2), ArgumentError, ["oneHot", "label 2 at position 1", "an integer from 0 to 1"]],
    [
      () => nn.oneHot(nn.tensor([-1], { dtype: "int32" }), 2),
      ArgumentError,
      ["oneHot", "label -1 at position 0", "an integer from 0 to 1"],
    ],
    [() => nn.oneHot(wrong(f), 2), DTypeError, ["oneHot", "labels in float32", "uint8 or int32"]],
    [() => nn.oneHot(bytes, 0), ArgumentError, ["oneHot", "classCount 0", "an integer of at least 1"]],
    [() => nn.zerosLike(wrong(0)), ArgumentError, ["zerosLike", "0", "a tensor", noTensor]],
    [
      () => nn.uniform([2], { seed: wrong(scalar), step: int, stream: 0 }),
      DTypeError,
      ["uniform", "seed in float32", "int32"],
    ],
    [
      () => nn.uniform([2], { seed: int, step: wrong(nn.cast(bytes, "int32")), stream: 0 }),
      ShapeError,
      ["uniform", "step of shape [2]", "a scalar"],
    ],
    [
      () => nn.uniform([2], { seed: int, step: int, stream: -1 }),
      ArgumentError,
      ["uniform", "stream -1", "an integer from 0 to 4294967295"],
    ],
    [() => nn.uniform([-2], { seed: int, step: int, stream: 0 }), ShapeError, ["uniform", "shape [-2]", sizes]],

    [
      () => nn.slice(f, wrong([["0", 1]])),
      ArgumentError,
      ["slice", 'range ["0" of type string, 1] along axis 0', "[start, stop] or null, start and stop integers"],
    ],
    [
      () => nn.slice(f, wrong([[0, 2, 2]])),
      ArgumentError,
      ["slice", "range [0, 2, 2] along axis 0", "[start, stop] or null, start and stop integers"],
    ],
    [
      () => nn.reshape(f, wrong([6n])),
      ShapeError,
      ["reshape", "shape [6n of type bigint]", "sizes that are integers of at least 0, or −1 once"],
    ],
    [() => nn.zeros(wrong([Symbol("n")])), ShapeError, ["zeros", "shape [Symbol(n) of type symbol]", sizes]],
    [
      () => nn.transpose(f, wrong([Symbol("n"), 0])),
      ArgumentError,
      ["transpose", "axes [Symbol(n) of type symbol, 0] for shape [2, 3]", "each of 0 … 1 once"],
    ],
    [() => nn.cast(f, wrong(["float32"])), DTypeError, ["cast", "dtype an array", dtypes]],
    [() => nn.cast(f, wrong(Object.create(null))), DTypeError, ["cast", "dtype a value of class none", dtypes]],
    [() => nn.multiply(f, wrong(2n)), ArgumentError, ["multiply", "2n of type bigint", "a tensor", noTensor]],
    [() => nn.matmul(wrong([[1, 2]]), f), ArgumentError, ["matmul", "an array", "a tensor", noTensor]],
    [
      () => nn.sum(wrong(structuredClone({ ...f }))),
      ArgumentError,
      ["sum", "a value of class Object", "a tensor", noTensor],
    ],
    [
      () => nn.sum(wrong(new (class Tensor {})())),
      ArgumentError,
      ["sum", "a value of class Tensor", "a tensor", "It is of another copy of @nn/tensor: install one version."],
    ],

    // Random numbers
    [
      () => new nn.RandomState(0).shuffle(wrong(f)),
      ArgumentError,
      ["shuffle", "a value of class Tensor", "an array or a typed array", "Pass the elements of the tensor, x.data."],
    ],
    [
      () => new nn.RandomState(0).shuffle(wrong("abc")),
      ArgumentError,
      ["shuffle", '"abc" of type string', "an array or a typed array"],
    ],
    [
      () => new nn.RandomState(0).permutation(wrong(null)),
      ArgumentError,
      ["permutation", "null", "a count, an array or a typed array"],
    ],
    [
      () => new nn.RandomState(0).setState(wrong(undefined)),
      ArgumentError,
      ["setState", "undefined", "what getState gave"],
    ],
    [
      () => new nn.RandomState(0).setState(wrong({ key: [1], pos: 0 })),
      ArgumentError,
      ["setState", "1 words in key", "624"],
    ],

    // Functions of tensors
    [() => nn.trace(wrong(undefined), []), ArgumentError, ["trace", "undefined", "a function of tensors"]],
    [() => nn.trace(loss, wrong(f)), ArgumentError, ["trace", "arguments a value of class Tensor", "an array of them"]],
    [
      () => nn.compile(loss, { backend: wrong("wasm") }),
      ArgumentError,
      ["compile", 'backend "wasm" of type string', "a backend", "Make one with wasm(), or take reference."],
    ],
    [() => nn.compile(wrong(f)), ArgumentError, ["compile", "a value of class Tensor", "a function of tensors"]],
    [() => nn.compile(loss)(wrong(3)), ArgumentError, ["compile", "3", trees, "Wrap the number: tensor(3)."]],
    [() => nn.compile(loss)(wrong({ x: undefined })), ArgumentError, ["compile", "undefined", trees]],
    [() => nn.compile(loss)(wrong(new Map())), ArgumentError, ["compile", "a value of class Map", trees]],
    [
      () => nn.compile(loss)(wrong(new Float32Array(2))),
      ArgumentError,
      ["compile", "a value of class Float32Array", trees],
    ],
    [() => nn.compile(wrong(() => 3))(f), ArgumentError, ["compile", "3", trees, "Wrap the number: tensor(3)."]],
    [() => nn.compile(wrong(() => undefined))(f), ArgumentError, ["compile", "undefined", trees]],
    [
      () => nn.compile(() => nn.add(traced, 1))(),
      ArgumentError,
      [
        "compile",
        "a function that uses a traced tensor of shape [2, 3] from outside of it",
        "a function of its arguments",
        "Pass that tensor as an argument.",
      ],
    ],
    [
      () => nn.compile((x: nn.Tensor) => nn.tensor(x.item()))(scalar),
      ArgumentError,
      [
        "data",
        "a traced tensor of shape [], which has no values yet",
        "a tensor outside of compile and grad",
        "Return it from the traced function and read the result.",
      ],
    ],
    [() => nn.trace(loss, wrong([3])), ArgumentError, ["trace", "3", trees, "Wrap the number: tensor(3)."]],
    [() => nn.grad(wrong(undefined)), ArgumentError, ["grad", "undefined", "a function of tensors"]],
    [() => nn.grad(loss)(wrong("x")), ArgumentError, ["grad", '"x" of type string', trees]],
    [() => wrong(nn.grad(loss))(f, 1), ArgumentError, ["grad", "1", trees, "Wrap the number: tensor(1)."]],
    [() => nn.grad(wrong(() => 3))(f), ArgumentError, ["grad", "3", "a tensor", noTensor]],
    [
      () => nn.grad((x: nn.Tensor) => x)(f),
      ShapeError,
      ["grad", "a loss of shape [2, 3]", "a scalar", "Reduce it with mean or sum."],
    ],
    [
      () => nn.grad((x: nn.Tensor) => nn.cast(nn.sum(x), "int32"))(f),
      DTypeError,
      ["grad", "a loss in int32", "float32 or float64"],
    ],
    [
      () => nn.grad(() => scalar)(bytes),
      DTypeError,
      ["grad", "a parameter in uint8", "float32 or float64", "Pass it as a later argument."],
    ],
    [
      () => nn.gradients(scalar, [scalar]),
      ArgumentError,
      [
        "gradients",
        "a parameter that is not traced",
        "the parameters of the traced function that gave the loss",
        "Use grad, which traces.",
      ],
    ],
    [() => nn.compileStep(wrong(1), f), ArgumentError, ["compileStep", "1", "a function of tensors"]],
    [
      () =>
        nn.compileStep(
          wrong(() => 1),
          wrong(1),
        ),
      ArgumentError,
      ["compileStep", "1", trees, "Wrap the number: tensor(1)."],
    ],
    [
      () =>
        nn
          .compileStep(
            wrong(() => undefined),
            f,
          )
          .run(),
      ArgumentError,
      ["compileStep", "a step that returned undefined", "{ state, outputs }"],
    ],
    [
      () => nn.compileStep((s: nn.Tensor) => ({ state: nn.sum(s), outputs: s }), f).run(),
      ArgumentError,
      ["compileStep", "a next state float32[]", "float32[2, 3]"],
    ],
    [
      () => nn.compileStep((s: nn.Tensor) => ({ state: nn.cast(s, "float64"), outputs: [] }), f).run(),
      ArgumentError,
      ["compileStep", "a next state float64[2, 3]", "float32[2, 3]"],
    ],
    [
      () =>
        nn
          .compileStep(
            wrong(({ a }: { a: nn.Tensor }) => ({ state: { b: a }, outputs: [] })),
            { a: scalar },
          )
          .run(),
      ArgumentError,
      ["compileStep", 'a next state {"b": float32[]}', '{"a": float32[]}'],
    ],
    [
      () =>
        nn
          .compileStep(
            wrong((s: nn.Tensor) => ({ state: s, outputs: 5 })),
            f,
          )
          .run(),
      ArgumentError,
      ["compileStep", "5", trees, "Wrap the number: tensor(5)."],
    ],
  ];

test.each(table.map(([call, error, fields]) => [fields.slice(0, 2).join(": received "), call, error, fields] as const))(
  "%s",
  (_, call, error, [operation, received, expected, fix]) => {
    expect(call).toThrow(error);
    expect(call).toThrow(
      expect.objectContaining({
        name: error.name,
        operation,
        received,
        expected,
        fix,
        message: `${operation}: received ${received}; expected ${expected}.${fix === undefined ? "" : ` ${fix}`}`,
      }),
    );
  },
);

test("every error is an ArgumentError, and that a RangeError", () => {
  for (const error of [
    new ShapeError({ operation: "a", received: "b", expected: "c" }),
    new DTypeError({ operation: "a", received: "b", expected: "c" }),
  ]) {
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error).toBeInstanceOf(RangeError);
  }
});
