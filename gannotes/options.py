"""What a GAN may be made and compiled of, checked before any work."""

from gannotes import losses
from gannotes.checks import check_choice
import keras


def check_networks(generator, discriminator, packing):
    """Raises ValueError unless the two can play: built, trainable, and fitting together."""
    for what, network in (("generator", generator), ("discriminator", discriminator)):
        if not isinstance(network, keras.Model) or not network.built:
            raise ValueError(f"The {what} must be a built keras.Model. Received: {network!r}")
        if not network.trainable_variables:
            raise ValueError(
                f"The {what} has no trainable weights, so it could not move in training"
            )
    if len(generator.outputs) != 1 or len(generator.inputs) > 2:
        raise ValueError(
            "The generator must map latents, or latents and labels, to images. "
            f"Received: {len(generator.inputs)} inputs and {len(generator.outputs)} outputs"
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


def as_optimizer(what, optimizer):
    """The optimizer given, or Adam; raises ValueError if it is none, or already in use."""
    if optimizer is None:
        return keras.optimizers.Adam(learning_rate=0.001, beta_1=0.5)
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise ValueError(f"{what} must be a keras.optimizers.Optimizer. Received: {optimizer!r}")
    if optimizer.built:
        raise ValueError(f"{what} already trains other weights; make a new one")
    return optimizer


def as_loss_pair(loss):
    """The discriminator's and the generator's loss, of a name or as given."""
    if isinstance(loss, str):
        check_choice("loss", loss, losses.LOSSES)
        return losses.LOSSES[loss]
    discriminator_loss, generator_loss = loss
    return discriminator_loss, generator_loss


def has_convolution(model):
    """Whether any layer convolves."""
    return any("Conv" in type(layer).__name__ for layer in model._flatten_layers())
