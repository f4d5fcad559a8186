"""What a GAN may be made and compiled of, checked before any work; and the recipe by default."""

from types import MappingProxyType

from gannotes.checks import (
    check_choice,
    check_count,
    check_flag,
    check_function,
    check_weight,
)
from gannotes.training import losses
import keras

BETA_1 = 0.5
RECIPE = MappingProxyType(  # the best of notebook 02's laboratory: D's rate, G's, weight of R1
    {"rate": 0.008, "generator_rate": 0.002, "r1": 0.6}
)


def check_float32(networks):
    """Raises ValueError if one of the networks, by name, computes in another precision."""
    for what, network in networks.items():
        if network.compute_dtype != "float32":
            raise ValueError(
                f"The {what} must compute in float32. Received: {network.compute_dtype}"
            )


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


def adam(rate, updates=None, beta_1=BETA_1):
    """Adam whose rate falls to 0 along a cosine over so many updates; or stays, without them."""
    check_weight("learning rate", rate)
    if updates is not None:
        check_count("steps", updates)
        rate = keras.optimizers.schedules.CosineDecay(rate, updates)
    return keras.optimizers.Adam(rate, check_weight("beta_1", beta_1, maximum=1))


def as_optimizer(what, optimizer, rate=0.001, updates=None, beta_1=BETA_1):
    """The optimizer given, or `adam`; raises ValueError if it is none, or already in use."""
    if optimizer is None:
        return adam(rate, updates, beta_1)
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise ValueError(f"{what} must be a keras.optimizers.Optimizer. Received: {optimizer!r}")
    if optimizer.built:
        raise ValueError(f"{what} already trains other weights; make a new one")
    if isinstance(optimizer._learning_rate, keras.Variable):  # not a schedule
        check_weight(f"learning rate of {what}", float(optimizer._learning_rate.numpy()))
    return optimizer


def as_optimizers(generator_optimizer, discriminator_optimizer, steps, discriminator_steps):
    """Both players' optimizers: those given, or RECIPE's, whose rates fall over so many steps."""
    if steps is not None and None not in (generator_optimizer, discriminator_optimizer):
        raise ValueError(
            f"steps is for the default optimizers, and both were given. Received: {steps}"
        )
    updates = None if steps is None else steps * discriminator_steps
    pair = (
        as_optimizer("generator_optimizer", generator_optimizer, RECIPE["generator_rate"], steps),
        as_optimizer("discriminator_optimizer", discriminator_optimizer, RECIPE["rate"], updates),
    )
    if pair[0] is pair[1]:
        raise ValueError("generator_optimizer and discriminator_optimizer must be two objects")
    return pair


def check_updates(discriminator_steps, simultaneous):
    """Raises ValueError unless the players can take turns, or move at once, in this way."""
    check_count("discriminator_steps", discriminator_steps)
    check_flag("simultaneous", simultaneous)
    if simultaneous and discriminator_steps > 1:
        raise ValueError(
            "simultaneous updates have one step of D for one of G. "
            f"Received: discriminator_steps={discriminator_steps}"
        )


def check_feature_loss(feature_loss, feature_layers, discriminator):
    """Raises ValueError unless there is a loss of D's features, with layers that it has, or neither."""
    check_function("feature_loss", feature_loss)
    if (feature_loss is None) != (len(feature_layers) == 0):
        raise ValueError(
            "feature_loss and feature_layers go together. "
            f"Received: {feature_loss!r} and {feature_layers!r}"
        )
    known = [layer.name for layer in discriminator.layers]
    for name in feature_layers:
        check_choice("layer of the discriminator", name, known)


def as_loss_pair(loss):
    """The discriminator's and the generator's loss, of a name or as given."""
    if isinstance(loss, str):
        check_choice("loss", loss, losses.LOSSES)
        return losses.LOSSES[loss]
    if not (isinstance(loss, tuple | list) and len(loss) == 2 and all(map(callable, loss))):
        raise ValueError(
            f"loss must be one of {', '.join(losses.LOSSES)}, or a pair of functions (the "
            f"discriminator's loss, the generator's). Received: {loss!r}"
        )
    return tuple(loss)


def check_penalties(penalties, discriminator, every=1):
    """Returns ``{name: weight}`` of penalties; raises ValueError if one is unknown or cannot work."""
    penalties = {} if penalties is None else penalties
    check_count("penalty_every", every)
    if not isinstance(penalties, dict):
        raise ValueError(f'penalties must be a dict, as {{"r1": 0.1}}. Received: {penalties!r}')
    for name, weight in penalties.items():
        check_choice("penalty", name, losses.PENALTIES)
        check_weight(name, weight)
    if every > 1 and not penalties:
        raise ValueError(f"penalty_every is for penalties, and there are none. Received: {every}")
    if penalties and any(
        isinstance(layer, keras.layers.BatchNormalization)
        for layer in discriminator._flatten_layers()
    ):
        raise ValueError(
            "Penalties on D's slope need a discriminator without batch normalization: with it, an "
            "image's score depends on the others of its batch. penalties={} switches them off"
        )
    return penalties


def count_classes(generator, discriminator):
    """Classes that networks of labels know: the fewest of any embedding or classifier of theirs.

    Raises:
        ValueError: they have neither, so that nobody knows which labels are allowed.
    """
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
