"""Trains a model of PyTorch, scikit-learn or NumPy in a Tributary federation.

A program calls `serve` with a function that trains and one that evaluates; a trainer or an evaluator starts that program with
`--engine process:"python train.py"`. docs/engines.md describes what the two say to each other; this module speaks it.

Tensors are NumPy arrays by name. What is not trained (frozen, or whole numbers such as counters of batches) is among those that a
function is given, and may be among those that it returns, where it is passed over.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import queue
import struct
import sys
import threading
import traceback
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import parse_qsl

import numpy as np
import numpy.typing as npt

PROTOCOL = "tributary-engine/1"

Array = npt.NDArray[Any]
Tensors = Dict[str, Array]
#: Tensors, or what holds them: a torch.nn.Module, or an estimator of scikit-learn.
Model = Any


@dataclass(frozen=True)
class Task:
    """What is trained, and for whom; the same until the program ends."""

    #: "trainer" or "evaluator".
    role: str
    #: What the person wrote as --source, if anything.
    source: Optional[str]
    #: The training plan of the task: "learningRate", "epochs", "batchSize", "optimizer", "loss" and so on.
    plan: Mapping[str, Any]
    #: Where files may be written.
    folder: str

    @property
    def address(self) -> str:
        """The source without its options."""
        return (self.source or "").split("?")[0]

    @property
    def options(self) -> Dict[str, str]:
        """The options of the source, as in `digits?shard=1/3&seed=1` or only `shard=1/3`."""
        text = self.source or ""
        return dict(parse_qsl(text.partition("?")[2] if "?" in text else text, keep_blank_values=True))

    @property
    def shard(self) -> Tuple[int, int]:
        """(2, 3): the second of three parts; (1, 1) where the source says nothing."""
        number, _, count = self.options.get("shard", "1/1").partition("/")
        return int(number), int(count)

    def part(self, count: int) -> Array:
        """Indices of the samples that are this site's, of data that all sites of a trial on one machine can read.

        Every fifth sample is held out from trainers; evaluators (`set=heldOut`) have those. `seed` names the shuffle.
        """
        order = np.random.default_rng(number_of(self.options.get("seed", "1"))).permutation(count)
        held_out = np.arange(count) % 5 == 0
        own = order[held_out] if self.options.get("set") == "heldOut" else order[~held_out]
        number, shards = self.shard
        return np.array_split(own, shards)[number - 1]


@dataclass(frozen=True)
class Round:
    """One call to train."""

    task: Task
    number: int
    #: Names the random numbers of this round: a call that is repeated has the same.
    seed_text: str
    _say: Callable[[Dict[str, Any]], None] = field(repr=False)

    @property
    def plan(self) -> Mapping[str, Any]:
        return self.task.plan

    @property
    def seed(self) -> int:
        """The seed as a number of 32 bits, for `torch.manual_seed` and `numpy.random.default_rng`."""
        return number_of(self.seed_text)

    def progress(self, samples_done: int, samples_total: int, epoch: int = 0, epochs: int = 1) -> None:
        """Shows how far training is; says also that the program has not got stuck."""
        self._say(
            {
                "type": "progress",
                "samplesDone": int(samples_done),
                "samplesTotal": int(samples_total),
                "epoch": int(epoch),
                "epochs": int(epochs),
            }
        )


@dataclass
class Trained:
    """What training has made of the model."""

    model: Model
    loss: Optional[float] = None
    #: Where it is another number than `serve` was told.
    samples: Optional[int] = None
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass
class Evaluated:
    """How good a model is on this site's data."""

    #: The mean, or better the loss of each sample: only so an evaluator can tell from chance what an update is worth.
    loss: Union[float, Sequence[float], Array]
    metrics: Mapping[str, float] = field(default_factory=dict)
    samples: Optional[int] = None


TrainFunction = Callable[[Tensors, Round], Union[Model, Trained]]
EvaluateFunction = Callable[[Tensors, Task], Union[float, Sequence[float], Array, Evaluated]]


def serve(
    train: TrainFunction,
    evaluate: EvaluateFunction,
    *,
    model: Model,
    samples: Union[int, Callable[[Task], int]],
    arguments: Optional[Sequence[str]] = None,
) -> None:
    """Answers a trainer or an evaluator until it ends.

    `model` has the tensors of the model, at its start. `samples` is their number, or a function that opens the data and answers it.
    With `--write-model <file>` in `arguments` (those of the program) the start is written as a safetensors file instead, for the
    task's `model.file`.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--write-model" in given:
        write_safetensors(given[given.index("--write-model") + 1], state_of(model))
        return
    # what anybody prints is no message
    messages = os.fdopen(os.dup(1), "wb", buffering=0)
    requests = os.fdopen(os.dup(0), "rb")
    sys.stdout.flush()
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdout = sys.stderr
    _Engine(train, evaluate, model, samples, messages).answer_all(requests)


def state_of(model: Model) -> Tensors:
    """The tensors of a torch.nn.Module, of a linear estimator or a multi-layer perceptron of scikit-learn, or of a mapping."""
    if hasattr(model, "state_dict"):
        model = model.state_dict()
    if isinstance(model, Mapping):
        return {str(name): _array(value) for name, value in model.items()}
    found: Tensors = {}
    for attribute in _estimator_attributes:
        value = getattr(model, attribute, None)
        if isinstance(value, list):
            found.update({f"{attribute}.{index}": np.asarray(array) for index, array in enumerate(value)})
        elif value is not None:
            found[attribute] = np.asarray(value)
    if not found:
        raise TypeError(f"{type(model).__name__} holds no tensors: give a torch.nn.Module, a fitted estimator, or arrays by name.")
    return found


def load(model: Model, tensors: Tensors) -> Model:
    """Puts tensors into a torch.nn.Module or an estimator of scikit-learn, and answers it."""
    if hasattr(model, "load_state_dict"):
        import torch

        state = model.state_dict()
        given = {name: torch.from_numpy(np.array(array)) for name, array in tensors.items() if name in state}
        # what the task does not have, such as the base of an adapter, stays as it is
        model.load_state_dict({**state, **{name: value.to(state[name].dtype) for name, value in given.items()}})
        return model
    for attribute in _estimator_attributes:
        value = getattr(model, attribute, None)
        if isinstance(value, list):
            arrays = [np.array(tensors[f"{attribute}.{index}"], dtype=array.dtype) for index, array in enumerate(value)]
            setattr(model, attribute, arrays)
        elif value is not None:
            setattr(model, attribute, np.array(tensors[attribute], dtype=np.asarray(value).dtype))
    return model


_estimator_attributes = ("coef_", "intercept_", "coefs_", "intercepts_")


def number_of(text: str) -> int:
    """A number of 32 bits that follows from a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")


class _Engine:
    def __init__(
        self,
        train: TrainFunction,
        evaluate: EvaluateFunction,
        model: Model,
        samples: Union[int, Callable[[Task], int]],
        messages: BinaryIO,
    ) -> None:
        self.train_function, self.evaluate_function = train, evaluate
        self.own = state_of(model)
        self.samples_given = samples
        self.messages = messages
        self.frozen: Tensors = {}
        self.order: List[str] = list(self.own)
        self.samples = 0

    def answer_all(self, requests: BinaryIO) -> None:
        waiting: "queue.Queue[bytes]" = queue.Queue()

        def listen() -> None:
            for line in requests:
                waiting.put(line)
            # whoever asked has gone: nobody waits for what is being trained
            os._exit(0)

        threading.Thread(target=listen, daemon=True).start()
        while True:
            request = json.loads(waiting.get())
            try:
                self.say(request["id"], getattr(self, "on_" + request["type"])(request))
            except Exception as error:
                traceback.print_exc()
                message = " ".join(f"{type(error).__name__}: {error}".split())
                self.say(request["id"], {"type": "failed", "message": message[:500]})

    def say(self, identifier: int, message: Dict[str, Any]) -> None:
        line = json.dumps({"id": identifier, **message}, allow_nan=False)
        self.messages.write(line.encode() + b"\n")

    def on_hello(self, request: Dict[str, Any]) -> Dict[str, Any]:
        if request["protocol"] != PROTOCOL:
            # the answer names the one that is spoken here
            return {"type": "hello", "protocol": PROTOCOL, "tensors": [], "samples": 0}
        self.task = Task(request["role"], request["source"], request["plan"], request["folder"])
        self.order = [tensor["name"] for tensor in request["tensors"]] or self.order
        self.frozen = read_safetensors(request["frozen"]) if request["frozen"] else {}
        given = self.samples_given
        self.samples = int(given(self.task) if callable(given) else given)
        tensors = [
            {"name": name, "shape": list(array.shape), "dtype": "F32" if _is_floating(array) else _type_name(array)}
            for name, array in self.own.items()
        ]
        return {"type": "hello", "protocol": PROTOCOL, "tensors": tensors, "samples": self.samples}

    def on_train(self, request: Dict[str, Any]) -> Dict[str, Any]:
        self.task = Task(self.task.role, self.task.source, request["plan"], self.task.folder)
        round_ = Round(self.task, request["round"], request["seed"], lambda message: self.say(request["id"], message))
        given = read_safetensors(request["model"])
        answer = self.train_function(self.model_with(given), round_)
        trained = answer if isinstance(answer, Trained) else Trained(answer)
        tensors = state_of(trained.model)
        missing = [name for name in given if name not in tensors]
        if missing:
            raise KeyError(f"the trained model lacks {', '.join(missing)}")
        write_safetensors(request["output"], {name: np.asarray(tensors[name], dtype=np.float32) for name in given})
        samples = self.samples if trained.samples is None else int(trained.samples)
        loss, metrics = _number(trained.loss), _numbers(trained.metrics)
        return {"type": "trained", "samples": samples, "loss": loss, "metrics": metrics}

    def on_evaluate(self, request: Dict[str, Any]) -> Dict[str, Any]:
        results = []
        samples = self.samples
        for path in request["models"]:
            answer = self.evaluate_function(self.model_with(read_safetensors(path)), self.task)
            evaluated = answer if isinstance(answer, Evaluated) else Evaluated(answer)
            losses = np.atleast_1d(np.asarray(evaluated.loss, dtype=np.float64))
            if evaluated.samples is not None:
                samples = int(evaluated.samples)
            result: Dict[str, Any] = {"loss": _number(losses.mean()), "metrics": _numbers(evaluated.metrics)}
            if len(losses) == samples:
                parts = min(request["parts"], samples)
                result["parts"] = [_number(losses[part::parts].mean()) for part in range(parts)]
            results.append(result)
        return {"type": "evaluated", "samples": samples, "results": results}

    def model_with(self, given: Tensors) -> Tensors:
        """All tensors of the model, in its order."""
        known = {**self.frozen, **given}
        return {name: known[name] for name in [*self.order, *known] if name in known}


def _number(value: Any) -> Optional[float]:
    """JSON has neither NaN nor infinity."""
    return float(value) if value is not None and math.isfinite(value) else None


def _numbers(values: Mapping[str, Any]) -> Dict[str, Optional[float]]:
    return {str(name): _number(value) for name, value in values.items()}


def _array(value: Any) -> Array:
    if hasattr(value, "detach"):  # of PyTorch
        value = value.detach().cpu()
        value = value.float() if str(value.dtype) == "torch.bfloat16" else value
        return np.array(value.numpy())
    return np.array(value)


# -- safetensors, https://github.com/huggingface/safetensors#format

_types = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "<i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "<u1",
    "BOOL": "?",
}


def _type_name(array: Array) -> str:
    for name, code in _types.items():
        if np.dtype(code) == array.dtype:
            return name
    raise TypeError(f"A safetensors file holds no numbers of the type {array.dtype}.")


def _is_floating(array: Array) -> bool:
    return bool(np.issubdtype(array.dtype, np.floating))


def read_safetensors(path: str) -> Tensors:
    """Tensors by name, in the order of the file. bfloat16, which NumPy does not have, becomes float32."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors: Tensors = {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        start, end = (8 + length + offset for offset in entry["data_offsets"])
        if entry["dtype"] == "BF16":
            wide = np.frombuffer(data[start:end], "<u2").astype(np.uint32) << 16
            array = wide.view(np.float32)
        else:
            array = np.frombuffer(data[start:end], _types[entry["dtype"]])
        tensors[name] = array.reshape(entry["shape"]).copy()
    return tensors


def write_safetensors(path: str, tensors: Mapping[str, Any]) -> None:
    """Writes tensors in the order given."""
    header: Dict[str, Any] = {"__metadata__": {"format": "np"}}
    chunks = []
    end = 0
    for name, value in tensors.items():
        array = _array(value)
        dtype = _type_name(array)
        # ascontiguousarray would make a scalar a list
        chunk = array.astype(_types[dtype], order="C").tobytes()
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [end, end + len(chunk)]}
        end += len(chunk)
        chunks.append(chunk)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def serve_flower(app: Any, **options: Any) -> None:
    """Runs a `ClientApp` of Flower as it is; see `tributary_flower.serve_flower`."""
    import tributary_flower

    tributary_flower.serve_flower(app, **options)
