"""One compiled GAN for many recipes: what differs from one to the next is a switch."""

from gannotes import studies
from gannotes.checks import check_choice, check_weight
from gannotes.training import GAN, losses
from gannotes.training.recipe import Recipe
import keras
from keras import ops


class Board:
    """A mixing board: a GAN whose loss, penalties, noise and rates change without a new graph.

    XLA compiles a graph for seconds, and trains a small GAN in one; so recipes that are to be
    compared share a graph, in which all their terms stand, each with a weight. Terms of weight 0
    are computed too: at equal steps the recipes are as if compiled alone, but their seconds are not
    their own.

    ```python
    board = Board(generator, discriminator, steps=800, penalties=("r1", "wgan_gp"))
    board.set(loss="hinge", rate=0.004, r1=0.3)
    board.gan.fit(images, epochs=8, steps_per_epoch=100)
    ```

    Args:
        generator, discriminator, packing: as for `training.GAN`.
        steps: over which rates fall to 0 along a cosine, where they are to fall; without them the
            optimizers have no schedule.
        discriminator_steps: as for `GAN.compile`.
        penalties: names of those that can be switched on.
        noise: whether instance noise can be.
        augment: as for `GAN.compile`; of a batch all images are changed, or none.
        more_losses: beside `losses.LOSSES`, as these are: ``{name: (D's loss, G's loss)}``.
        jit_compile: as for `GAN.compile`.

    Attributes:
        gan: the compiled `training.GAN`.
    """

    def __init__(
        self, generator, discriminator, packing=1, *, steps=None, discriminator_steps=1,
        penalties=("r1",), noise=False, augment=None, more_losses=None, jit_compile="auto",
    ):  # fmt: skip
        self.gan = GAN(generator, discriminator, packing)
        self._losses = losses.LOSSES | (more_losses or {})
        self._loss = {name: _switch(name) for name in self._losses}
        self._decay = {name: _switch(name) for name in ("l1", "l2")}
        self._rates = {name: _switch(f"{name}_rate") for name in ("generator", "discriminator")}
        self._share = _switch("augmented")
        self._floor = _switch("floor")
        self._optional = {*penalties, *(["instance_noise"] if noise else [])}
        self._augment = augment
        self.steps = steps
        self.gan.compile(
            generator_optimizer=self._adam("generator", 1),
            discriminator_optimizer=self._adam("discriminator", discriminator_steps),
            loss=(self._player(0, discriminator), self._player(1, generator)),
            **{name: float(name in penalties) for name in losses.PENALTIES},
            discriminator_steps=discriminator_steps,
            instance_noise=float(noise),
            augment=None if augment is None else self._perhaps,
            jit_compile=jit_compile,
        )
        self.set()

    def set(
        self, loss="nonsaturating", rate=Recipe.discriminator_rate, generator_rate=Recipe.generator_rate,
        falling=True, ema_decay=0.999, l1=0.0, l2=0.0, augmented=0.0, **weights,
    ):  # fmt: skip
        """Chooses a recipe; what is not named is off, or as it is by default.

        Args:
            loss: a name in `losses.LOSSES`, or of the board's more losses.
            rate, generator_rate: of D's Adam and of G's.
            falling: whether rates fall, on a board with `steps`.
            ema_decay: as for `GAN.compile`.
            l1, l2: weights of the sum of the sizes, and of half the squares, of each network's
                kernels, added to its loss.
            augmented: share of batches that D sees augmented.
            **weights: of penalties, and of ``instance_noise``.

        Raises:
            ValueError: an unknown name, a weight out of range, or a term that is not on the board.
        """
        for name in weights:
            check_choice("term of the board", name, sorted(self._optional))
        if augmented and self._augment is None:
            raise ValueError("This board was made without augmentation")
        for name, value in (("generator", generator_rate), ("discriminator", rate)):
            self._rates[name].assign(check_weight(f"{name}'s rate", value))
            if self.steps is None:
                getattr(self.gan, f"{name}_optimizer").learning_rate = value
        for name, value in (("l1", l1), ("l2", l2)):
            self._decay[name].assign(check_weight(name, value))
        self._floor.assign(0.0 if falling else 1.0)
        self._share.assign(check_weight("augmented", augmented, maximum=1))
        self.gan.set(
            ema_decay=ema_decay, **{name: weights.get(name, 0.0) for name in self._optional}
        )
        self.choose_loss(loss)

    def choose_loss(self, loss):
        """Switches to another loss, and changes nothing else."""
        check_choice("loss", loss, self._losses)
        for name, switch in self._loss.items():
            switch.assign(float(name == loss))

    def trained(self, images, count=1000, batch_size=64, **recipe):
        """A variant for `studies.train_variants`: this recipe, trained anew with each seed.

        Args:
            images, count, batch_size: as for `studies.trained`.
            **recipe: as for `set`.

        Raises:
            ValueError: the board has no `steps`.
        """
        if self.steps is None:
            raise ValueError("trained needs steps: make the board with them")
        train = studies.trained(self.gan, images, self.steps, count, batch_size=batch_size)

        def run(seed):
            self.set(**recipe)
            return train(seed)

        return run

    def _adam(self, player, updates_a_step):
        rate = 0.001  # until `set`
        if self.steps is not None:
            schedule = keras.optimizers.schedules.CosineDecay
            rate = schedule(self._rates[player], self.steps * updates_a_step, alpha=self._floor)
        return keras.optimizers.Adam(rate, beta_1=Recipe.beta_1)

    def _player(self, side, network):
        """The loss of one network: D's, side 0, or G's, side 1."""

        def loss(real_scores, fake_scores):
            terms = {
                name: pair[side](real_scores, fake_scores) for name, pair in self._losses.items()
            }
            total = sum(self._loss[name] * term for name, term in terms.items())
            kernels = [v for v in network.trainable_variables if len(v.shape) > 1]
            total = total + self._decay["l1"] * sum(ops.sum(ops.abs(w)) for w in kernels)
            return total + self._decay["l2"] * sum(ops.sum(ops.square(w)) for w in kernels) / 2

        return loss

    def _perhaps(self, images, seed):
        heads = ops.cast(keras.random.uniform((), seed=seed) < self._share, "float32")
        return heads * self._augment(images, seed) + (1 - heads) * images


def _switch(name):
    return keras.Variable(0.0, trainable=False, name=name)
