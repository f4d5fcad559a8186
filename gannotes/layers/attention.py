"""Self-attention over the places of a feature map."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gannotes")
class SelfAttention(keras.layers.Layer):
    """Every place of a feature map looks at every other: x + gate · attention(x).

    x has shape (batch, height, width, channels); its places are the tokens of
    `keras.layers.MultiHeadAttention`. The gate is one trainable number that starts at 0, so that an
    untrained layer passes x on.

    Args:
        heads: of attention; the channels are shared out among them.

    Raises:
        ValueError: the heads do not divide the channels.

    Reference: Zhang et al. 2019 (SAGAN), section 3; there with one head and convolutions of size 1,
        which are the same projections.
    """

    def __init__(self, heads=4, **kwargs):
        super().__init__(**kwargs)
        self.heads = heads

    def build(self, input_shape):
        _, height, width, channels = input_shape
        if channels % self.heads:
            raise ValueError(
                f"heads must divide the channels, {channels}. Received: heads={self.heads}"
            )
        self.attention = keras.layers.MultiHeadAttention(self.heads, channels // self.heads)
        self.attention.build((None, height * width, channels), (None, height * width, channels))
        self.gate = self.add_weight(shape=(), initializer="zeros", name="gate")

    def call(self, inputs):
        tokens = self._tokens(inputs)
        return inputs + self.gate * ops.reshape(self.attention(tokens, tokens), ops.shape(inputs))

    def maps(self, inputs):
        """How much each place looks at each: (batch, heads, places, places); rows sum to 1."""
        tokens = self._tokens(inputs)
        return self.attention(tokens, tokens, return_attention_scores=True)[1]

    def _tokens(self, inputs):
        _, height, width, channels = inputs.shape
        return ops.reshape(inputs, (-1, height * width, channels))

    def get_config(self):
        return {**super().get_config(), "heads": self.heads}
