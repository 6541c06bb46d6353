"""The work in NumPy, backward written out as in the workshop."""

import numpy as np

version = np.__version__

DTYPES = {"F32": np.float32, "F64": np.float64, "U8": np.uint8}


def arrays(values):
    return {name: np.frombuffer(data, DTYPES[dtype]).reshape(shape) for name, (dtype, shape, data) in values.items()}


class Training:
    def __init__(self, problem, values, dtype, threads):
        values = arrays(values)
        self.relu = problem["activation"] == "relu"
        self.learning_rate = problem["learningRate"]
        self.check_steps = problem["checkSteps"]
        self.inputs = [batch.astype(dtype) for batch in values["inputs"]]
        self.labels = [batch.astype(np.intp) for batch in values["labels"]]
        self.rows = np.arange(len(self.labels[0]))
        self.initial = [values[name].astype(dtype) for name in ("weight1", "bias1", "weight2", "bias2")]
        self.parameters = [values.copy() for values in self.initial]
        self.steps = 0

    def reset(self):
        self.steps = 0
        for values, initial in zip(self.parameters, self.initial):
            values[...] = initial

    def step(self):
        index = self.steps % len(self.inputs)
        self.steps += 1
        x, labels, rows = self.inputs[index], self.labels[index], self.rows
        w1, b1, w2, b2 = self.parameters

        hidden = x @ w1
        hidden += b1
        hidden = np.maximum(hidden, 0, out=hidden) if self.relu else 1 / (1 + np.exp(-hidden))
        logits = hidden @ w2
        logits += b2
        logits -= logits.max(axis=1, keepdims=True)
        exponentials = np.exp(logits)
        sums = exponentials.sum(axis=1, keepdims=True)
        loss = np.mean(np.log(sums[:, 0]) - logits[rows, labels])

        d_logits = exponentials
        d_logits /= sums
        d_logits[rows, labels] -= 1
        d_logits /= len(rows)
        d_hidden = d_logits @ w2.T
        d_hidden *= (hidden > 0) if self.relu else hidden * (1 - hidden)

        rate = self.learning_rate
        w2 -= rate * (hidden.T @ d_logits)
        b2 -= rate * d_logits.sum(axis=0)
        w1 -= rate * (x.T @ d_hidden)
        b1 -= rate * d_hidden.sum(axis=0)
        return loss

    def check(self):
        losses = np.array([self.step() for _ in range(self.check_steps)])
        return [losses, *self.parameters]

    def run(self, iterations):
        for _ in range(iterations):
            self.step()


class Product:
    def __init__(self, problem, values, dtype, threads):
        values = arrays(values)
        self.a, self.b = values["a"].astype(dtype), values["b"].astype(dtype)
        self.c = np.empty((self.a.shape[0], self.b.shape[1]), dtype)

    def reset(self):
        pass

    def check(self):
        return [np.matmul(self.a, self.b, out=self.c)]

    def run(self, iterations):
        for _ in range(iterations):
            np.matmul(self.a, self.b, out=self.c)
