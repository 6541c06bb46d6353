"""Makes values.json: what layers, losses and initialisers give, worked out in NumPy in float64.

Run from this folder, in a virtual environment of Python 3.11 or later:

    pip install numpy==2.4.6
    python values.py
"""

import json
from pathlib import Path

import numpy as np


def tensor(array):
    array = np.asarray(array)
    return {"shape": list(array.shape), "data": array.reshape(-1).tolist()}


random = np.random.RandomState(5)
x = random.randn(3, 4)
image = random.randn(2, 3, 2, 2)
pixels = random.randint(0, 256, (2, 2, 3, 1))
weight, bias = random.randn(4, 5), random.randn(5)
steep = np.array([[-800.0, -30.0, -1e-9, 0.0], [1e-9, 0.5, 30.0, 800.0]])


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


layers = {
    "dense(5)": (x, {"weight": weight, "bias": bias}, x @ weight + bias),
    "dense(5), no bias": (x, {"weight": weight}, x @ weight),
    "sigmoid()": (steep, {}, sigmoid(steep)),
    "tanh()": (steep, {}, np.tanh(steep)),
    "relu()": (steep, {}, np.maximum(steep, 0)),
    "leakyRelu(0.01)": (steep, {}, np.where(steep > 0, steep, 0.01 * steep)),
    "leakyRelu(0.2)": (image, {}, np.where(image > 0, image, 0.2 * image)),
    "softmax()": (steep, {}, softmax(steep)),
    "softmax() of images": (image, {}, softmax(image)),
    "flatten()": (image, {}, image.reshape(2, 12)),
    "rescaling(1 / 255)": (pixels, {}, pixels * (1 / 255)),
    "rescaling(1 / 127.5, -1)": (pixels, {}, pixels * (1 / 127.5) - 1),
    "dropout(0.5)": (x, {}, x),
}

logits = np.array([[2.0, -1.0, 0.5], [0.0, 0.0, 0.0], [1000.0, -1000.0, 0.0], [-5.0, 700.0, 3.0]])
labels = np.array([0, 2, 0, 2])
shifted = logits - logits.max(axis=1, keepdims=True)
per_example = (np.log(np.exp(shifted).sum(axis=1, keepdims=True)) - shifted)[np.arange(4), labels]

x_binary = np.array([0.0, 0.0, 2.5, -2.5, 30.0, -30.0, 40.0, 800.0, -800.0, 700.0, 1e-12])
y_binary = np.array([0, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1])
binary = np.maximum(x_binary, 0) - x_binary * y_binary + np.log1p(np.exp(-np.abs(x_binary)))


def initialised(seed, shape):
    fan_in, fan_out = (shape[0], shape[1]) if len(shape) == 2 else (shape[0], shape[0])
    state = lambda: np.random.RandomState(seed)
    glorot, he = np.sqrt(6 / (fan_in + fan_out)), np.sqrt(6 / fan_in)
    return {
        "seed": seed,
        "shape": shape,
        "zeros()": np.zeros(shape).reshape(-1).tolist(),
        "uniform(-0.5, 2)": state().uniform(-0.5, 2, shape).reshape(-1).tolist(),
        "positiveUniform()": (state().rand(*shape) / np.sqrt(fan_in)).reshape(-1).tolist(),
        "glorotUniform()": state().uniform(-glorot, glorot, shape).reshape(-1).tolist(),
        "heUniform()": state().uniform(-he, he, shape).reshape(-1).tolist(),
        "heNormal()": state().normal(0, np.sqrt(2 / fan_in), shape).reshape(-1).tolist(),
    }


golden = {
    "versions": {"numpy": np.__version__},
    "layers": {
        name: {"x": tensor(x), "parameters": {key: tensor(value) for key, value in own.items()}, "y": tensor(y)}
        for name, (x, own, y) in layers.items()
    },
    "crossEntropy": {"logits": tensor(logits), "labels": labels.tolist(), "losses": per_example.tolist()},
    "binaryCrossEntropy": {"logits": x_binary.tolist(), "labels": y_binary.tolist(), "losses": binary.tolist()},
    "l2": {"weight": tensor(weight), "bias": tensor(bias), "strength": 0.3, "penalty": 0.15 * float((weight**2).sum())},
    "initializers": [initialised(0, [2, 3]), initialised(4294967295, [7, 2]), initialised(42, [3])],
}
Path(__file__).with_name("values.json").write_text(json.dumps(golden, indent=1) + "\n")
