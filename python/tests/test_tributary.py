"""The module on its own, and as the program that an engine starts."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tributary

here = Path(__file__).parent
tensors = {"weight": np.array([[1.0, 2.0], [3.0, 4.0]], np.float32), "bias": np.array([0.5], np.float32)}


def test_safetensors_come_back_in_their_order_types_and_shapes(tmp_path):
    path = str(tmp_path / "x.safetensors")
    given = {"10": np.arange(6, dtype=np.float64).reshape(2, 3), "2": np.array(7, np.int64), "yes": np.array([True])}
    tributary.write_safetensors(path, given)
    read = tributary.read_safetensors(path)
    assert list(read) == ["10", "2", "yes"]
    for name, array in given.items():
        assert read[name].dtype == array.dtype and read[name].shape == array.shape
        np.testing.assert_array_equal(read[name], array)


def test_bfloat16_is_read_as_float32(tmp_path):
    header = json.dumps({"x": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}).encode()
    path = tmp_path / "x.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\x80\x3f\x40\xc0")
    np.testing.assert_array_equal(tributary.read_safetensors(str(path))["x"], np.array([1, -3], np.float32))


def test_the_file_is_that_of_the_safetensors_package(tmp_path):
    package = pytest.importorskip("safetensors.numpy")
    path = str(tmp_path / "x.safetensors")
    tributary.write_safetensors(path, tensors)
    np.testing.assert_array_equal(package.load_file(path)["weight"], tensors["weight"])
    package.save_file(tensors, path)
    np.testing.assert_array_equal(tributary.read_safetensors(path)["bias"], tensors["bias"])


def test_parts_of_the_data_are_disjoint_and_whole():
    def part(source):
        return set(tributary.Task("trainer", source, {}, "").part(103))

    shards = [part(f"digits?shard={number}/3&seed=2") for number in (1, 2, 3)]
    held_out = [part(f"digits?set=heldOut&shard={number}/2&seed=2") for number in (1, 2)]
    assert sum(map(len, shards + held_out)) == 103
    assert set.union(*shards, *held_out) == set(range(103))
    assert shards[0] != part("digits?shard=1/3&seed=3")
    assert len(part(None)) == 82
    assert part("shard=1/3&seed=2") == shards[0]


def test_models_of_scikit_learn_give_and_take_their_tensors():
    linear = pytest.importorskip("sklearn.linear_model")
    network = pytest.importorskip("sklearn.neural_network")
    x, y = np.random.default_rng(1).normal(size=(40, 3)), np.arange(40) % 2
    for build in (linear.LogisticRegression, lambda: network.MLPClassifier((4,), max_iter=5)):
        fitted, other = build().fit(x, y), build().fit(x[:20], y[:20])
        state = {name: array.astype(np.float32) for name, array in tributary.state_of(fitted).items()}
        tributary.load(other, state)
        np.testing.assert_allclose(other.predict_proba(x), fitted.predict_proba(x), atol=1e-5)


def test_modules_of_pytorch_give_and_take_their_tensors():
    torch = pytest.importorskip("torch")
    net, other = (torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3)) for _ in range(2))
    net(torch.randn(8, 2))
    tributary.load(other, tributary.state_of(net))
    for name, value in net.state_dict().items():
        assert torch.equal(value, other.state_dict()[name]), name
    assert other[1].num_batches_tracked.dtype == torch.int64
    # an adapter leaves its base as it is
    tributary.load(other, {"0.bias": np.zeros(3, np.float32)})
    assert torch.equal(other[0].weight, net[0].weight) and other[0].bias.abs().sum() == 0


def test_what_holds_no_tensors_is_refused():
    with pytest.raises(TypeError, match="holds no tensors"):
        tributary.state_of(3)


class Program:
    """The child of an engine."""

    def __init__(self, tmp_path, *arguments):
        self.folder = tmp_path
        command = [sys.executable, str(here / "program.py"), *arguments]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.count = 0

    def ask(self, **request):
        self.count += 1
        self.child.stdin.write(json.dumps({"id": self.count, **request}).encode() + b"\n")
        self.child.stdin.flush()
        answers = []
        while not answers or answers[-1]["type"] == "progress":
            answers.append(json.loads(self.child.stdout.readline()))
            assert answers[-1]["id"] == self.count
        return answers

    def hello(self, protocol=tributary.PROTOCOL):
        frozen = str(self.folder / "frozen.safetensors")
        tributary.write_safetensors(frozen, {"steps": np.array(5, np.int64)})
        named = [{"name": name, "shape": [], "dtype": "F32", "trained": True} for name in ("weight", "steps", "bias")]
        request = {"role": "trainer", "source": "here?shard=2/3", "folder": str(self.folder), "plan": {"learningRate": 0.5}}
        return self.ask(type="hello", protocol=protocol, tensors=named, frozen=frozen, **request)[-1]

    def train(self, seed="s"):
        model, output = str(self.folder / "model"), str(self.folder / "output")
        tributary.write_safetensors(model, tensors)
        answers = self.ask(type="train", model=model, output=output, round=3, seed=seed, plan={"learningRate": 0.25})
        return answers, tributary.read_safetensors(output) if answers[-1]["type"] == "trained" else None

    def end(self):
        self.child.stdin.close()
        return self.child.wait(timeout=20), self.child.stderr.read().decode()


def test_a_program_answers_what_it_is_asked_whatever_it_prints(tmp_path):
    program = Program(tmp_path)
    hello = program.hello()
    assert hello["samples"] == 7
    assert [tensor["name"] for tensor in hello["tensors"]] == ["weight", "bias", "steps"]
    (progress, trained), output = program.train()
    assert progress["samplesDone"] == 2
    assert trained["samples"] == 7 and trained["loss"] is None and trained["metrics"] == {"accuracy": 0.5, "other": None}
    assert list(output) == ["weight", "bias"] and output["weight"].dtype == np.float32
    np.testing.assert_array_equal(output["weight"], tensors["weight"] + 0.25)
    model = str(tmp_path / "model")
    evaluated = program.ask(type="evaluate", models=[model, model], parts=3)[-1]
    assert evaluated["samples"] == 7 and len(evaluated["results"]) == 2
    # losses 0 to 6: every third from each of the first three
    assert evaluated["results"][0]["loss"] == 3 and evaluated["results"][0]["parts"] == [3, 2.5, 3.5]
    more = program.ask(type="evaluate", models=[model], parts=9)[-1]
    assert more["results"][0]["parts"] == list(range(7))
    code, said = program.end()
    assert code == 0
    assert "printed" in said and "weight steps bias, part 2 of 3, steps 5" in said


def test_a_program_that_fails_says_why_and_goes_on(tmp_path):
    program = Program(tmp_path)
    program.hello()
    (failed,), _ = program.train(seed="fail")
    assert failed["type"] == "failed" and failed["message"] == "ValueError: no such seed"
    (failed,), _ = program.train(seed="lack")
    assert "lacks bias" in failed["message"]
    assert program.train()[0][-1]["type"] == "trained"
    program.end()


def test_a_program_ends_with_its_input_also_while_it_trains(tmp_path):
    program = Program(tmp_path)
    program.hello()
    model = str(tmp_path / "model")
    tributary.write_safetensors(model, tensors)
    request = {"id": 9, "type": "train", "model": model, "output": model, "round": 1, "seed": "hang", "plan": {}}
    program.child.stdin.write(json.dumps(request).encode() + b"\n")
    assert program.end()[0] == 0


def test_another_protocol_is_answered_with_its_own(tmp_path):
    program = Program(tmp_path)
    assert program.hello("tributary-engine/9")["protocol"] == "tributary-engine/1"
    program.end()


def test_the_start_is_written(tmp_path):
    path = str(tmp_path / "start.safetensors")
    assert Program(tmp_path, "--write-model", path).end()[0] == 0
    assert list(tributary.read_safetensors(path)) == ["weight", "bias", "steps"]


@pytest.mark.parametrize("kind", ["messages", "arrays", "older"])
def test_an_app_of_flower_runs_as_it_is(tmp_path, kind):
    pytest.importorskip("flwr")
    program = Program(tmp_path, "--flower", kind)
    assert program.hello()["samples"] == 1
    (trained,), output = program.train()
    assert output is not None, trained
    assert trained["samples"] == 12 and trained["loss"] == 0.25
    np.testing.assert_array_equal(output["bias"], tensors["bias"] + 1)
    evaluated = program.ask(type="evaluate", models=[str(tmp_path / "model")], parts=3)[-1]
    assert evaluated["samples"] == 4 and evaluated["results"][0]["loss"] == 1.5
    assert evaluated["results"][0]["metrics"]["accuracy"] == 0.5
    code, said = program.end()
    assert code == 0 and "partition 1 of 3" in said
