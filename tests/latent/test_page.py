"""The page of sliders: its pictures are Keras's, from a file, with the network off."""

import json
from pathlib import Path
import re
import sys

from gannotes import files, models, plotting
from gannotes.latent import generators, page
import keras
from keras import layers
from lab import chromium, need_chromium, screenshot
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
import build_kernel

CANVAS = "Array.from(context.getImageData(0, 0, canvas.width, canvas.height).data)"
NEXT_FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def at_random(model):
    """The model with every weight, also batch norms' statistics, away from where it began."""
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            for variable in layer.weights:
                variable.assign(rng.uniform(0.5, 2, variable.shape))
        elif getattr(layer, "bias", None) is not None:
            layer.bias.assign(rng.normal(0, 0.1, layer.bias.shape))
    return model


def chain():
    """Every other layer and option that a page knows."""
    return keras.Sequential([
        keras.Input((3,)), layers.Dense(30), layers.LeakyReLU(0.3), layers.BatchNormalization(),
        layers.Dropout(0.5), layers.Dense(2 * 3 * 5, activation="sigmoid"), layers.Reshape((2, 3, 5)),
        layers.UpSampling2D((2, 1)), layers.Conv2D(6, (3, 2), activation="relu"),
        layers.Conv2DTranspose(7, (2, 3), strides=(1, 3), padding="valid", use_bias=False),
        layers.BatchNormalization(scale=False), layers.ReLU(),
        layers.Conv2DTranspose(4, 3, strides=2, padding="same"), layers.Activation("tanh"),
        layers.Conv2D(3, 4, padding="same"), layers.Activation("tanh"),
    ])  # fmt: skip


def generator(kind):
    if kind == "chain":
        return at_random(chain())
    if kind == "conv":
        return at_random(models.conv_generator((12, 8, 3), 5, widths=(6, 5, 4)))
    return at_random(
        models.mlp_generator((8, 8, 1), 6, widths=(30, 17), batch_norm=True, num_classes=3)
    )


@pytest.fixture(scope="module")
def browser():
    need_chromium()
    with chromium(offline=True) as browser:
        yield browser


@pytest.fixture
def opened(browser, tmp_path):
    """Function that writes a generator's page and opens it; nothing may go wrong in its console."""
    said = []

    def open_page(model, **options):
        path = page.write_page(tmp_path / "latent.html", model, **options)
        tab = browser.new_page()
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("console", lambda message: message.type == "error" and said.append(message.text))
        tab.goto(path.as_uri())
        return tab

    yield open_page
    assert said == []


def shown(tab, model, count=64, columns=8):
    """The page's picture, and Keras's of the same latents and classes."""
    latents = np.array(tab.evaluate("Array.from(latents())")).reshape(count, -1)
    classes = np.array(tab.evaluate("Array.from(classes())"))
    labels = classes if generators.takes_labels(model) else None
    expected = plotting.image_grid(generators.make(model, latents, labels), columns).astype(int)
    pixels = np.array(tab.evaluate(CANVAS)).reshape(*expected.shape[:2], 4)[..., :3]
    return pixels, expected


@pytest.mark.browser
@pytest.mark.parametrize("kernel", page.KERNELS)
@pytest.mark.parametrize("kind", ["mlp", "conv", "chain"])
def test_pictures_equal_keras_within_a_grey_level(opened, kind, kernel, monkeypatch):
    monkeypatch.setattr(page, "KERNELS", [kernel])
    model = generator(kind)
    tab = opened(model)
    pixels, expected = shown(tab, model)
    assert expected.std() > 20  # a picture, not a plane
    assert np.abs(pixels - expected).max() <= 1
    tab.get_by_label("z1").fill("2.5")
    tab.get_by_label("truncation").fill("0.6")
    tab.evaluate(NEXT_FRAME)
    moved, expected = shown(tab, model)
    assert (moved != pixels).any()
    assert np.abs(moved - expected).max() <= 1
    screenshot(tab, f"page-{kind}")


@pytest.mark.browser
def test_buttons_seed_and_class(opened):
    model = generator("mlp")
    tab = opened(model, count=10, columns=4, classes=["a", "b", "c"], title="Mine")
    assert tab.title() == "Mine"
    first = tab.evaluate(CANVAS)
    tab.get_by_label("z0").press("ArrowRight")
    tab.evaluate(NEXT_FRAME)
    assert tab.evaluate(CANVAS) != first
    tab.get_by_role("button", name="reset").click()
    assert tab.evaluate(CANVAS) == first
    tab.get_by_label("class").select_option("c")
    tab.evaluate(NEXT_FRAME)
    assert tab.evaluate("Array.from(classes())") == [2] * 10
    pixels, expected = shown(tab, model, 10, 4)
    assert np.abs(pixels - expected).max() <= 1
    tab.get_by_role("button", name="random").click()
    assert tab.get_by_label("seed").input_value() != "0"
    screenshot(tab, "page-buttons")


@pytest.mark.browser
def test_latents_are_gaussian(opened):
    tab = opened(models.mlp_generator((4, 4, 1), 50, widths=(2,)))
    drawn = np.array(tab.evaluate("Array.from(latents())"))
    assert abs(drawn.mean()) < 0.07 and abs(drawn.std() - 1) < 0.05  # of 3,200; 4 and 4 deviations


@pytest.mark.browser
def test_names_cannot_bring_in_a_script(opened):
    hostile = "</script><script>document.title = 'taken'</script><img src=x onerror=alert(1)>"
    model = models.mlp_generator((4, 4, 1), 2, widths=(2,), num_classes=1)
    tab = opened(
        model, directions=np.eye(2), names=[hostile, "b"], classes=[hostile], title=hostile
    )
    assert tab.title() == re.sub(r"\s+", " ", hostile)
    assert tab.locator("h1").inner_text() == hostile
    assert tab.locator("script").count() == 2 and tab.locator("img").count() == 0


# Without a browser


def test_one_file_without_addresses(tmp_path):
    path = page.write_page(tmp_path / "new" / "latent.html", generator("conv"))
    text = path.read_text("utf-8")
    assert "http" not in text.replace("http-equiv", "")
    assert len(text) < 40_000
    [content] = re.findall(r'<script type="application/json" id="data">(.*)</script>', text)
    assert json.loads(content)["image"] == [12, 8, 3]


def functional(function):
    inputs = keras.Input((4,))
    return keras.Model(inputs, layers.Reshape((2, 2, 1))(function(inputs)))


def twice(inputs):
    dense = layers.Dense(4)
    return dense(dense(inputs))


def on_maps(layer):
    return lambda inputs: layers.Dense(4)(
        layers.Flatten()(layer(layers.Reshape((2, 2, 1))(inputs)))
    )


@pytest.mark.parametrize(
    ("made_by", "received"),
    [
        (lambda x: layers.Add()([x, layers.Dense(4)(x)]), "Add"),
        (lambda x: layers.LayerNormalization()(x), "LayerNormalization"),
        (lambda x: layers.Dense(4, activation="gelu")(x), "'gelu'"),
        (lambda x: layers.ReLU(max_value=1)(x), "max_value"),
        (twice, "used more than once"),
        (on_maps(layers.Conv2DTranspose(1, 3, 2, output_padding=1)), "output_padding"),
        (on_maps(layers.Conv2D(1, 2, strides=2)), "strides (2, 2)"),
        (on_maps(layers.Conv2D(1, 2, dilation_rate=2, padding="same")), "dilation"),
        (on_maps(layers.BatchNormalization(axis=1)), "axis 1"),
        (on_maps(layers.UpSampling2D(2, interpolation="bilinear")), "interpolation"),
    ],
)
def test_other_layers_are_refused_and_the_known_named(made_by, received, tmp_path):
    with pytest.raises(ValueError, match="one chain of Dense, Conv2DTranspose, Conv2D") as caught:
        page.write_page(tmp_path / "latent.html", functional(made_by))
    assert received in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [1e6, np.nan])
def test_weights_beyond_float16_are_refused(size, tmp_path):
    model = models.mlp_generator((4, 4, 1), 2, widths=(2,))
    model.layers[1].bias.assign([size, 0])
    with pytest.raises(ValueError, match="Weights must be finite and at most 65504"):
        page.write_page(tmp_path / "latent.html", model)


def test_kernels_are_what_their_text_says():
    made = build_kernel.kernels()
    assert set(made) == set(page.KERNELS) and len(set(made.values())) == 2
    for name, kernel in made.items():
        assert (files.PACKAGE / "latent" / "page" / name).read_bytes() == kernel


def test_labels_must_stand_behind_the_latents(tmp_path):
    z, label = keras.Input((4,)), keras.Input((), dtype="int32")
    for first in (True, False):
        beside = [z, layers.Embedding(3, 2)(label)][:: 1 if first else -1]
        made = layers.Dense(4, activation="tanh")(layers.Concatenate()(beside))
        conditional = keras.Model([z, label], layers.Reshape((2, 2, 1))(made))
        if first:
            page.write_page(tmp_path / "latent.html", conditional)
        else:
            with pytest.raises(ValueError, match="embedded behind the latents"):
                page.write_page(tmp_path / "other.html", conditional)
