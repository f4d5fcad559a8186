"""Every widget in JupyterLab in Chromium, under keys and clicks."""

import re
import time

from lab import (
    chromium,
    lab,
    need_chromium,
    notebook_of,
    picture,
    run_all,
    screenshot,
    wait_for,
    widget,
)
from playwright.sync_api import expect
import pytest

need_chromium()
pytestmark = pytest.mark.browser

LATENT = "Each slider shifts every image along one latent coordinate"
FILM = "Points on the plane"
STEPPER = "The game, half a step at a time"
TRAINER = "Training under the hand"
DAMAGE = "Damage the images, and watch the metrics"
FEATURES = "Walk a factor, and watch the features of the generator's nearest image"
ATTENTION = "Where a place looks"
CODES = "Switch atoms off, change their weights"
RANK = "Cut every kernel of the generator to this rank"
CANVAS = "Draw here"
CELLS = [
    """
from gannotes import datasets, models, plotting, training, widgets
from gannotes.training import losses
import numpy as np
plotting.use_style()
widgets.LatentExplorer(models.mlp_generator((8, 8, 1), 4, (16,), num_classes=3), count=12)
""",
    """
ring = datasets.load("ring", std=0.1, count=500)
pictures = [
    plotting.figure_picture(plotting.plot_game(2.0, None, ring.images[:200], shift * ring.images))
    for shift in (0.2, 0.5, 1.0)
]
widgets.TrainingExplorer([0, 10, 20], pictures, ["early", "middle", "late"], title="Points on the plane")
""",
    """
widgets.GameStepper(ring.images)
""",
    """
digits = datasets.load("digits")
gan = training.GAN(
    models.mlp_generator(digits.shape, 8, (32,)), models.mlp_discriminator(digits.shape, (32, 16))
)
layers, shares = models.hidden_layers(gan.discriminator), {}

def choose_layer(name):
    shares.update({layer: float(name in ("all", layer)) for layer in layers})

gan.compile(
    r1=0.1, feature_loss=losses.cosine_matching, feature_layers=layers,
    jit_compile=False,
)
widgets.LiveTrainer(
    gan, digits.images, steps=10_000, every=20, choices={"layer": (["all", *layers], choose_layer)},
    measure=lambda images: {"r1": gan.recipe.r1, "feature_weight": gan.recipe.feature_weight} | {"matched layers": sum(shares.values())},
)
""",
    """
from gannotes.metrics import damage, yardstick
pool = damage.Pool(digits.held_out_images, digits.held_out_labels, digits.images)
ruler = yardstick.Yardstick(digits, count=100)
fair = [list(ruler.measure(damage.noise(pool, 90, 0.0, rng)).values())
        for rng in map(np.random.default_rng, range(5))]
widgets.DamageExplorer(pool, ruler, np.mean(fair, axis=0), np.std(fair, axis=0), count=90)
""",
    """
pictures = datasets.load("shapes16", count=60).images
widgets.FeatureExplorer(pictures, pictures)
""",
    """
strips = datasets.load("twins", count=4).images
maps = np.random.default_rng(0).uniform(size=(4, 2, 2, 8, 2, 8))
widgets.AttentionExplorer(strips, maps)
""",
    """
from gannotes.models import atoms
components = atoms.principal(digits.images, 24)
widgets.CodeExplorer(components, digits.images[:9], active=5, shown=6)
""",
    """
widgets.RankExplorer(models.mlp_generator(digits.shape, 8, (32, 16)), count=16)
""",
    """
from gannotes.widgets import base
import ipywidgets
canvas, said = widgets.Canvas(-np.ones((28, 28, 1), "float32")), base.note()

def say(_):
    rows, columns = (canvas.value.max(axis=(axis, 2)) > 0 for axis in (1, 0))
    said.value = f"ink in {rows.sum()} rows and {columns.sum()} columns"

canvas.observe(say, "pixels")
ipywidgets.VBox([base.note("Draw here"), canvas, said, base.button("clear", "all", canvas.clear)])
""",
    "print('all', 'shown')",
]


@pytest.fixture(scope="module")
def errors():
    """What the page's console said of errors."""
    return []


@pytest.fixture(scope="module")
def page(tmp_path_factory, errors):
    """A notebook with every widget, all cells run."""
    with (
        lab(tmp_path_factory.mktemp("lab"), notebook_of(CELLS)) as address,
        chromium(viewport={"width": 1400, "height": 1400}) as browser,
    ):
        page = browser.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: said.type == "error" and errors.append(said.text))
        run_all(page, address, "all shown")
        yield page


def press(box, name):
    box.get_by_role("button", name=name, exact=True).click()


def toggle_play(box):
    """Plays, or pauses."""
    box.locator(".widget-play button").first.click()


def changed(box, number=0):
    """The first picture, and a function that waits until there is another and returns that."""
    before = picture(box, number)
    return before, lambda: wait_for(box, lambda found: found != before, number)


def test_latent_slider_reset_random_and_class(page):
    box = widget(page, LATENT)
    first, next_picture = changed(box)
    box.locator(".noUi-handle").first.press("ArrowRight")
    moved = next_picture()
    press(box, "reset")
    wait_for(box, lambda found: found == first)
    box.get_by_label("class").select_option("2")
    of_class = wait_for(box, lambda found: found not in (first, moved))
    press(box, "random")
    wait_for(box, lambda found: found not in (first, moved, of_class))


def test_kept_points_make_a_walk_that_plays_and_pauses(page):
    box = widget(page, LATENT)
    press(box, "keep")
    expect(box.get_by_text("one more for a walk")).to_be_visible()
    _, next_picture = changed(box)
    press(box, "random")
    next_picture()
    press(box, "keep")
    expect(box.get_by_text("kept: 2")).to_be_visible()
    _, next_picture = changed(box)
    toggle_play(box)
    next_picture()
    toggle_play(box)
    time.sleep(0.5)  # what was under way
    still = picture(box)
    time.sleep(0.3)
    assert picture(box) == still
    press(box, "save")
    expect(box.get_by_text("written: latents/latents-001.npz and .png")).to_be_visible()
    screenshot(box, "latent")


def test_training_slider_moves_the_picture_and_the_caption(page):
    box = widget(page, FILM)
    _, next_picture = changed(box)
    box.locator(".noUi-handle").press("ArrowLeft")
    next_picture()
    expect(box.get_by_text("middle")).to_be_visible()
    screenshot(box, "film")


def test_game_steps_plays_pauses_and_resets(page):
    box = widget(page, STEPPER)
    first = picture(box)
    for name, says in (("D's step", "D's steps 1, G's 0"), ("G's step", "D's steps 1, G's 1")):
        _, next_picture = changed(box)
        press(box, name)
        next_picture()
        expect(box.get_by_text(says)).to_be_visible()
    toggle_play(box)
    expect(box.get_by_text(re.compile("D's steps [2-9], G's [1-9]"))).to_be_visible()
    toggle_play(box)
    press(box, "25 rounds")
    expect(box.get_by_text(re.compile("D's steps (2[6-9]|3[0-9])"))).to_be_visible()
    screenshot(box, "stepper")
    press(box, "reset")
    wait_for(box, lambda found: found == first)
    box.get_by_label("loss").select_option("hinge")
    press(box, "D's step")
    expect(box.get_by_text("D's steps 1, G's 0")).to_be_visible()


def test_training_shows_pictures_stops_and_goes_on(page):
    box = widget(page, TRAINER)
    untrained, next_picture = changed(box)
    press(box, "train")
    early = next_picture()
    wait_for(box, lambda found: found not in (untrained, early))
    press(box, "stop")
    expect(box.get_by_text("stopped")).to_be_visible()
    still = picture(box)
    time.sleep(0.3)
    assert picture(box) == still
    box.locator(".noUi-handle").nth(1).press("ArrowRight")  # G's learning rate
    press(box, "go on")
    wait_for(box, lambda found: found != still)
    press(box, "stop")
    expect(box.get_by_text("stopped")).to_be_visible()
    screenshot(box, "trainer")


def test_the_matching_term_has_a_weight_and_a_layer_under_the_hand(page):
    box = widget(page, TRAINER)
    press(box, "train")
    expect(box.get_by_text("feature_weight 1 · matched layers 2")).to_be_visible()
    expect(box.get_by_text("matched layers 2")).to_be_visible()
    box.locator(".noUi-handle").nth(3).press("ArrowRight")  # weights are 1, 3, 10
    expect(box.get_by_text("feature_weight 3 · matched layers 2")).to_be_visible()
    box.locator(".noUi-handle").nth(4).press("ArrowRight")  # from all layers to the first
    expect(box.get_by_text("matched layers 1")).to_be_visible()
    press(box, "stop")
    expect(box.get_by_text("stopped")).to_be_visible()


def test_damage_changes_images_and_bars(page):
    box = widget(page, DAMAGE)
    _, next_picture = changed(box)
    precision = box.get_by_role("row", name=re.compile("^precision"))
    before = precision.inner_text()
    box.locator(".noUi-handle").press("End")
    next_picture()
    expect(precision).not_to_have_text(before)
    screenshot(box, "damage")
    box.get_by_label("damage").select_option("copies")
    expect(box.get_by_role("row", name=re.compile("^very close"))).to_contain_text("1.000")


def test_a_factor_moves_picture_and_bars(page):
    box = widget(page, FEATURES)
    bars = box.locator("table").inner_text()
    _, next_picture = changed(box)
    box.get_by_label("shape").select_option("cross")
    next_picture()
    assert box.locator("table").inner_text() != bars
    screenshot(box, "features")


def test_attention_shows_under_the_pointer(page):
    box = widget(page, ATTENTION)
    places = box.locator(".gannotes-place")
    assert places.count() == 16
    place, other = places.nth(3), places.nth(9)
    expect(place.locator("img")).to_be_hidden()
    place.hover()
    expect(place.locator("img")).to_be_visible()
    screenshot(box, "attention")
    other.hover()
    expect(place.locator("img")).to_be_hidden()
    expect(other.locator("img")).to_be_visible()


def test_an_atoms_switch_and_weight_under_keys_and_reset(page):
    box = widget(page, CODES)
    shown = box.locator("img").count() - 1  # behind the atoms
    first, next_picture = changed(box, shown)
    switch = box.get_by_role("checkbox").first
    switch.press("Space")
    without = next_picture()
    expect(box.get_by_text("4 non-zeros of 24")).to_be_visible()
    screenshot(box, "codes")
    switch.press("Space")
    wait_for(box, lambda found: found == first, shown)
    weight = box.locator(".noUi-handle").nth(2)  # behind those of image and non-zeros
    weight.press("ArrowRight")
    wait_for(box, lambda found: found not in (first, without), shown)
    press(box, "reset")
    wait_for(box, lambda found: found == first, shown)
    expect(box.get_by_role("checkbox").nth(5)).to_be_disabled()  # there are five


def test_another_image_and_another_sparsity_show_other_atoms(page):
    box = widget(page, CODES)
    shown = box.locator("img").count() - 1
    sparsity = box.locator(".noUi-handle").nth(1)
    _, next_picture = changed(box, shown)
    sparsity.press("ArrowRight")
    next_picture()
    expect(box.get_by_text("6 non-zeros of 24")).to_be_visible()
    expect(box.get_by_role("checkbox").nth(5)).to_be_enabled()
    _, next_picture = changed(box, shown)
    _, next_atom = changed(box, 5)
    box.locator(".noUi-handle").first.press("End")
    next_picture()
    next_atom()


def test_rank_cuts_and_comes_back(page):
    box = widget(page, RANK)
    whole, next_picture = changed(box)
    slider = box.locator(".noUi-handle")
    expect(box.get_by_text("100.0 % of the kernels' energy")).to_be_visible()
    slider.press("ArrowLeft")
    next_picture()
    slider.press("Home")
    expect(box.get_by_text("factors of 168 weights, where the kernels have 1,792")).to_be_visible()
    screenshot(box, "rank")
    slider.press("End")
    wait_for(box, lambda found: found == whole)


def test_the_canvas_under_the_mouse(page):
    box = widget(page, CANVAS)
    paper = box.locator(".gannotes-paper")
    paper.scroll_into_view_if_needed()
    place = paper.bounding_box()
    x, y = place["x"], place["y"]
    page.mouse.move(x + 45, y + 45)
    page.mouse.down()
    page.mouse.move(x + 145, y + 45, steps=4)
    page.mouse.up()
    expect(box.get_by_text(re.compile("ink in [23] rows and 1[23] columns"))).to_be_visible()
    screenshot(box, "canvas")
    press(box, "clear")
    expect(box.get_by_text("ink in 0 rows and 0 columns")).to_be_visible()


def test_the_canvas_under_keys(page):
    box = widget(page, CANVAS)
    paper = box.get_by_role("application")
    expect(paper).to_have_accessible_name(re.compile("pen up: arrow keys move the pen, space"))
    paper.press("ArrowLeft")
    expect(paper).to_have_css("outline-style", "solid")
    paper.press("Space")
    expect(paper).to_have_accessible_name(re.compile("pen down"))
    for _ in range(6):
        paper.press("ArrowDown")
    expect(box.get_by_text(re.compile("ink in [89] rows and [23] columns"))).to_be_visible()
    screenshot(box, "canvas under keys")
    paper.press("Space")
    paper.press("Delete")
    expect(box.get_by_text("ink in 0 rows and 0 columns")).to_be_visible()
    assert page.evaluate("document.activeElement.className") == "gannotes-paper"


def test_no_error_in_the_console_nor_in_a_cell(page, errors):
    assert errors == []
    assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
    assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
