"""The work in PyTorch on the CPU: a Sequential, cross_entropy and the fused SGD."""

import torch

version = torch.__version__

DTYPES = {"F32": torch.float32, "U8": torch.uint8}


def tensors(values):
    return {
        name: torch.frombuffer(bytearray(data), dtype=DTYPES[dtype]).reshape(shape)
        for name, (dtype, shape, data) in values.items()
    }


class Training:
    def __init__(self, problem, values, dtype, threads):
        torch.set_num_threads(threads)
        values = tensors(values)
        self.check_steps = problem["checkSteps"]
        self.inputs = list(values["inputs"].to(getattr(torch, dtype)))
        self.labels = list(values["labels"].long())
        (features, hidden), (_, classes) = values["weight1"].shape, values["weight2"].shape
        activation = torch.nn.ReLU() if problem["activation"] == "relu" else torch.nn.Sigmoid()
        first, last = torch.nn.Linear(features, hidden), torch.nn.Linear(hidden, classes)
        self.initial = values
        self.layers = (first, last)
        self.model = torch.nn.Sequential(first, activation, last)
        self.loss = torch.nn.CrossEntropyLoss()
        self.optimizer = self.make_optimizer(problem["learningRate"])
        self.reset()

    def reset(self):
        self.steps = 0
        with torch.no_grad():
            for layer, i in zip(self.layers, "12"):
                layer.weight.copy_(self.initial["weight" + i].T)
                layer.bias.copy_(self.initial["bias" + i])

    def make_optimizer(self, rate):
        try:
            return torch.optim.SGD(self.model.parameters(), lr=rate, fused=True)
        except (TypeError, RuntimeError):  # before 2.4
            return torch.optim.SGD(self.model.parameters(), lr=rate)

    def step(self):
        index = self.steps % len(self.inputs)
        self.steps += 1
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.loss(self.model(self.inputs[index]), self.labels[index])
        loss.backward()
        self.optimizer.step()
        return loss

    def check(self):
        losses = torch.stack([self.step().detach() for _ in range(self.check_steps)])
        with torch.no_grad():
            parameters = [part for layer in self.layers for part in (layer.weight.T, layer.bias)]
            return [losses.numpy(), *(part.detach().contiguous().numpy() for part in parameters)]

    def run(self, iterations):
        for _ in range(iterations):
            self.step()


class Product:
    def __init__(self, problem, values, dtype, threads):
        torch.set_num_threads(threads)
        values = tensors(values)
        self.a, self.b = values["a"], values["b"]
        self.c = torch.empty(self.a.shape[0], self.b.shape[1])

    def reset(self):
        pass

    def check(self):
        return [torch.mm(self.a, self.b, out=self.c).numpy()]

    def run(self, iterations):
        for _ in range(iterations):
            torch.mm(self.a, self.b, out=self.c)
