"""Exports small models as tf2onnx writes Keras 3. Made with tensorflow-cpu 2.18.1 and tf2onnx 1.17.0: python make_keras.py"""
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import tensorflow as tf
import tf2onnx
from keras import layers

keras.utils.set_random_seed(1)


def convolutions():
    x = keras.Input((12, 12, 1))
    y = layers.Conv2D(4, 3, strides=2, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU(max_value=6.0)(y)
    y = layers.SeparableConv2D(6, 3, padding="same", activation="swish")(y)
    y = layers.UpSampling2D(2)(y)
    y = layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="leaky_relu")(y)
    y = layers.ZeroPadding2D(1)(y)
    y = layers.MaxPooling2D(2)(y)
    y = layers.AveragePooling2D(3, strides=2, padding="same")(y)
    y = layers.GlobalAveragePooling2D()(y)
    return keras.Model(x, layers.Dense(3)(layers.Dropout(0.2)(y)))


def transformer():
    x = keras.Input((6,))
    tokens = layers.Embedding(12, 8)(x)
    h = layers.LayerNormalization()(tokens)
    h = tokens + layers.MultiHeadAttention(2, 4)(h, h)
    y = layers.Dense(16, activation="gelu")(layers.LayerNormalization()(h))
    y = h + layers.Dense(8)(y)
    return keras.Model(x, layers.Dense(3)(layers.GlobalAveragePooling1D()(y)))


def tabular():
    x = keras.Input((5,))
    first = layers.Embedding(5, 3)(x[:, 3])
    second = layers.CategoryEncoding(3, "one_hot")(keras.ops.cast(x[:, 4:], "int32"))
    y = layers.Concatenate()([layers.BatchNormalization()(x[:, :3]), first, second])
    y = layers.Dense(12, activation="selu")(y)
    y = layers.UnitNormalization()(y)
    return keras.Model(x, layers.Dense(2)(y))


def recurrent(layer):
    x = keras.Input((6, 4))
    return keras.Model(x, layers.Dense(3)(layer(x)))


def export(name, model):
    signature = [tf.TensorSpec((None, *model.inputs[0].shape[1:]), tf.float32, name="x")]
    function = tf.function(lambda x: model(x, training=False), input_signature=signature)
    tf2onnx.convert.from_function(function, signature, opset=17, output_path=f"{name}.onnx")


if __name__ == "__main__":
    export("keras-convolutions", convolutions())
    export("keras-transformer", transformer())
    export("keras-tabular", tabular())
    export("keras-lstm", recurrent(layers.LSTM(5)))
    export("keras-gru", recurrent(layers.GRU(5)))
    export("keras-lstm-unrolled", recurrent(layers.LSTM(5, unroll=True)))
    export("keras-gru-unrolled", recurrent(layers.GRU(5, unroll=True)))
