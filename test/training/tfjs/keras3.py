"""Writes keras3.json: models as Keras 3 writes them, with weights, samples and what Keras makes of them.

    pip install keras==3.15.1 jax scipy && KERAS_BACKEND=jax python keras3.py > keras3.json
"""

import base64
import json

import keras
import numpy as np
from keras import layers

random = np.random.default_rng(7)


def images():
    start = layers.Input((6, 6, 2))
    x = layers.Rescaling(0.5, offset=-0.25)(start)
    x = layers.Conv2D(3, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    y = layers.DepthwiseConv2D(3, padding="same", activation="silu")(x)
    x = layers.Concatenate()([layers.Add()([x, y]), y])
    x = layers.MaxPooling2D()(x)
    x = layers.SeparableConv2D(4, 2, strides=2, padding="same")(x)
    x = layers.Flatten()(layers.GlobalAveragePooling2D()(x))
    return keras.Model(start, layers.Dense(3, activation="softmax")(x))


def steps():
    return keras.Sequential(
        [
            layers.Input((5, 3)),
            layers.LSTM(4, return_sequences=True),
            layers.GRU(3, reset_after=False, return_sequences=True),
            layers.SimpleRNN(2),
            layers.Dense(2),
        ]
    )


def transfer():
    inner = layers.Input((4,))
    x = layers.BatchNormalization()(layers.Dense(5, activation="gelu")(inner))
    backbone = keras.Model(inner, layers.Dropout(0.5)(x), name="backbone")
    backbone.trainable = False
    start = layers.Input((4,))
    x = layers.Normalization(mean=[1.0, 2.0, 3.0, 4.0], variance=[1.0, 4.0, 9.0, 0.5])(start)
    return keras.Model(start, layers.Dense(3)(backbone(x, training=False)))


def written(model):
    for weight in model.weights:
        value = random.normal(size=weight.shape) / 2
        if "seed" not in weight.path:
            weight.assign(np.abs(value) + 0.2 if "variance" in weight.path else value)
    logits = keras.Model(model.inputs, model.outputs)
    last = model.layers[-1]
    activation, last.activation = last.activation, keras.activations.linear
    samples = random.normal(size=(2, *model.input_shape[1:])).astype("float32")
    values = np.asarray(logits.predict(samples, verbose=0))
    last.activation = activation
    data = b"".join(np.asarray(weight.numpy()).astype("<f4").tobytes() for weight in model.weights)
    specs = [{"name": w.path, "shape": list(w.shape), "dtype": "float32"} for w in model.weights]
    return {
        "file": {
            "modelTopology": json.loads(model.to_json()),
            "weightSpecs": specs,
            "weightData": base64.b64encode(data).decode(),
        },
        "shape": list(model.input_shape[1:]),
        "samples": [round(float(value), 7) for value in samples.ravel()],
        "logits": [round(float(value), 7) for value in values.ravel()],
        "classes": int(values.shape[-1]),
    }


print(json.dumps({"images": written(images()), "steps": written(steps()), "transfer": written(transfer())}))
