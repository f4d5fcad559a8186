"""`Recipe`: every option of a GAN's training, with its meaning and its default."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
import math

from gannotes.checks import check_choice, check_count, check_flag, check_function, check_weight
from gannotes.training import losses
from gannotes.training.optimizers import OPTIMIZERS, check_optimizer
import keras
from keras.optimizers import Optimizer

CHECKS = {int: check_count, bool: check_flag, Callable | None: check_function}  # by type


def _option(default, help, settable=None, maximum=math.inf):
    """A field, at most `maximum`; `GAN.set` can change it "always", or "if compiled" above 0."""
    metadata = {"help": help, "settable": settable, "maximum": maximum}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a GAN is trained; by default with R1, and with a D that learns four times as fast as G.

    ```python
    gan.compile(Recipe(loss="hinge", steps=5000))
    ```

    Reference: Karras et al. 2020 (lazy regularization); Sønderby et al. 2017 (instance noise); Zhao
        et al. 2020 (augmentation); Salimans et al. 2016 (feature matching); Odena et al. 2017
        (auxiliary classifier); Korpelevich 1976, Gidel et al. 2019 (extragradient).
    """

    loss: str | tuple | dict = _option(
        "nonsaturating",
        "a name in losses.LOSSES; or a pair of functions (D's loss, G's loss) of (real_scores, "
        "fake_scores); or {name: such a loss}, of which the first counts until GAN.set chooses",
    )
    optimizer: str = _option(
        "adam", "of both networks: adam; or muon, with which convolutions learn in fewer steps"
    )
    generator_rate: float = _option(0.002, "G's learning rate")
    discriminator_rate: float = _option(0.008, "D's learning rate")
    beta_1: float = _option(0.5, "momentum of both optimizers", maximum=1)
    steps: int | None = _option(None, "over which both rates fall to 0 along a cosine, if any")
    generator_optimizer: Optimizer | None = _option(None, "in place of G's, and of its rate")
    discriminator_optimizer: Optimizer | None = _option(None, "in place of D's, and of its rate")
    r1: float = _option(0.6, "weight of the penalty on slopes at reals", "if compiled")
    r2: float = _option(0.0, "weight of the penalty on slopes at fakes", "if compiled")
    wgan_gp: float = _option(0.0, "weight of WGAN-GP's penalty", "if compiled")
    penalty_every: int = _option(
        1, "updates of D from one penalty to the next; its weight is multiplied by them"
    )
    discriminator_steps: int = _option(1, "updates of D, each on a new batch, for one of G")
    simultaneous: bool = _option(False, "both slopes are taken before either network moves")
    extragradient: bool = _option(
        False, "both take a step, look at the slopes there, go back, and move along those"
    )
    instance_noise: float = _option(
        0.0, "standard deviation of Gaussian noise on all that D sees", "if compiled"
    )
    augment: Callable | None = _option(
        None, "function of (images, seed), as in augmentation, on all that D sees"
    )
    feature_loss: Callable | dict | None = _option(
        None,
        "function of (real_features, fake_features), added to G's loss; or {name: such a "
        "function}, of which the first counts until GAN.set chooses",
    )
    feature_layers: tuple = _option((), "names of D's layers that give these features")
    feature_weight: float = _option(1.0, "weight of feature_loss", "always")
    class_weight: float = _option(
        1.0, "weight of an auxiliary classifier's loss, for both networks", "always"
    )
    ema_decay: float = _option(
        0.999,
        "share of G's moving average that a step keeps; step n keeps at most (1 + n) / (10 + n)",
        "always",
        maximum=1,
    )
    jit_compile: bool | str = _option(
        "auto", "whether XLA compiles the steps; auto: where no network has convolutions"
    )

    def __post_init__(self):
        for option in fields(self):
            name, value = option.name, getattr(self, option.name)
            if option.type is float:
                weight = check_weight(name, value, option.metadata["maximum"])
                object.__setattr__(self, name, weight)
            elif option.type in CHECKS:
                CHECKS[option.type](name, value)
        check_flag("jit_compile", self.jit_compile, "auto")
        check_choice("optimizer", self.optimizer, OPTIMIZERS)
        object.__setattr__(self, "feature_layers", tuple(self.feature_layers))
        _ = self.losses  # raises where one is unknown
        for function in self.feature_losses.values():
            check_function("feature_loss", function)
        self._check_optimizers()
        if self.simultaneous + self.extragradient + (self.discriminator_steps > 1) > 1:
            raise ValueError(
                "simultaneous and extragradient updates have one step of D for one of G, and "
                f"exclude each other. Received: discriminator_steps={self.discriminator_steps}, "
                f"simultaneous={self.simultaneous}, extragradient={self.extragradient}"
            )
        if self.extragradient and self.penalty_every > 1:
            raise ValueError(
                "extragradient looks at the same loss twice: penalty_every must be 1. "
                f"Received: {self.penalty_every}"
            )
        if self.feature_loss is None and self.feature_weight != 1:
            raise ValueError(
                f"feature_weight is for a feature_loss, and there is none. Received: {self.feature_weight}"
            )
        if (self.feature_loss is None) != (len(self.feature_layers) == 0):
            raise ValueError(
                "feature_loss and feature_layers go together. "
                f"Received: {self.feature_loss!r} and {self.feature_layers!r}"
            )

    def _check_optimizers(self):
        pair = self.generator_optimizer, self.discriminator_optimizer
        for name, optimizer in zip(("generator", "discriminator"), pair, strict=True):
            check_optimizer(f"{name}_optimizer", optimizer)
        if self.beta_1 == 1:
            raise ValueError("beta_1 must be less than 1: with 1 nothing would move. Received: 1.0")
        if self.optimizer != "adam" and None not in pair:
            raise ValueError(
                "optimizer is for networks whose own is not given, and both were. "
                f"Received: {self.optimizer!r}"
            )
        if pair[0] is not None and pair[0] is pair[1]:
            raise ValueError("generator_optimizer and discriminator_optimizer must be two objects")
        if self.steps is not None:
            check_count("steps", self.steps)
            if None not in pair:
                raise ValueError(
                    "steps is for optimizers that are not given, and both were. "
                    f"Received: {self.steps}"
                )

    @property
    def losses(self):
        """``{name: (discriminator's loss, generator's loss)}``, the one that counts first."""
        return {name: as_loss_pair(loss) for name, loss in _several("loss", self.loss).items()}

    @property
    def feature_losses(self):
        """``{name: function}``, the one that counts first; empty where there are none."""
        return {} if self.feature_loss is None else _several("feature_loss", self.feature_loss)

    @property
    def terms(self):
        """Names of the weights in the graph of a GAN compiled so, which `GAN.set` can change."""
        settable = {option.name: option.metadata["settable"] for option in fields(self)}
        return [
            name
            for name, when in settable.items()
            if when == "always" or (when == "if compiled" and getattr(self, name) > 0)
        ]

    @property
    def penalties(self):
        """``{name: weight}`` of the penalties on D's slope that have a weight."""
        return {name: getattr(self, name) for name in losses.PENALTIES if getattr(self, name) > 0}


def _several(option, value):
    """``{name: loss}`` of an option that may have several losses."""
    return value if isinstance(value, dict) and value else {option: value}


def as_loss_pair(loss):
    """The discriminator's and the generator's loss, of a name or as given."""
    if isinstance(loss, str):
        check_choice("loss", loss, losses.LOSSES)
        return losses.LOSSES[loss]
    if not (isinstance(loss, tuple | list) and len(loss) == 2 and all(map(callable, loss))):
        raise ValueError(
            f"loss must be one of {', '.join(losses.LOSSES)}, or a pair of functions (the "
            f"discriminator's loss, the generator's), or a dict of such. Received: {loss!r}"
        )
    for function in loss:
        names = getattr(getattr(function, "__code__", None), "co_varnames", ())[:2]
        if isinstance(function, keras.losses.Loss) or names == ("y_true", "y_pred"):
            raise ValueError(
                "A loss is a function of (real_scores, fake_scores), not of (y_true, y_pred): "
                "D's cross-entropy is mean(softplus(-real)) + mean(softplus(fake)). "
                f"Received: {function!r}"
            )
    return tuple(loss)
