"""What networks must be, to play a game or to be trained at all."""

from gannotes.checks import check_choice, check_flag, check_network, check_weight
from gannotes.training import losses
import keras
from keras import ops
import numpy as np


def check_networks(generator, discriminator, packing):
    """Raises ValueError unless the two can play: built, trainable, and fitting together."""
    for what, network in (("generator", generator), ("discriminator", discriminator)):
        check_network(what, network)
        if not isinstance(network, keras.Sequential) and isinstance(network.input, dict):
            raise ValueError(
                f"The {what} must take its inputs in a list, not by name: give "
                f"keras.Model([…], network.outputs). Received: inputs {', '.join(network.input)}"
            )
        dtypes = {layer.compute_dtype for layer in network._flatten_layers()}
        if wrong := sorted(dtypes & {"float16", "float64"}):
            raise ValueError(
                f"The {what} must compute in float32, or mixed_bfloat16: losses are not scaled for "
                f"float16, and images are not float64. Received: {wrong[0]}"
            )
        if not network.trainable_variables:
            raise ValueError(
                f"The {what} has no trainable weights, so it could not move in training"
            )
    shared = {id(v) for v in generator.variables} & {id(v) for v in discriminator.variables}
    if shared:
        names = [v.path for v in generator.variables if id(v) in shared]
        raise ValueError(
            "Generator and discriminator must share no weights: both would move them. "
            f"Received: {', '.join(names)}"
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
    for what, network in (("generator", generator), ("discriminator", discriminator)):
        given = [(keras.backend.is_float_dtype(x.dtype), len(x.shape)) for x in network.inputs]
        labels = [tuple(x.shape[1:]) for x in network.inputs[1:]]
        if labels and (not given[0][0] or labels[0] not in ((), (1,)) or given[0][1] == 1):
            first = "latents" if what == "generator" else "images"
            raise ValueError(
                f"The {what} must take [{first}, labels], in this order; labels have shape "
                f"(batch,). Received: inputs of shapes {[tuple(x.shape) for x in network.inputs]}"
            )
    if len(generator.outputs[0].shape) not in (2, 4):
        raise ValueError(
            "The generator must make images (batch, height, width, channels), or points (batch, "
            f"features). Received: outputs of shape {tuple(generator.outputs[0].shape)}"
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
    if not keras.Model(discriminator.inputs, discriminator.outputs[0]).trainable_variables:
        raise ValueError(
            "The discriminator's score must depend on trainable weights. Received: none"
        )
    if packing > 1 and (len(discriminator.inputs) > 1 or len(shapes) > 1):
        raise ValueError(f"packing and labels do not go together. Received: packing={packing}")
    scores = _scores_of_noise(discriminator)
    if scores.min() >= 0 and scores.max() <= 1:
        raise ValueError(
            "The discriminator must give scores, before any sigmoid: the losses apply it. Received: "
            f"scores of large noise from {scores.min():.3g} to {scores.max():.3g}"
        )


def _scores_of_noise(discriminator):
    """Scores of 16 images of noise, so large that none is near 0."""
    noise = np.random.default_rng(0).normal(0, 1e4, (16, *discriminator.inputs[0].shape[1:]))
    labels = [np.zeros((16, *x.shape[1:]), x.dtype) for x in discriminator.inputs[1:]]
    given = [noise.astype("float32"), *labels] if labels else noise.astype("float32")
    return ops.convert_to_numpy(keras.tree.flatten(discriminator(given, training=False))[0])


def clone(network):
    """A copy with weights of its own; a `Lambda`, which has none, and runs here anyway, is shared."""

    def copied(layer):
        if isinstance(layer, keras.layers.Lambda):
            return layer
        try:
            return layer.__class__.from_config(layer.get_config())
        except Exception as error:  # a Lambda in a wrapper, a layer without get_config
            raise ValueError(
                "G is copied for its average, and both for new weights: each layer must come back "
                f"from its get_config. Received: {layer!r}, and {type(error).__name__}: {error}"
            ) from error

    return keras.models.clone_model(network, clone_function=copied, recursive=True)


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


def check_functions(recipe, image_shape, discriminator):
    """Raises ValueError unless losses give a number, and `augment` images like those that it takes."""
    scores, images = ops.zeros((2, 1)), ops.zeros((2, *image_shape))
    outputs = [discriminator.get_layer(name).output for name in recipe.feature_layers]
    features = [ops.zeros((2, *x.shape[1:])) for part in outputs for x in keras.tree.flatten(part)]
    tried = [("loss", loss, (scores, scores), ()) for two in recipe.losses.values() for loss in two]
    tried += [("feature_loss", x, (features,) * 2, ()) for x in recipe.feature_losses.values()]
    if recipe.augment is not None:
        given = images, keras.random.SeedGenerator(0)
        tried.append(("augment", recipe.augment, given, tuple(images.shape)))
    for what, function, given, wanted in tried:
        try:
            shape = tuple(ops.shape(function(*given)))
        except Exception as error:
            shape = f"{type(error).__name__}: {error}"
        if shape != wanted:
            told = f"of images of shape {wanted} such images" if wanted else "a number"
            raise ValueError(f"{what} must give {told}. Received: {shape}")


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
