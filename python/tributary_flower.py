"""Runs a `ClientApp` of Flower unchanged: messages to it and from it, instead of a SuperLink's, are an engine's."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Sequence

import numpy as np
import tributary
from tributary import Evaluated, Model, Round, Task, Tensors, Trained


def serve_flower(
    app: Any,
    *,
    model: Model,
    samples: int = 1,
    node_config: Optional[Mapping[str, Any]] = None,
    run_config: Optional[Mapping[str, Any]] = None,
    project: Optional[str] = None,
    arguments: Optional[Sequence[str]] = None,
) -> None:
    """Answers a trainer or an evaluator with the app's functions for `train` and `evaluate`.

    `model` has the tensors that the app's ServerApp would start from. `run_config` comes on top of what the app's pyproject.toml
    has (in the folder `project`, or the current one), `node_config` on top of partition-id and num-partitions, which follow from
    `shard=2/3` in --source. The number of samples is the app's own num-examples, once it has trained.
    """
    flower = _Flower(app, node_config or {}, {**_run_config(project), **(run_config or {})})
    tributary.serve(flower.train, flower.evaluate, model=model, samples=samples, arguments=arguments)


class _Flower:
    def __init__(self, app: Any, node_config: Mapping[str, Any], run_config: Mapping[str, Any]) -> None:
        self.app, self.node_config, self.run_config = app, node_config, run_config
        self.context: Any = None
        #: A client of the older kind takes its arrays as a list, and its instructions by other names.
        self.takes_lists = getattr(app, "_call", None) is not None

    def train(self, tensors: Tensors, round_: Round) -> Trained:
        _seed(round_.seed)
        config = {"server-round": round_.number, "lr": float(round_.plan["learningRate"])}
        arrays, metrics = self.ask("train", tensors, round_.task, config)
        if arrays is None:
            raise ValueError("the app has answered no arrays")
        named = arrays if set(tensors) <= set(arrays) else dict(zip(tensors, arrays.values()))
        return Trained(named, _loss(metrics), _examples(metrics), metrics)

    def evaluate(self, tensors: Tensors, task: Task) -> Evaluated:
        _, metrics = self.ask("evaluate", tensors, task, {})
        loss = _loss(metrics)
        if loss is None:
            raise ValueError("the app has evaluated without a metric whose name ends in loss")
        return Evaluated(loss, {**_accuracy(metrics), **metrics}, _examples(metrics))

    def ask(self, kind: str, tensors: Tensors, task: Task, config: Dict[str, Any]) -> Any:
        from flwr.app import Array, ArrayRecord, ConfigRecord, RecordDict

        if self.takes_lists:
            prefix = "fitins" if kind == "train" else "evaluateins"
            arrays = ArrayRecord(list(tensors.values()))
            content = RecordDict({f"{prefix}.parameters": arrays, f"{prefix}.config": ConfigRecord(config)})
        else:
            arrays = ArrayRecord({name: Array(array) for name, array in tensors.items()})
            content = RecordDict({"arrays": arrays, "config": ConfigRecord(config)})
        reply = self.app(_message(kind, content), self.context_of(task))
        if reply.has_error():
            raise RuntimeError(reply.error.reason)
        records = reply.content.array_records.values()
        answered = next(({name: array.numpy() for name, array in record.items()} for record in records if record), None)
        measured = [*reply.content.metric_records.values(), *reply.content.config_records.values()]
        numbers = {name: value for record in measured for name, value in record.items() if isinstance(value, (int, float))}
        return answered, numbers

    def context_of(self, task: Task) -> Any:
        """The same for all calls: an app may keep its state there."""
        if self.context is None:
            from flwr.app import Context, RecordDict

            number, count = task.shard
            node_config = {"partition-id": number - 1, "num-partitions": count, **self.node_config}
            self.context = Context(
                run_id=1, node_id=number, node_config=node_config, state=RecordDict(), run_config=dict(self.run_config)
            )
        return self.context


def _message(kind: str, content: Any) -> Any:
    from flwr.app import Message, Metadata

    metadata = Metadata(
        run_id=1,
        message_id="",
        src_node_id=1,
        dst_node_id=2,
        reply_to_message_id="",
        group_id="",
        created_at=time.time(),
        ttl=1e6,
        message_type=kind,
    )
    # the only way without a SuperLink, which is not among the declared ones
    message: Any = Message
    return message(metadata=metadata, content=content)


def _seed(seed: int) -> None:
    """Apps draw from the global generators."""
    import random
    import sys

    random.seed(seed)
    np.random.seed(seed)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def _run_config(project: Optional[str]) -> Dict[str, Any]:
    """What the app's pyproject.toml says, as `flwr run` reads it: tables are flattened with points."""
    file = Path(project or ".") / "pyproject.toml"
    if not file.is_file():
        return {}
    try:
        import tomllib
    except ImportError:  # before Python 3.11
        import tomli as tomllib  # type: ignore[no-redef]
    table = tomllib.loads(file.read_text()).get("tool", {}).get("flwr", {}).get("app", {}).get("config", {})
    return dict(_flattened(table))


def _flattened(table: Mapping[str, Any], prefix: str = "") -> Any:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flattened(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _loss(metrics: Mapping[str, Any]) -> Optional[float]:
    return next((float(value) for name, value in metrics.items() if name.lower().endswith("loss")), None)


def _accuracy(metrics: Mapping[str, Any]) -> Dict[str, float]:
    """Under the name by which it is shown."""
    found = next((float(metrics[name]) for name in _names_of_accuracy if name in metrics), None)
    return {} if found is None else {"accuracy": found}


_names_of_accuracy = ("accuracy", "eval_acc", "eval_accuracy", "eval-acc", "eval-accuracy", "acc", "test_accuracy")


def _examples(metrics: Mapping[str, Any]) -> Optional[int]:
    return next((int(value) for name, value in metrics.items() if name in ("num-examples", "num_examples")), None)
