"""Studies: one table, nothing trained twice, nothing lost."""

from gannotes import datasets, models, studies
from gannotes.metrics.yardstick import METRICS, Yardstick
from gannotes.studies.runs import COLUMNS
from gannotes.training import GAN, autoencoders
import numpy as np
import pandas as pd
import pytest
from small import POINTS, small_gan

DIGITS = datasets.load("digits")


@pytest.fixture(scope="module")
def yardstick():
    return Yardstick(DIGITS, count=200)


def variants(trained):
    """Two that give real images, more or less noisy; what they train is noted in `trained`."""

    def noisy(name, std):
        def train(seed):
            trained.append((name, seed))
            rng = np.random.default_rng(seed)
            images = DIGITS.images[rng.permutation(len(DIGITS.images))[:150]]
            return np.clip(images + std * rng.standard_normal(images.shape), -1, 1)

        return train

    return {"faint": noisy("faint", 0.05), "loud": noisy("loud", 0.5)}


def test_a_row_a_training(yardstick):
    trained = []
    table = studies.train_variants(variants(trained), 2, yardstick, notebook="00", steps=7)
    assert list(table.columns) == COLUMNS
    assert trained == [("faint", 0), ("faint", 1), ("loud", 0), ("loud", 1)]
    assert list(zip(table.variant, table.seed, strict=True)) == trained
    assert set(table.notebook) == {"00"} and set(table.data_set) == {"digits"}
    assert set(table.steps) == {7} and (table.seconds > 0).all()
    assert np.isfinite(table[list(METRICS)].to_numpy()).all()
    faint, loud = (table[table.variant == name] for name in ("faint", "loud"))
    assert loud.frechet.min() > faint.frechet.max()
    assert loud.precision.max() < faint.precision.min()


def test_goes_on_after_an_interruption(yardstick, tmp_path):
    path, trained = tmp_path / "deep" / "table.csv", []
    calm = variants(trained)

    def interrupted(seed):
        if seed == 1:
            raise KeyboardInterrupt
        return calm["loud"](seed)

    options = {"notebook": "00", "steps": 7, "path": path}
    with pytest.raises(KeyboardInterrupt):
        studies.train_variants(calm | {"loud": interrupted}, 2, yardstick, **options)
    assert len(studies.read_table(path)) == 3
    table = studies.train_variants(calm, 2, yardstick, **options)
    assert trained == [("faint", 0), ("faint", 1), ("loud", 0), ("loud", 1)]  # none twice
    again = studies.train_variants(calm, 2, yardstick, **options)
    assert len(trained) == 4
    pd.testing.assert_frame_equal(table, again)
    fresh = studies.train_variants(variants([]), 2, yardstick, notebook="00", steps=7)
    pd.testing.assert_frame_equal(table.drop(columns="seconds"), fresh.drop(columns="seconds"))


def test_notebooks_share_a_file(yardstick, tmp_path):
    path, trained = tmp_path / "table.csv", []
    faint = {"faint": variants(trained)["faint"]}
    studies.train_variants(faint, 1, yardstick, notebook="00", steps=7, path=path)
    other = studies.train_variants(faint, 1, yardstick, notebook="99", steps=7, path=path)
    longer = studies.train_variants(
        faint, 1, yardstick, notebook="99", steps={"faint": 8}, path=path
    )
    assert len(trained) == len(studies.read_table(path)) == 3
    assert list(other.notebook) == ["99"] and list(longer.steps) == [8]


def test_two_kernels_with_one_study_leave_one_row_a_training(yardstick, tmp_path):
    path = tmp_path / "table.csv"
    faint = variants([])["faint"]
    options = {"notebook": "00", "steps": 7, "path": path}

    def slower(seed):  # another kernel is done with it meanwhile
        studies.train_variants({"faint": faint}, 1, yardstick, **options)
        return faint(seed)

    found = studies.train_variants({"faint": slower}, 1, yardstick, **options)
    assert len(found) == len(studies.read_table(path)) == 1


def test_another_file_is_refused_and_left(yardstick, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("variant,seed\nfaint,0\n")
    with pytest.raises(ValueError, match=r"must have the columns notebook, .*Received: variant, s"):
        studies.train_variants(variants([]), 1, yardstick, notebook="00", steps=7, path=path)
    assert path.read_text() == "variant,seed\nfaint,0\n"


@pytest.mark.parametrize(
    ("chosen", "seeds", "message"),
    [({}, 1, "number of variants must be"), ({"faint": None}, 0, "seeds must be a whole number")],
)
def test_refused_before_any_training(yardstick, chosen, seeds, message):
    with pytest.raises(ValueError, match=message):
        studies.train_variants(chosen, seeds, yardstick, notebook="00", steps=7)


def test_variants_of_models_depend_on_the_seed_alone():
    gan = small_gan()
    vae = autoencoders.VAE(models.mlp_encoder((2,), 6), models.mlp_generator((2,), latent_dim=3))
    vae.compile()
    for model in (gan, vae):
        train = studies.trained(model, POINTS, steps=4, count=10, batch_size=16)
        first, second, again = train(0), train(1), train(0)
        assert first.shape == (10, 2) and model.steps == 4
        assert np.array_equal(first, again) and not np.array_equal(first, second)


def test_variant_of_a_conditional_model():
    generator = models.mlp_generator((2,), 2, (8,), num_classes=3)
    gan = GAN(generator, models.mlp_discriminator((2,), (8,), num_classes=3))
    gan.compile(jit_compile=False)
    labels = np.arange(len(POINTS)) % 3
    train = studies.trained(gan, POINTS, steps=2, count=9, labels=labels, batch_size=16)
    assert train(0).shape == (9, 2)


def test_variant_of_a_model_with_codes():
    generator = models.mlp_generator((2,), 2, (8,), num_classes=3)
    judge = models.mlp_discriminator((2,), (8,), num_classes=3, labels="classifier")
    gan = GAN(generator, judge, codes=True)
    gan.compile(jit_compile=False)
    train = studies.trained(gan, POINTS, steps=2, count=9, batch_size=16)
    assert train(0).shape == (9, 2) and np.array_equal(train(0), train(0))


def test_a_table_holds_several_rows_a_run_and_measures_none_twice(tmp_path):
    path, measured = tmp_path / "table.csv", []

    def measure(name, seed):
        measured.append((name, seed))
        return [{"goal": goal, "value": 1 / 3} for goal in (1, 2)]

    studies.table(path, ["name", "seed"], [("01", 0)], measure, digits=3)
    rows = studies.table(path, ["name", "seed"], [("01", 0), ("01", 1)], measure, digits=3)
    assert measured == [("01", 0), ("01", 1)]
    assert rows.name.tolist() == ["01"] * 4 and rows.goal.tolist() == [1, 2, 1, 2]
    assert path.read_text().splitlines()[:2] == ["name,seed,goal,value", "01,0,1,0.333"]


def test_rows_that_another_process_wrote_meanwhile_stay(tmp_path):
    path = tmp_path / "table.csv"

    def measure(seed):
        if seed == 1:
            studies.table(path, ["seed"], [(7,)], lambda seed: [{"x": seed}])
        return [{"x": seed}]

    rows = studies.table(path, ["seed"], [(0,), (1,)], measure)
    assert sorted(rows.seed) == sorted(pd.read_csv(path).seed) == [0, 1, 7]
