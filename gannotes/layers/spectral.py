"""Spectral normalization that means the same in training and inference."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gannotes")
class SpectralNormalization(keras.layers.Wrapper):
    """A dense or convolutional layer with its kernel W divided by W's largest singular value.

    σ(W) is estimated by power iteration on W as a matrix (all else, last axis), v ← uWᵀ / ‖uWᵀ‖ and
    u ← vW / ‖vW‖; each call in training takes one step. Training and inference use the same W / σ(W),
    and gradients pass through σ. `keras.layers.SpectralNormalization` overwrites W in training; this
    one keeps it.

    Reference: Miyato et al. 2018, section 2.1 and appendix A.
    """

    def __init__(self, layer, **kwargs):
        super().__init__(layer, **kwargs)
        if getattr(layer, "activation", None) is not keras.activations.linear:
            raise ValueError(
                "SpectralNormalization wraps a Dense or convolutional layer without an activation. "
                f"Received: {layer!r}"
            )

    def build(self, input_shape):
        super().build(input_shape)
        shape = (1, self.layer.kernel.shape[-1])
        self.u = self.add_weight(shape, "random_normal", trainable=False, name="u")

    def call(self, inputs, training=False):
        w = ops.reshape(self.layer.kernel, (-1, self.layer.kernel.shape[-1]))  # (m, n)
        fixed = ops.stop_gradient(w)
        v = ops.normalize(ops.matmul(self.u, ops.transpose(fixed)))  # (1, m)
        u = ops.normalize(ops.matmul(v, fixed))  # (1, n)
        if training:
            self.u.assign(u)
        sigma = ops.maximum(ops.sum(ops.matmul(v, w) * u), 1e-12)  # a kernel of zeros stays one
        bias = self.layer.bias if self.layer.use_bias else 0.0
        return (self.layer(inputs) - bias) / sigma + bias
