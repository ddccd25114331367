"""An ordinary app of Flower, which knows nothing of Tributary: a small network on scikit-learn's digits."""

import torch
from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional

app = ClientApp()


def build() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def load_data(partition: int, partitions: int):
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16, dtype=torch.float32)[partition::partitions], torch.tensor(y)[partition::partitions]
    cut = len(x) * 4 // 5
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])


def model_of(message: Message) -> nn.Module:
    net = build()
    net.load_state_dict(message.content["arrays"].to_torch_state_dict())
    return net


@app.train()
def train(message: Message, context: Context) -> Message:
    net = model_of(message)
    (x, y), _ = load_data(context.node_config["partition-id"], context.node_config["num-partitions"])
    optimizer = torch.optim.SGD(net.parameters(), lr=message.content["config"]["lr"], momentum=0.9)
    for _ in range(context.run_config["local-epochs"]):
        for batch in torch.randperm(len(x)).split(16):
            loss = functional.cross_entropy(net(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    metrics = MetricRecord({"train_loss": float(loss.detach()), "num-examples": len(x)})
    content = RecordDict({"arrays": ArrayRecord(net.state_dict()), "metrics": metrics})
    return Message(content=content, reply_to=message)


@app.evaluate()
def evaluate(message: Message, context: Context) -> Message:
    net = model_of(message)
    _, (x, y) = load_data(context.node_config["partition-id"], context.node_config["num-partitions"])
    with torch.no_grad():
        logits = net(x)
    metrics = {
        "eval_loss": float(functional.cross_entropy(logits, y)),
        "eval_acc": float((logits.argmax(1) == y).float().mean()),
        "num-examples": len(x),
    }
    return Message(content=RecordDict({"metrics": MetricRecord(metrics)}), reply_to=message)
