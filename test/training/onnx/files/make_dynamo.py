"""Exports the models of make_torch.py by PyTorch's newer exporter. Made with torch 2.9.1, onnxscript 0.7.2 and onnx 1.23.2: python make_dynamo.py"""
import onnx
import torch
from torch import nn

import make_torch as models


def export(name, model, *shape):
    model.eval()
    program = torch.onnx.export(model, (torch.rand(3, *shape),), dynamo=True, dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
                                input_names=["x"], output_names=["y"], external_data=False, verbose=False)
    model = program.model_proto
    for node in model.graph.node:  # traces of Python's stack, ten times as long as the model
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    model.graph.ClearField("value_info")
    onnx.save(model, f"{name}.onnx")


if __name__ == "__main__":
    export("dynamo-encoder-layer", models.BuiltIn(), 6)
    export("dynamo-gru", models.Recurrent(nn.GRU), 6, 4)
    export("dynamo-lstm", models.Recurrent(nn.LSTM, bidirectional=True), 6, 4)
    export("dynamo-mobile", models.Mobile(), 1, 12, 12)
    export("dynamo-resnet8", models.ResNet8(), 3, 32, 32)
    export("dynamo-tabular", models.Tabular(), 5)
    export("dynamo-transformer", models.Transformer(), 6)
