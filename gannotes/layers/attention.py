"""Self-attention over the places of a feature map."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("gannotes")
class SelfAttention(keras.layers.Layer):
    """Every place of a feature map looks at every other: x + attention(norm(x) + place).

    x has shape (batch, height, width, channels). Its places, each normalized over the channels and
    with a trained vector of its own, are the tokens of `keras.layers.MultiHeadAttention`, whose
    `heads` share out the channels.

    Differs from SAGAN (Zhang et al. 2019, section 3): normalized before, as in transformers, with
    places, and without a gate that starts at 0.
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
        tokens = (None, height * width, channels)
        self.norm = keras.layers.LayerNormalization()
        self.norm.build(tokens)
        self.places = self.add_weight(
            shape=tokens[1:], initializer=keras.initializers.RandomNormal(stddev=0.3), name="places"
        )
        self.attention = keras.layers.MultiHeadAttention(self.heads, channels // self.heads)
        self.attention.build(tokens, tokens)

    def call(self, inputs):
        tokens = self._tokens(inputs)
        return inputs + ops.reshape(self.attention(tokens, tokens), ops.shape(inputs))

    def maps(self, inputs):
        """How much each place looks at each: (batch, heads, places, places); rows sum to 1."""
        tokens = self._tokens(inputs)
        return self.attention(tokens, tokens, return_attention_scores=True)[1]

    def _tokens(self, inputs):
        _, height, width, channels = inputs.shape
        flat = ops.reshape(inputs, (-1, height * width, channels))
        return self.norm(flat) + self.places
