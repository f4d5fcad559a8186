"""Generators, discriminators, encoders and classifiers, as Keras models."""

from gannotes.models.conv import BLOCKS, classifier, conv_discriminator, conv_generator, conv_pair
from gannotes.models.mlp import (
    hidden_layers,
    mlp_discriminator,
    mlp_encoder,
    mlp_generator,
    mlp_pair,
)
from gannotes.models.sparse import (
    dictionary_decoder,
    sparse_coder,
    sparse_encoder,
    sparse_generator,
)
