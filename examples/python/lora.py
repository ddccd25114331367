"""Low-rank adapters (Hu et al., https://arxiv.org/abs/2106.09685) over a frozen language model of characters.

The base is made on the spot: it learns the text of Python's own modules for a while, the same at every site, and is kept in the
system's temporary folder. Each site then adapts it to modules that only it reads. Only the adapters, a million numbers, are the
task's model; the base never leaves the site.

    python lora.py --write-model adapter.safetensors
    tributary start --model adapter.safetensors --engine process:"python lora.py" --trainers 3 --epochs 1 --learning-rate 0.5
"""

import importlib
import inspect
import os
import tempfile

import torch
import tributary
from torch import nn
from torch.nn import functional

torch.set_num_threads(1)
layers, width, heads, rank, context = 4, 128, 4, 112, 48
alphabet = 128
base_modules = ["textwrap", "string"]
modules = ["argparse", "json.decoder", "csv", "difflib", "shlex", "gettext"]


class Adapted(nn.Module):
    """A linear layer whose own weights are frozen, and the product of two thin matrices that are trained."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.base = nn.Linear(inputs, outputs)
        self.down = nn.Parameter(torch.randn(rank, inputs) / inputs**0.5)
        self.up = nn.Parameter(torch.zeros(outputs, rank))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.base(x) + x @ self.down.T @ self.up.T


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (Adapted(width, width) for _ in range(4))
        self.wide, self.narrow = Adapted(width, 4 * width), Adapted(4 * width, width)
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        batch, length, _ = x.shape
        normed = self.first(x)
        query, key, value = (
            part(normed).reshape(batch, length, heads, -1).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        weights = query @ key.transpose(2, 3) / (width / heads) ** 0.5
        weights = weights.masked_fill(torch.ones(length, length).triu(1).bool(), float("-inf")).softmax(3)
        x = x + self.out((weights @ value).transpose(1, 2).reshape(batch, length, width))
        return x + self.narrow(functional.gelu(self.wide(self.second(x))))


class Language(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.letters, self.places = nn.Embedding(alphabet, width), nn.Embedding(context, width)
        self.blocks = nn.Sequential(*(Block() for _ in range(layers)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, alphabet)

    def losses(self, text: torch.Tensor) -> torch.Tensor:
        """Of each line of [lines, context + 1], the mean of its characters."""
        hidden = self.letters(text[:, :-1]) + self.places.weight
        logits = self.head(self.norm(self.blocks(hidden)))
        return functional.cross_entropy(logits.transpose(1, 2), text[:, 1:], reduction="none").mean(1)


def read(names: list) -> torch.Tensor:
    text = "".join(inspect.getsource(importlib.import_module(name)) for name in names)
    codes = torch.tensor([min(ord(letter), alphabet - 1) for letter in text])
    return codes[: len(codes) // (context + 1) * (context + 1)].reshape(-1, context + 1)


def open_base() -> Language:
    torch.manual_seed(1)
    net = Language()
    path = os.path.join(tempfile.gettempdir(), f"tributary-lora-base-{layers}-{width}.pt")
    base = [parameter for name, parameter in net.named_parameters() if not is_adapter(name)]
    if os.path.exists(path):
        state = torch.load(path)
    else:
        text, optimizer = read(base_modules), torch.optim.Adam(base, lr=1e-3)
        for _ in range(40):
            loss = net.losses(text[torch.randint(len(text), (16,))]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        state = {name: value for name, value in net.state_dict().items() if not is_adapter(name)}
        torch.save(state, f"{path}.{os.getpid()}")
        os.replace(f"{path}.{os.getpid()}", path)
    net.load_state_dict(state, strict=False)
    for parameter in base:
        parameter.requires_grad_(False)
    return net


def is_adapter(name: str) -> bool:
    return name.endswith((".down", ".up"))


net = open_base()
adapter = {name: value for name, value in net.state_dict().items() if is_adapter(name)}
lines = torch.empty(0)


def open_data(task: tributary.Task) -> int:
    global lines
    number, count = task.shard
    # whoever evaluates reads a little of all, nobody else reads that
    held_out = task.options.get("set") == "heldOut"
    text = read(modules if held_out else modules[number - 1 :: count])
    every_fifth = torch.arange(len(text)) % 5 == 0
    lines = text[every_fifth][number - 1 :: count][:64] if held_out else text[~every_fifth]
    return len(lines)


def train(tensors: tributary.Tensors, round: tributary.Round) -> tributary.Trained:
    tributary.load(net, tensors)
    trained = [parameter for name, parameter in net.named_parameters() if is_adapter(name)]
    optimizer = torch.optim.SGD(trained, lr=round.plan["learningRate"])
    order = torch.randperm(len(lines), generator=torch.Generator().manual_seed(round.seed))
    total, done = 0.0, 0
    for batch in order.split(round.plan["batchSize"]):
        loss = net.losses(lines[batch]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += float(loss.detach()) * len(batch)
        done += len(batch)
        round.progress(done, len(lines))
    return tributary.Trained(net, loss=total / len(lines))


def evaluate(tensors: tributary.Tensors, task: tributary.Task) -> tributary.Evaluated:
    tributary.load(net, tensors)
    with torch.no_grad():
        losses = torch.cat([net.losses(batch) for batch in lines.split(64)])
    return tributary.Evaluated(losses.numpy(), {"accuracy": float((-losses.mean()).exp())})


if __name__ == "__main__":
    tributary.serve(train, evaluate, model=adapter, samples=open_data)
