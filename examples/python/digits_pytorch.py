"""A convolutional network of PyTorch on scikit-learn's digits (8 × 8 pixels), each site with its part.

    python digits_pytorch.py --write-model digits.safetensors
    tributary start --model digits.safetensors --engine process:"python digits_pytorch.py" --epochs 2 --learning-rate 0.05
"""

import torch
import tributary
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional

torch.set_num_threads(1)


def build() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 4 * 4, 10),
    )


net = build()
images = labels = None


def open_data(task: tributary.Task) -> int:
    global images, labels
    x, y = load_digits(return_X_y=True)
    part = task.part(len(x))
    images = torch.tensor(x[part] / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)
    labels = torch.tensor(y[part])
    return len(part)


def train(tensors: tributary.Tensors, round: tributary.Round) -> tributary.Trained:
    tributary.load(net, tensors).train()
    generator = torch.Generator().manual_seed(round.seed)
    optimizer = torch.optim.SGD(net.parameters(), lr=round.plan["learningRate"])
    epochs, done = round.plan["epochs"], 0
    for epoch in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(images), generator=generator).split(round.plan["batchSize"]):
            loss = functional.cross_entropy(net(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(batch)
            done += len(batch)
        round.progress(done, epochs * len(images), epoch, epochs)
    return tributary.Trained(net, loss=total / len(images))


def evaluate(tensors: tributary.Tensors, task: tributary.Task) -> tributary.Evaluated:
    tributary.load(net, tensors).eval()
    with torch.no_grad():
        logits = net(images)
    losses = functional.cross_entropy(logits, labels, reduction="none")
    accuracy = (logits.argmax(1) == labels).float().mean()
    return tributary.Evaluated(losses.numpy(), {"accuracy": float(accuracy)})


if __name__ == "__main__":
    tributary.serve(train, evaluate, model=net, samples=open_data)
