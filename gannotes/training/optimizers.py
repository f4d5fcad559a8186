"""Optimizers: Adam with a rate that falls, Muon for every kernel, and checks of those given."""

from gannotes.checks import check_count, check_weight
import keras
from keras import ops
from keras.optimizers import Adam, Optimizer
from keras.optimizers.schedules import CosineDecay

RMS = 0.8  # of a step of a kernel, in learning rates; Adam's are some 0.2


class Muon(keras.optimizers.Muon):
    """Muon for kernels of convolutions, too, which Keras leaves to Adam.

    A kernel (..., in, out) is a matrix of `out` columns. Its momentum is brought near to UVᵀ, where
    UΣVᵀ is its singular value decomposition: each direction moves as far as each other. A step has
    a root mean square of `RMS` times the rate. Biases, normalizations, embeddings and the layers in
    `adam_layers` (names; as a rule each network's last) have Adam.

    Reference: Jordan et al. 2024 (kjordan.com/posts/muon); Liu et al. 2025 (size of a step).
    """

    def __init__(self, learning_rate=0.004, momentum=0.5, adam_layers=()):
        decay = {"weight_decay": None, "adam_weight_decay": None}
        super().__init__(
            learning_rate, adam_beta_1=momentum, momentum=momentum, rms_rate=None, **decay
        )
        self.adam_layers = tuple(adam_layers)

    def _should_use_adamw(self, variable):
        in_adam_layer = not set(variable.path.split("/")).isdisjoint(self.adam_layers)
        return len(variable.shape) < 2 or in_adam_layer or "embedding" in variable.path

    def zeropower_via_newtonschulz5(self, x, steps):
        """The matrix near UVᵀ, with the root mean square that a step has."""
        matrix = super().zeropower_via_newtonschulz5(ops.reshape(x, (-1, x.shape[-1])), steps)
        return ops.reshape(RMS * max(matrix.shape) ** 0.5 * matrix, x.shape)

    def get_config(self):
        """What makes this optimizer anew."""
        config = super().get_config()
        kept = {name: config[name] for name in ("learning_rate", "momentum")}
        return kept | {"adam_layers": self.adam_layers}


OPTIMIZERS = ("adam", "muon")


def make_optimizer(kind, network, rate, momentum):
    """A new "adam" or "muon" for a network."""
    if kind == "adam":
        return Adam(rate, momentum)
    last = [layer.name for layer in network.layers if layer.weights][-1:]
    return Muon(rate, momentum, last)


def adam(rate, updates=None, beta_1=0.5):
    """Adam whose rate falls to 0 along a cosine over so many updates; or stays, without them."""
    check_weight("learning rate", rate)
    if updates is not None:
        check_count("updates", updates)
        rate = CosineDecay(rate, updates)
    return Adam(rate, check_weight("beta_1", beta_1, maximum=1))


def check_optimizer(what, optimizer):
    """Raises ValueError unless this is None or a Keras optimizer with a rate that is possible."""
    if optimizer is None:
        return
    if not isinstance(optimizer, Optimizer):
        raise ValueError(f"{what} must be a keras.optimizers.Optimizer. Received: {optimizer!r}")
    scales = isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    if scales or optimizer.loss_scale_factor:
        raise ValueError(
            f"{what} expects losses that were scaled, and none is scaled here: no LossScaleOptimizer, "
            f"no loss_scale_factor. Received: {optimizer.name}"
        )
    if optimizer.gradient_accumulation_steps:
        raise ValueError(
            f"{what} must move its network in each step: take a larger batch_size in place of "
            f"gradient_accumulation_steps. Received: {optimizer.gradient_accumulation_steps}"
        )
    if optimizer.use_ema:
        raise ValueError(
            f"{what} must not average weights by itself: a GAN averages those of G, by ema_decay. "
            "Received: use_ema=True"
        )
    if not has_schedule(optimizer):
        check_weight(f"learning rate of {what}", float(optimizer.learning_rate.numpy()))


def as_optimizer(what, optimizer, beta_1=0.5):
    """The optimizer given, checked, or Adam with learning rate 0.001."""
    check_optimizer(what, optimizer)
    check_unused(what, optimizer)
    return optimizer or adam(0.001, beta_1=beta_1)


def check_unused(what, optimizer):
    """Raises ValueError if an optimizer trains other weights already."""
    if optimizer is not None and optimizer.built:
        raise ValueError(f"{what} already trains other weights; make a new one")


def has_schedule(optimizer):
    """Whether an optimizer's learning rate follows a schedule, so that nobody else can set it."""
    return not isinstance(optimizer.learning_rate, keras.Variable)
