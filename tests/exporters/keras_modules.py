# The Keras modules that are exported: building blocks as keras.applications and KerasHub write them, small and written
# by us: name, function from input to outputs, shape of the input.
import keras
import numpy as np
from keras import layers, ops


def conv(x, filters, kernel=3, strides=1, activation="relu", **options):
    x = layers.Conv2D(filters, kernel, strides, padding="same", use_bias=False, **options)(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation(activation)(x) if activation else x


def depthwise(x, kernel=3, strides=1, activation="relu6", padding="same"):
    x = layers.DepthwiseConv2D(kernel, strides, padding=padding, use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.Activation(activation)(x) if activation else x


def resnet(x):
    """ResNet50: zero padding as a layer of its own, biased convolutions before batch norm."""
    x = layers.Conv2D(8, 7, 2)(layers.ZeroPadding2D(3)(x))
    x = layers.ReLU()(layers.BatchNormalization(epsilon=1.001e-5)(x))
    x = layers.MaxPooling2D(3, 2)(layers.ZeroPadding2D(1)(x))
    y = conv(conv(x, 8, 1, 2), 8)
    y = layers.BatchNormalization()(layers.Conv2D(32, 1)(y))
    shortcut = layers.BatchNormalization()(layers.Conv2D(32, 1, 2)(x))
    x = layers.ReLU()(layers.Add()([shortcut, y]))
    return layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D()(x))


def mobilenet_v2(x):
    """Padding of one side before a strided depthwise convolution without padding."""
    x = conv(layers.Rescaling(1 / 2, offset=-0.1)(x), 8, strides=2, activation="relu6")
    y = conv(x, 24, 1, activation="relu6")
    y = depthwise(layers.ZeroPadding2D(((0, 1), (0, 1)))(y), strides=2, padding="valid")
    x = conv(y, 8, 1, activation=None)
    x = layers.Add()([x, conv(depthwise(conv(x, 24, 1, activation="relu6")), 8, 1, activation=None)])
    return layers.Dense(10)(layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x)))


def mobilenet_v3(x):
    """Hard swish as keras.applications spells it: relu6(x + 3) / 6."""
    def hard_sigmoid(y):
        return layers.ReLU(6.0)(y + 3.0) * (1.0 / 6.0)

    x = conv(x, 16, strides=2, activation=None)
    x = layers.Multiply()([x, hard_sigmoid(x)])
    x = depthwise(x, 5, activation="hard_silu")
    y = layers.GlobalAveragePooling2D(keepdims=True)(x)
    y = hard_sigmoid(layers.Conv2D(16, 1)(layers.ReLU()(layers.Conv2D(4, 1)(y))))
    return conv(layers.Multiply()([x, y]), 8, 1, activation=None)


def efficientnet(x):
    """Normalisation as a layer, swish, squeeze and excitation through a reshape."""
    x = layers.Normalization(mean=[0.1, -0.2, 0.3], variance=[0.5, 0.8, 1.2])(x)
    x = conv(x, 8, strides=2, activation="swish")
    y = depthwise(conv(x, 32, 1, activation="swish"), 5, activation="swish")
    gate = layers.Reshape((1, 1, 32))(layers.GlobalAveragePooling2D()(y))
    gate = layers.Conv2D(32, 1, activation="sigmoid")(layers.Conv2D(2, 1, activation="swish")(gate))
    return layers.Add()([x, conv(layers.Multiply()([y, gate]), 8, 1, activation=None)])


def xception(x):
    """Separable convolutions behind their activation, "same" pooling at stride 2."""
    x = conv(x, 8, strides=2)
    y = layers.BatchNormalization()(layers.SeparableConv2D(16, 3, padding="same", use_bias=False)(x))
    y = layers.SeparableConv2D(16, 3, padding="same", depth_multiplier=2)(layers.ReLU()(y))
    y = layers.MaxPooling2D(3, 2, padding="same")(y)
    return layers.Add()([y, conv(x, 16, 1, 2, activation=None)])


def densenet(x):
    """Batch norm and ReLU before the convolution, growing concats, mean pooling."""
    x = layers.Conv2D(8, 3, padding="same")(x)
    for _ in range(2):
        y = layers.Conv2D(8, 1, use_bias=False)(layers.ReLU()(layers.BatchNormalization()(x)))
        y = layers.Conv2D(4, 3, padding="same", use_bias=False)(layers.ReLU()(layers.BatchNormalization()(y)))
        x = layers.Concatenate()([x, y])
    x = layers.AveragePooling2D(2, 2)(layers.Conv2D(8, 1)(layers.ReLU()(layers.BatchNormalization()(x))))
    return layers.AveragePooling2D(3, 2, padding="same")(x)


def convnext(x):
    """Layer norm over the last axis, dense layers over maps, layer scale. GELU is spelled out: Keras' own calls erfc, which
    tf2onnx leaves in the file as it is."""
    x = layers.LayerNormalization(epsilon=1e-6)(layers.Conv2D(16, 4, 4)(x))
    y = layers.DepthwiseConv2D(7, padding="same")(x)
    y = layers.Dense(64)(layers.LayerNormalization(epsilon=1e-6)(y))
    y = 0.5 * y * (1.0 + ops.erf(y / 2.0**0.5))
    y = layers.Dense(16)(y) * np.linspace(0.5, 1.5, 16, dtype=np.float32)
    return layers.Add()([x, y])


def unet(x):
    """Transposed convolutions of two kinds of padding, cropping, enlargement both ways, softmax over channels."""
    skipped = conv(x, 8)
    y = conv(layers.MaxPooling2D()(skipped), 16)
    y = layers.Conv2DTranspose(8, 3, 2, padding="same", activation="relu")(y)
    y = layers.Concatenate()([skipped, y, layers.UpSampling2D(2, interpolation="bilinear")(layers.AveragePooling2D(2)(x))])
    y = layers.UpSampling2D()(conv(y, 8, strides=2, activation="leaky_relu"))
    y = layers.Conv2DTranspose(8, 4, 1, padding="valid")(layers.Cropping2D(((2, 1), (1, 2)))(y))
    return layers.Conv2D(4, 1, activation="softmax")(layers.PReLU(shared_axes=[1, 2])(y))


def grouped(x):
    """A grouped convolution as Keras has it: a call of a compiled function, which tf2onnx does not look into."""
    return conv(conv(x, 12, strides=2), 12, groups=3)


def shuffle(x):
    """Convolutions of channel groups by split and concat, and a channel shuffle by reshape and permute."""
    def grouped_conv(y):
        return layers.BatchNormalization()(layers.Concatenate()([layers.Conv2D(4, 1)(part) for part in ops.split(y, 3, axis=-1)]))

    x = conv(x, 12, strides=2)
    y = layers.ReLU()(grouped_conv(x))
    y = layers.Reshape((16, 16, 12))(layers.Permute((1, 2, 4, 3))(layers.Reshape((16, 16, 3, 4))(y)))
    return layers.Concatenate()([layers.AveragePooling2D(2, 2, padding="same")(x), grouped_conv(depthwise(y, strides=2, activation=None))])


def super_resolution(x):
    """Depth to space of TensorFlow, ELU, group normalisation, a resize by ops.image."""
    y = layers.GroupNormalization(4)(layers.Conv2D(16, 3, padding="same", activation="elu")(x))
    y = layers.Conv2D(12, 3, padding="same", dilation_rate=2)(layers.Activation("softplus")(y))
    return DepthToSpace(2)(y) + ops.image.resize(x, (64, 64), interpolation="bilinear")


class DepthToSpace(layers.Layer):
    def __init__(self, block):
        super().__init__()
        self.block = block

    def call(self, x):
        import tensorflow as tf

        return tf.nn.depth_to_space(x, self.block)

    def compute_output_shape(self, shape):
        return (shape[0], shape[1] * self.block, shape[2] * self.block, shape[3] // self.block**2)


def detection_head(x):
    """SSD: heads reshaped and joined over levels, scores and boxes apart; a global maximum as third output."""
    fine = conv(x, 16, strides=4)
    coarse = conv(fine, 16, strides=2)
    boxes = [layers.Reshape((-1, 4))(layers.Conv2D(8, 3, padding="same")(y)) for y in (fine, coarse)]
    scores = [layers.Reshape((-1, 5))(layers.Conv2D(10, 3, padding="same")(y)) for y in (fine, coarse)]
    scores = layers.Activation("sigmoid")(layers.Concatenate(axis=1)(scores))
    return layers.Concatenate(axis=1)(boxes), scores, layers.GlobalMaxPooling2D()(coarse)


class Positions(layers.Layer):
    """A learned vector per place, added."""

    def build(self, shape):
        self.vectors = self.add_weight(shape=shape[1:], initializer="random_normal", name="vectors")

    def call(self, x):
        return x + self.vectors


def vision_transformer(x):
    """KerasHub's ViT: patches, positions, Keras' own multi-head attention."""
    x = Positions()(layers.Reshape((16, 16))(layers.Conv2D(16, 8, 8)(x)))
    for _ in range(2):
        y = layers.LayerNormalization(epsilon=1e-6)(x)
        x = x + layers.MultiHeadAttention(2, 8)(y, y)
        y = layers.Dense(32, activation=lambda z: keras.activations.gelu(z, approximate=True))(layers.LayerNormalization(epsilon=1e-6)(x))
        x = x + layers.Dense(16)(y)
    return layers.Dense(10)(layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x)))


def text_recogniser(x):
    """The width as sequence: permute, 1-d convolution, softmax over symbols."""
    x = layers.MaxPooling2D((2, 2))(conv(x, 8))
    x = layers.MaxPooling2D((2, 1))(conv(x, 16))
    x = layers.Reshape((32, 4 * 16))(layers.Permute((2, 1, 3))(x))
    x = layers.Conv1D(16, 3, padding="same", activation="tanh")(x)
    return layers.Dense(11, activation="softmax")(layers.UnitNormalization()(x))


PICTURE = (1, 32, 32, 3)

MODULES = {
    "keras_convnext": (convnext, PICTURE),
    "keras_densenet": (densenet, PICTURE),
    "keras_detection_head": (detection_head, PICTURE),
    "keras_efficientnet": (efficientnet, PICTURE),
    "keras_grouped": (grouped, PICTURE),
    "keras_mobilenet_v2": (mobilenet_v2, PICTURE),
    "keras_mobilenet_v3": (mobilenet_v3, PICTURE),
    "keras_resnet": (resnet, (1, 64, 64, 3)),
    "keras_shuffle": (shuffle, PICTURE),
    "keras_super_resolution": (super_resolution, PICTURE),
    "keras_text_recogniser": (text_recogniser, (1, 16, 64, 3)),
    "keras_unet": (unet, PICTURE),
    "keras_vision_transformer": (vision_transformer, PICTURE),
    "keras_xception": (xception, PICTURE),
}


def made(name):
    """The model with seeded weights; its norms hold what a trained network's would: no zeros, no ones."""
    seed = sum(name.encode())
    keras.utils.set_random_seed(seed)
    generator = np.random.default_rng(seed)
    function, shape = MODULES[name]
    x = keras.Input(shape[1:], name="x")
    model = keras.Model(x, function(x))
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            size = layer.get_weights()[0].shape
            layer.set_weights([generator.uniform(0.5, 1.5, size), generator.normal(0, 0.2, size), generator.normal(0, 0.2, size), generator.uniform(0.5, 1.5, size)])
        elif isinstance(layer, (layers.LayerNormalization, layers.GroupNormalization)):
            layer.set_weights([generator.uniform(0.5, 1.5, layer.gamma.shape), generator.normal(0, 0.2, layer.beta.shape)])
        elif isinstance(layer, layers.PReLU):
            layer.set_weights([generator.uniform(0.1, 0.4, weight.shape) for weight in layer.get_weights()])
    return model
