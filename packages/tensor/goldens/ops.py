# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6"]
# ///
"""Writes ops.json: for every operation, inputs, attributes and the result that NumPy gives.

Run: uv run ops.py  (or python3 with numpy 2.4.6)

Sums and matrix products are added up one element after another, as the package promises, so they must agree to the last
bit. Functions such as exp are computed in float64 and rounded once.
"""

import json
from pathlib import Path

import numpy as np

random = np.random.RandomState(7)
nan, inf = np.nan, np.inf
cases = []


def encode(array):
    array = np.asarray(array)
    texts = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    # Shortest decimals that read back to the same number of the dtype.
    number = int if array.dtype.kind in "iu" else float
    data = [texts.get(str(value), number(str(value))) for value in array.ravel()]
    return {"shape": list(array.shape), "dtype": str(array.dtype), "data": data}


def case(op, inputs, output, attributes=None, gradient=None, note=None):
    row = {"op": op, "inputs": [encode(each) for each in inputs], "output": encode(output)}
    if attributes is not None:
        row["attributes"] = attributes
    if note is not None:
        row["note"] = note
    # Gradients are checked at float64 points without kinks; order 2 differentiates the gradient again.
    if gradient is not None:
        row["gradient"] = gradient
    cases.append(row)


def draw(*shape, dtype="float64"):
    return np.round(random.randn(*shape), 3).astype(dtype) if shape else np.array(0.625, dtype)


def positive(*shape):
    return np.abs(draw(*shape)) + 0.5


# Elementwise, one input

def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def relu(x):
    return np.where(x < 0, np.zeros_like(x), x)


SPECIAL = np.array([nan, inf, -inf, 0.0, -0.0, 1e-310, -1e-310, 709.5, -745.0, 1e300, -1e300, 0.5])
UNARY_FLOAT = {"exp": np.exp, "log": np.log, "sqrt": np.sqrt, "tanh": np.tanh, "sigmoid": sigmoid}
UNARY_ANY = {"negative": np.negative, "abs": np.abs, "square": np.square, "relu": relu}
SHAPES = [(), (0,), (1,), (7,), (2, 3), (2, 0, 3)]

np.seterr(all="ignore")
for name, function in {**UNARY_FLOAT, **UNARY_ANY}.items():
    for shape in SHAPES:
        x = positive(*shape) if name in ("log", "sqrt") else draw(*shape)
        case(name, [x], function(x), gradient=2 if shape == (7,) else 1)
    for x in [SPECIAL, SPECIAL.astype("float32"), draw(3, 5, dtype="float32")]:
        case(name, [x], function(x.astype("float64")).astype(x.dtype))
for name, function in UNARY_ANY.items():
    case(name, [np.array([0, 1, -1, 46341, -(2**31)], "int32")], function(np.array([0, 1, -1, 46341, -(2**31)], "int32")))
    case(name, [np.array([0, 1, 200, 255], "uint8")], function(np.array([0, 1, 200, 255], "uint8")))

# Elementwise, two inputs

BINARY = {
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "maximum": np.maximum,
    "minimum": np.minimum,
}
COMPARISONS = {
    "equal": np.equal,
    "notEqual": np.not_equal,
    "less": np.less,
    "lessEqual": np.less_equal,
    "greater": np.greater,
    "greaterEqual": np.greater_equal,
}
PAIRS = [
    ((), ()),
    ((2, 3), (2, 3)),
    ((2, 3), ()),
    ((), (2, 3)),
    ((1,), (7,)),
    ((3,), (2, 3)),
    ((2, 3), (2, 1)),
    ((2, 1), (1, 3)),
    ((2, 1, 3), (4, 1)),
    ((1, 1), (3,)),
    ((0, 3), (1, 3)),
    ((3, 1), (0,)),
]
EXTREMES = np.array([nan, inf, -inf, 0.0, -0.0, 3.5, -1e300, 1e-320])
INTEGERS = {
    "int32": np.array([0, 1, -1, 7, -(2**31), 2**31 - 1], "int32"),
    "uint8": np.array([0, 1, 7, 200, 255], "uint8"),
}


def divide_integers(a, b):
    quotient = np.trunc(a.astype("float64") / b.astype("float64"))
    return np.where(np.isfinite(quotient), quotient, 0).astype("int64").astype(a.dtype)


for name, function in {**BINARY, **COMPARISONS}.items():
    compare = name in COMPARISONS
    for a_shape, b_shape in PAIRS:
        a = draw(*a_shape)
        b = positive(*b_shape) + 1e-4 if name == "divide" else draw(*b_shape) + 1e-4
        y = function(a, b)
        case(name, [a, b], y.astype("uint8") if compare else y, gradient=None if compare else 1)
    if name in ("multiply", "divide"):
        a, b = draw(2, 1), positive(3)
        case(name, [a, b], function(a, b), gradient=2)
    for dtype in ["float64"] if compare else ["float64", "float32"]:
        a, b = EXTREMES.astype(dtype).reshape(-1, 1), EXTREMES.astype(dtype)
        y = function(a, b)
        case(name, [a, b], y.astype("uint8") if compare else y, note="every pair of extremes")
    for integers in INTEGERS.values():
        a, b = integers.reshape(-1, 1), integers
        if name == "multiply":
            b = np.array([0, 1, 2, 100], integers.dtype)
        y = divide_integers(a, b) if name == "divide" else function(a, b)
        case(name, [a, b], y.astype("uint8") if compare else y)

a, b = draw(2, 3), draw(2, 3)
mask = np.array([[1, 0, 0], [0, 2, 1]], "uint8")
case("where", [mask, a, b], np.where(mask, a, b), gradient=1)
case("where", [mask[:0], a[:0], b[:0]], a[:0])
case("where", [np.array([1, 0], "uint8"), np.array([nan, nan]), np.array([inf, 1])], [nan, 1.0])

# Reductions, added up one after another


def in_order(x, axes):
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    sizes = [x.shape[axis] for axis in kept]
    return np.transpose(x, kept + sorted(axes)).reshape(sizes + [int(np.prod([x.shape[axis] for axis in axes]))])


def shaped(y, x, axes, keep_dims):
    shape = [1 if axis in axes else size for axis, size in enumerate(x.shape) if keep_dims or axis not in axes]
    return y.reshape(shape)


def sequential_sum(x, axes, keep_dims=False):
    if x.dtype == "uint8":
        x = x.astype("int32")
    terms = in_order(x, axes)
    y = np.add.accumulate(terms, axis=-1, dtype=x.dtype)[..., -1] if terms.shape[-1] else np.zeros(terms.shape[:-1], x.dtype)
    return shaped(y, x, axes, keep_dims)


REDUCED = [((), None), ((5,), None), ((2, 3), None), ((2, 3), 0), ((2, 3), -1), ((2, 3, 4), 1), ((2, 3, 4), [0, 2]),
           ((2, 3, 4), [-1, 1]), ((1, 7), 0), ((3, 1), 1), ((2, 3), [])]


def axes_of(x, axis):
    if axis is None:
        return list(range(x.ndim))
    return sorted(each % x.ndim for each in ([axis] if isinstance(axis, int) else axis))


def reduction_cases(name, function, x, axis, gradient=None):
    options = {} if axis is None else {"axis": axis}
    axes = axes_of(x, axis)
    case(name, [x], function(x, axes), options, gradient)
    case(name, [x], function(x, axes, True), {**options, "keepDims": True}, gradient)


def mean(x, axes, keep_dims=False):
    count = np.array(np.prod([x.shape[axis] for axis in axes]), x.dtype)
    return (sequential_sum(x, axes, keep_dims) / count).astype(x.dtype)


def extremum(function):
    return lambda x, axes, keep_dims=False: shaped(
        np.asarray(function(in_order(x, axes), axis=-1)), x, axes, keep_dims)


for name, function in {"sum": sequential_sum, "mean": mean, "max": extremum(np.max), "min": extremum(np.min)}.items():
    for shape, axis in REDUCED:
        reduction_cases(name, function, draw(*shape), axis, gradient=1)
    reduction_cases(name, function, draw(9, 17, dtype="float32") * np.float32(1e4), -1)
    reduction_cases(name, function, np.array([[nan, 1], [inf, -inf], [inf, 1], [-inf, -inf]]), 1)
    if name != "mean":
        reduction_cases(name, function, np.full((3, 5), 250, "uint8"), 1)
        reduction_cases(name, function, np.array([[2**31 - 1, 1], [-5, 3]], "int32"), 0)
for name, function in {"sum": sequential_sum, "mean": mean}.items():
    reduction_cases(name, function, np.zeros((0, 3)), 0)
    reduction_cases(name, function, np.zeros((2, 0)), None)
reduction_cases("max", extremum(np.max), np.zeros((0, 3)), 1)
case("max", [np.array([[1.0, 4.0, 4.0]])], np.array([4.0]), {"axis": 1}, note="ties")

for x, axis in [(draw(5), None), (draw(2, 3), None), (draw(2, 3), 0), (draw(2, 3), -1), (draw(2, 3, 4), 1), (draw(1), 0),
                (np.array([1, 3, 3, 2], "int32"), 0), (np.array([[5, 5], [0, 9]], "uint8"), 1),
                (np.array([[nan, 1], [1, nan], [-inf, -inf], [nan, nan], [inf, nan]]), 1), (np.zeros((0, 3)), 1)]:
    case("argmax", [x], np.argmax(x, axis=axis).astype("int32") if x.size else np.zeros(0, "int32"),
         {} if axis is None else {"axis": axis})


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def log_softmax(x):
    shifted = x - np.max(x, axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


for name, function in {"softmax": softmax, "logSoftmax": log_softmax}.items():
    for shape in [(1,), (7,), (3, 1), (4, 5), (2, 3, 4)]:
        x = draw(*shape) * 3
        case(name, [x], function(x), gradient=2 if shape == (4, 5) else 1)
    case(name, [np.zeros((0, 3))], np.zeros((0, 3)))
    extremes = np.array([[1000.0, 0, -1000], [-1e300, -1e300, -1e300], [-inf, 0, 1], [nan, 0, 1], [inf, 0, 1], [-inf] * 3])
    case(name, [extremes], function(extremes))
    x = draw(5, 9, dtype="float32") * np.float32(4)
    case(name, [x], function(x.astype("float64")).astype("float32"))

# Matrix product


def matmul(a, b):
    y = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for k in range(a.shape[1]):
        y = y + a[:, k : k + 1] * b[k : k + 1, :]
    return y


for m, k, n in [(1, 1, 1), (2, 3, 4), (5, 7, 3), (4, 4, 4), (9, 17, 5), (3, 1, 2), (0, 3, 2), (2, 0, 3), (2, 3, 0)]:
    a, b = draw(m, k), draw(k, n)
    case("matmul", [a, b], matmul(a, b), gradient=2 if m == 2 and k == 3 and n == 4 else 1)
    a, b = draw(m, k, dtype="float32") * np.float32(1.1), draw(k, n, dtype="float32")
    case("matmul", [a, b], matmul(a, b))
a, b = np.array([[nan, 0], [inf, 1], [0, 2]]), np.array([[0.0, 1, inf], [1, -inf, 0]])
case("matmul", [a, b], matmul(a, b))

# Shapes

for shape, axes in [((), None), ((3,), None), ((2, 3), None), ((2, 3, 4), None), ((2, 3), [0, 1]), ((2, 3, 4), [2, 0, 1]),
                    ((2, 3, 4), [1, 0, 2]), ((0, 3), None), ((1, 5), [1, 0])]:
    x = draw(*shape)
    case("transpose", [x], np.transpose(x, axes), {} if axes is None else {"axes": axes}, gradient=1)
case("transpose", [np.array([[1, 2, 3]], "uint8")], np.array([[1], [2], [3]], "uint8"), {})
for shape, to in [((2, 3), [3, 2]), ((2, 3), [-1]), ((6,), [2, -1]), ((1,), []), ((), [1, 1]), ((0, 3), [3, 0]),
                  ((2, 0), [0, 5]), ((2, 0), [-1, 4]), ((4,), [2, 1, -1])]:
    x = draw(*shape)
    case("reshape", [x], x.reshape(to), {"shape": to}, gradient=1)
for shape, to in [((), [2, 3]), ((3,), [2, 3]), ((2, 1), [2, 3]), ((1, 3), [2, 3]), ((2, 3), [2, 3]), ((2, 1, 4), [5, 2, 3, 4]),
                  ((1,), [0]), ((0, 1), [0, 4]), ((1, 1), [3, 1])]:
    x = draw(*shape)
    case("broadcastTo", [x], np.broadcast_to(x, to), {"shape": to}, gradient=1)
for shapes, axis in [([(2,), (3,)], 0), ([(2, 3), (1, 3), (4, 3)], 0), ([(2, 3), (2, 1)], 1), ([(2, 3), (2, 2)], -1),
                     ([(2, 3)], 0), ([(0, 3), (2, 3)], 0), ([(2, 2, 2), (2, 1, 2)], 1), ([(0, 2), (0, 3)], 1)]:
    parts = [draw(*shape) for shape in shapes]
    case("concat", parts, np.concatenate(parts, axis), {"axis": axis}, gradient=1)
case("concat", [np.array([1], "int32"), np.array([2, 3], "int32")], np.array([1, 2, 3], "int32"), {"axis": 0})
for shape, ranges in [((5,), [[1, 3]]), ((5,), [[-2]]), ((4, 3), [[1]]), ((4, 3), [None, [0, 2]]), ((4, 3), [[1, -1], [-2, 3]]),
                      ((4, 3), []), ((4, 3), [[2, 2]]), ((2, 3, 4), [None, [1, 2], [1]]), ((), []), ((5,), [[0, 0]])]:
    x = draw(*shape)
    index = tuple(slice(None) if r is None else slice(r[0], r[1] if len(r) > 1 else None) for r in ranges)
    case("slice", [x], x[index], {"ranges": ranges}, gradient=2 if shape == (4, 3) else 1)

for labels, count in [([0, 2, 1], 3), ([], 4), ([[1, 0], [1, 1]], 2), (1, 3), ([0, 0], 1)]:
    for dtype in ["uint8", "int32"]:
        x = np.array(labels, dtype)
        case("oneHot", [x], np.eye(count, dtype="float32")[x.astype("int64")], {"classCount": count, "dtype": "float32"})
case("oneHot", [np.array([1], "uint8")], np.array([[0.0, 1.0]]), {"classCount": 2, "dtype": "float64"})

x = draw(2, 3) / 3
case("cast", [x], x.astype("float32"), {"dtype": "float32"})
case("cast", [x.astype("float32")], x.astype("float32").astype("float64"), {"dtype": "float64"})
case("cast", [x], x, {"dtype": "float64"}, gradient=1)
case("cast", [np.zeros((0, 2), "uint8")], np.zeros((0, 2), "float32"), {"dtype": "float32"})
case("cast", [np.array([1.9, -1.9, 2.0**31, 2.0**32 + 7.5, nan, inf, -inf])], np.array([1, -1, -(2**31), 7, 0, 0, 0], "int32"),
     {"dtype": "int32"}, note="truncates and wraps")
case("cast", [np.array([1.9, -1.0, 256.7, 300, nan, inf])], np.array([1, 255, 0, 44, 0, 0], "uint8"), {"dtype": "uint8"},
     note="truncates and wraps")
case("cast", [np.array([-1, 255, 256], "int32")], np.array([255, 255, 0], "uint8"), {"dtype": "uint8"})
for dtype in ["float64", "uint8"]:
    case("zerosLike", [np.ones((2, 3), dtype)], np.zeros((2, 3), dtype))

# Threefry-2x32, 20 rounds, on whole arrays: the definition of `uniform`, written once more.


def threefry(key0, key1, counter0, counter1):
    def rotate(word, bits):
        return (word << np.uint32(bits)) | (word >> np.uint32(32 - bits))

    keys = [np.uint32(key0), np.uint32(key1), np.uint32(0x1BD11BDA) ^ np.uint32(key0) ^ np.uint32(key1)]
    x0, x1 = counter0 + keys[0], counter1 + keys[1]
    for group in range(5):
        for bits in [[13, 15, 26, 6], [17, 29, 16, 24]][group % 2]:
            x0 = x0 + x1
            x1 = rotate(x1, bits) ^ x0
        x0 = x0 + keys[(group + 1) % 3]
        x1 = x1 + keys[(group + 2) % 3] + np.uint32(group + 1)
    return x0


for seed, step, stream, shape in [(0, 0, 0, [5]), (-1, 3, 7, [2, 3]), (42, 2**31 - 1, 2**32 - 1, [1]), (1, 1, 1, []), (1, 1, 1, [0, 2])]:
    index = np.arange(int(np.prod(shape)), dtype="uint32")
    words = threefry(seed & 0xFFFFFFFF, stream, np.full(len(index), step, "uint32"), index)
    y = ((words >> np.uint32(8)) / np.float64(2**24)).astype("float32").reshape(shape)
    case("uniform", [np.array(seed, "int32"), np.array(step, "int32")], y, {"shape": shape, "stream": stream})

rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in cases)
Path(__file__).with_name("ops.json").write_text(f"[\n{rows}\n]\n")
