"""A program as tests want it: it adds the learning rate to its tensors."""

import sys
import time

import numpy as np

import tributary

start = {"weight": np.zeros((2, 2), np.float32), "bias": np.zeros(1, np.float32), "steps": np.array(0, np.int64)}


def open_data(task):
    print("printed")
    return 7


def train(tensors, round):
    number, count = round.task.shard
    print(*tensors, end=f", part {number} of {count}, steps {tensors['steps']}\n")
    if round.seed_text == "hang":
        time.sleep(600)
    if round.seed_text == "fail":
        raise ValueError("no such\nseed")
    if round.seed_text == "lack":
        return {"weight": tensors["weight"]}
    round.progress(2, 7)
    trained = {name: array + round.plan["learningRate"] for name, array in tensors.items()}
    return tributary.Trained(trained, loss=float("nan"), metrics={"accuracy": 0.5, "other": float("inf")})


def evaluate(tensors, task):
    return np.arange(7)


def flower_app(kind):
    """The three kinds of apps that there are: with arrays by name, with a list of them, and with a client."""
    from flwr.app import ArrayRecord, Message, MetricRecord, RecordDict
    from flwr.clientapp import ClientApp

    def say(context):
        print(f"partition {context.node_config['partition-id']} of {context.node_config['num-partitions']}")

    if kind == "older":
        from flwr.client import NumPyClient

        class Client(NumPyClient):
            def fit(self, parameters, config):
                return [array + 1 for array in parameters], 12, {"train_loss": 0.25}

            def evaluate(self, parameters, config):
                return 1.5, 4, {"accuracy": 0.5}

        def client_fn(context):
            say(context)
            return Client().to_client()

        return ClientApp(client_fn=client_fn)
    app = ClientApp()

    @app.train()
    def train(message, context):
        say(context)
        given = message.content["arrays"]
        if kind == "arrays":
            arrays = ArrayRecord([np.asarray(array + 1) for array in given.to_numpy_ndarrays()])
        else:
            import flwr.app

            arrays = ArrayRecord({name: flwr.app.Array(np.asarray(array.numpy() + 1)) for name, array in given.items()})
        metrics = MetricRecord({"train_loss": 0.25, "num-examples": 12})
        return Message(RecordDict({"arrays": arrays, "metrics": metrics}), reply_to=message)

    @app.evaluate()
    def evaluate(message, context):
        metrics = MetricRecord({"eval_loss": 1.5, "eval_acc": 0.5, "num-examples": 4})
        return Message(RecordDict({"metrics": metrics}), reply_to=message)

    return app


if __name__ == "__main__":
    if "--flower" in sys.argv:
        tributary.serve_flower(flower_app(sys.argv[-1]), model=start, arguments=[])
    else:
        tributary.serve(train, evaluate, model=start, samples=open_data)
