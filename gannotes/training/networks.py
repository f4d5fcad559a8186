"""What networks must be, to play a game or to be trained at all."""

from gannotes.checks import check_choice, check_flag, check_weight
from gannotes.training import losses
import keras


def check_networks(generator, discriminator, packing):
    """Raises ValueError unless the two can play: built, trainable, and fitting together."""
    for what, network in (("generator", generator), ("discriminator", discriminator)):
        if not isinstance(network, keras.Model) or not getattr(network, "outputs", None):
            raise ValueError(
                f"The {what} must be a built keras.Model, functional or sequential. "
                f"Received: {network!r}"
            )
        if network.compute_dtype == "float16":
            raise ValueError(
                f"The {what} computes in float16, which needs its losses scaled; this engine does "
                "not scale them. Use mixed_bfloat16 or float32"
            )
        if not network.trainable_variables:
            raise ValueError(
                f"The {what} has no trainable weights, so it could not move in training"
            )
    if len(generator.outputs) != 1 or len(generator.inputs) > 2:
        raise ValueError(
            "The generator must map latents, or latents and labels, to images. "
            f"Received: {len(generator.inputs)} inputs and {len(generator.outputs)} outputs"
        )
    if len(discriminator.inputs) > 2:
        raise ValueError(
            "The discriminator must take images, or images and labels. "
            f"Received: {len(discriminator.inputs)} inputs"
        )
    if getattr(discriminator.layers[-1], "activation", None) is keras.activations.sigmoid:
        raise ValueError(
            "The discriminator must give scores, before any sigmoid: the losses apply it. "
            "Received: a last layer with a sigmoid"
        )
    *made, channels = generator.outputs[0].shape[1:]
    made, judged = (*made, packing * channels), tuple(discriminator.inputs[0].shape[1:])
    if made != judged:
        raise ValueError(
            "The discriminator must take the images that the generator makes. "
            f"Received: images of shape {made}, and a discriminator of images of shape {judged}"
        )
    shapes = [tuple(output.shape[1:]) for output in discriminator.outputs]
    if shapes[0] != (1,) or len(shapes) > 2:
        raise ValueError(
            "The discriminator must give one score an image, shape (batch, 1), and perhaps class "
            f"logits. Received: outputs of shapes {shapes}"
        )
    if packing > 1 and (len(discriminator.inputs) > 1 or len(shapes) > 1):
        raise ValueError(f"packing and labels do not go together. Received: packing={packing}")


def check_codes(codes, generator, discriminator):
    """Raises ValueError unless codes, where there are any, are taken by G and told by D alone."""
    check_flag("codes", codes)
    takes = len(generator.inputs), len(discriminator.inputs), len(discriminator.outputs)
    if codes and takes != (2, 1, 2):
        raise ValueError(
            "Codes need a generator of [latents, labels], and a discriminator of images alone that "
            "gives [scores, class logits]. Received: inputs of G, inputs and outputs of D: "
            f"{', '.join(map(str, takes))}"
        )


def count_classes(generator, discriminator):
    """Classes that networks of labels know: the fewest of any embedding or classifier."""
    known = [
        layer.input_dim
        for network in (generator, discriminator)
        for layer in network._flatten_layers()
        if isinstance(layer, keras.layers.Embedding)
    ]
    known += [output.shape[-1] for output in discriminator.outputs[1:]]
    if not known:
        raise ValueError(
            "A network that takes labels must have a keras.layers.Embedding for them, so that their "
            "number is known. Received: none"
        )
    return min(known)


def check_penalties(penalties, discriminator):
    """Returns ``{name: weight}`` of penalties; raises ValueError if one is unknown or cannot work."""
    for name, weight in penalties.items():
        check_choice("penalty", name, losses.PENALTIES)
        check_weight(name, weight)
    layers = discriminator._flatten_layers()
    normalized = any(isinstance(layer, keras.layers.BatchNormalization) for layer in layers)
    if penalties and normalized:
        raise ValueError(
            "Penalties on D's slope need a discriminator without batch normalization: with it, an "
            "image's score depends on the others of its batch. r1=0 switches the default one off"
        )
    return penalties
