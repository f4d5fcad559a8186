"""Data sets: what they give, and what they refuse."""

from concurrent.futures import ThreadPoolExecutor
import itertools
from pathlib import Path
import struct
import time

from gannotes import datasets, files
from gannotes.datasets import drawn, published
from gannotes.datasets.folder import Folder
from gannotes.metrics import features
from gannotes.metrics.yardstick import Yardstick
import numpy as np
from PIL import Image
import pytest
from scipy.integrate import dblquad
from scipy.stats import multivariate_normal

SHAPES = {
    "ring": (2,),
    "grid": (2,),
    "digits": (8, 8, 1),
    "mnist5k": (28, 28, 1),
    "shapes": (32, 32, 3),
    "shapes16": (16, 16, 3),
    "squares16": (16, 16, 3),
    "twins": (8, 32, 3),
    "patches": (16, 16, 1),
    "mnist": (28, 28, 1),
    "fashion_mnist": (28, 28, 1),
    "cifar10": (32, 32, 3),
}


def in_cache(name):
    return name in datasets.names(offline=True) or (files.cache_folder() / f"{name}.npz").exists()


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Whoever asks the network gets an error."""

    def fail(*args, **kwargs):
        raise Exception("URL fetch failure")

    for name in published.SHA256:
        monkeypatch.setattr(f"keras.datasets.{name}.load_data", fail)


@pytest.mark.data
@pytest.mark.parametrize("name", datasets.names())
def test_load(name):
    if not in_cache(name):
        pytest.skip(f"{name} is not in the cache; fill the folder named by GANNOTES_DATA")
    data = datasets.load(name)
    for images, labels in (
        (data.images, data.labels),
        (data.held_out_images, data.held_out_labels),
    ):
        assert images.shape == (len(labels), *SHAPES[name])
        assert images.dtype == np.float32
        assert set(np.unique(labels)) == set(range(len(data.class_names)))
        if images.ndim == 4:
            assert images.min() >= -1 and images.max() <= 1
            assert images.min() < -0.8 and images.max() > 0.8
    assert data.source and data.licence
    assert f"{len(data.images):,}" in repr(data)


@pytest.mark.parametrize("name", datasets.names(offline=True))
def test_the_seed_decides(name):
    first, again, other = (datasets.load(name, seed=seed).images for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_digits_are_all_there_and_held_out_ones_are_apart():
    from sklearn.datasets import load_digits

    data = datasets.load("digits")
    both = np.concatenate([data.images, data.held_out_images])
    published = load_digits().images[..., None] / 8 - 1
    assert sorted(map(bytes, both)) == sorted(map(bytes, published.astype("float32")))


def test_mnist5k_has_whole_grey_levels_and_equal_shares_of_the_digits():
    data = datasets.load("mnist5k")
    levels = (data.images[:500] + 1) * 127.5
    np.testing.assert_allclose(levels, np.rint(levels), atol=1e-4)
    assert (levels.min(), levels.max()) == (0, 255)
    assert set(np.bincount(data.labels)) == {400} and set(np.bincount(data.held_out_labels)) == {
        100
    }


def test_held_out_points_are_drawn_anew():
    data = datasets.load("ring", count=3000)
    assert not {*map(bytes, data.images)} & {*map(bytes, data.held_out_images)}


def test_held_out_patches_share_no_pixel_with_training_patches(monkeypatch):
    photograph = np.broadcast_to(np.arange(640)[None, :, None], (427, 640, 3)) * 255 / 639
    bunch = type("Bunch", (), {"images": [photograph, photograph]})
    monkeypatch.setattr("sklearn.datasets.load_sample_images", lambda: bunch)
    data = datasets.load("patches", count=2000)  # brightness tells the column
    assert data.images.max() < data.held_out_images.min()


@pytest.mark.parametrize("mixture", [drawn.ring(), drawn.grid(), drawn.ring(std=0.3)])
def test_mixture_density_is_exact(mixture):
    points = np.random.default_rng(0).uniform(-4, 4, (50, 2))
    points[:10] = mixture.sample(10, np.random.default_rng(0))[0]
    density = np.mean(
        [multivariate_normal.pdf(points, c, mixture.std**2) for c in mixture.centres], axis=0
    )
    visible = density > 1e-300
    np.testing.assert_allclose(
        mixture.log_density(points)[visible], np.log(density[visible]), rtol=1e-9
    )


def test_mixture_density_integrates_to_one():
    density = drawn.ring(std=0.3).log_density
    total, _ = dblquad(lambda y, x: np.exp(density([[x, y]])[0]), -3, 3, -3, 3, epsabs=1e-6)
    assert total == pytest.approx(1, abs=1e-5)


def test_mixture_samples_have_their_moments():
    mixture = drawn.ring(std=0.05)
    points, modes = mixture.sample(80_000, np.random.default_rng(0))
    spread = points - mixture.centres[modes]
    assert spread.std() == pytest.approx(0.05, rel=0.02)
    assert np.bincount(modes).min() > 9_500


@pytest.mark.parametrize("shape", range(len(drawn.SHAPES)))
@pytest.mark.parametrize("size", [0.25, 0.4])
def test_drawn_area_is_that_of_the_size_factor(shape, size):
    factors = {"shape": [shape], "texture": [0], "hue": [0.0], "size": [size]}
    factors |= {"x": [0.1], "y": [-0.05], "angle": [20.0]}
    picture = drawn.draw_shapes(factors, size=128)[0]
    background = 2 * drawn.BACKGROUND - 1
    coverage = (picture[..., 0] - background[0]) / (1 - background[0])  # red shape, red channel
    assert coverage.sum() * (2 / 128) ** 2 == pytest.approx(np.pi * size**2, rel=0.02)
    rows, columns = np.indices(coverage.shape)
    assert np.average(columns, weights=coverage) == pytest.approx(63.5 + 0.1 * 64, abs=0.7)
    assert np.average(rows, weights=coverage) == pytest.approx(63.5 + 0.05 * 64, abs=0.7)


def test_hue_is_drawn():
    for hue, brightest in ((0, 0), (1 / 3, 1), (2 / 3, 2)):
        factors = {"shape": [0], "texture": [0], "hue": [hue], "size": [0.4]}
        picture = drawn.draw_shapes(factors | {"x": [0.0], "y": [0.0], "angle": [0.0]}, size=16)[0]
        assert picture[8, 8].argmax() == brightest


def test_draw_names_the_missing_factor():
    with pytest.raises(ValueError, match="Missing: hue"):
        drawn.draw_shapes(
            {"shape": [0], "texture": [0], "size": [1], "x": [0], "y": [0], "angle": [0]}
        )


# What is refused


def test_unknown_name():
    with pytest.raises(ValueError, match=r"Allowed: ring, grid, digits.*Received: 'mnits'"):
        datasets.load("mnits")


def test_a_path_of_a_data_sets_name_is_the_data_set():
    np.testing.assert_array_equal(
        datasets.load(Path("digits")).images, datasets.load("digits").images
    )


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("digits", {"count": 5}, "Unknown option of digits. Allowed: none. Received: 'count'"),
        ("grid", {"size": 5}, "Unknown option of grid. Allowed: count, std. Received: 'size'"),
        ("ring", {"std": -1}, "std must be a finite number, 0 or more. Received: -1"),
        ("ring", {"count": 0}, "count must be a whole number, 1 or more. Received: 0"),
        ("shapes", {"count": -5}, "count must be a whole number"),
        ("patches", {"count": 2.5}, "count must be a whole number"),
        ("patches", {"size": 1}, "size must be a whole number, 2 or more"),
        ("patches", {"size": 500}, "size must be at most 160"),
    ],
)
def test_bad_sizes(name, options, message):
    with pytest.raises(ValueError, match=message):
        datasets.load(name, **options)


def test_no_network_names_what_works_without(monkeypatch, tmp_path):
    monkeypatch.setenv("GANNOTES_DATA", str(tmp_path))
    with pytest.raises(ConnectionError, match=r"mnist could not be fetched.*digits, shapes"):
        datasets.load("mnist")
    assert list(tmp_path.glob("*.npz")) == []


@pytest.mark.parametrize("damage", ["cut", "other", "text", "pickle"])
def test_a_damaged_cache_file_is_named_and_left(monkeypatch, tmp_path, damage):
    monkeypatch.setenv("GANNOTES_DATA", str(tmp_path))
    path = tmp_path / "mnist.npz"
    arrays = {name: np.zeros((2, 28, 28), "uint8") for name in published.SHA256["mnist"]}
    if damage == "pickle":
        arrays["x_train"] = np.array([object()])
    np.savez(path, **arrays)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:1000])
    if damage == "text":
        path.write_text("not an npz file")
    before = path.read_bytes()
    with pytest.raises(
        ValueError, match=r"mnist\.npz (cannot be read|is damaged).*Delete the file"
    ):
        datasets.load("mnist")
    assert path.read_bytes() == before


def test_of_two_that_load_at_once_one_fetches(monkeypatch, tmp_path):
    monkeypatch.setenv("GANNOTES_DATA", str(tmp_path))
    image, label = np.zeros((3, 28, 28), "uint8"), np.zeros(3, "uint8")
    arrays = {"x_train": image, "y_train": label, "x_test": image[:2], "y_test": label[:2]}
    digests = {name: files.array_sha256(array) for name, array in arrays.items()}
    monkeypatch.setitem(published.SHA256, "mnist", digests)
    fetched = []

    def fetch(name):
        fetched.append(name)
        time.sleep(0.3)
        return arrays

    monkeypatch.setattr(published, "_fetch", fetch)
    with ThreadPoolExecutor(4) as pool:
        loaded = list(pool.map(datasets.load, ["mnist"] * 4))
    assert fetched == ["mnist"]
    assert all(data.images.shape == (3, 28, 28, 1) for data in loaded)
    assert all(data.held_out_images.shape == (2, 28, 28, 1) for data in loaded)


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.npz"
    files.save_arrays(path, x=np.ones(3))
    with pytest.raises(KeyboardInterrupt), files.atomic_path(path) as part:
        part.write_text("half")
        raise KeyboardInterrupt
    assert np.load(path)["x"].tolist() == [1, 1, 1]
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]


# A folder of one's own images


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for k in range(20):
        picture = Image.fromarray(rng.integers(256, size=(40, 60, 3), dtype="uint8"))
        path = tmp_path / ("cats" if k % 2 else "dogs") / f"{k}.{'png' if k % 3 else 'jpg'}"
        path.parent.mkdir(exist_ok=True)
        picture.save(path)
    (tmp_path / "notes.txt").write_text("not an image")
    return tmp_path


def test_folder(folder):
    data = datasets.load(folder, size=16)
    assert data.images.shape == (18, 16, 16, 3) and data.held_out_images.shape == (2, 16, 16, 3)
    assert data.class_names == ("cats", "dogs")
    held_out = {tuple(datasets.load(folder, seed=k).folder.held_out_paths) for k in range(4)}
    assert len(held_out) > 1  # drawn by the seed
    assert datasets.load(str(folder), size=16, channels=1).shape == (16, 16, 1)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_folder_of_rectangles_is_cropped_or_padded(tmp_path, mode):
    grey = np.repeat(np.arange(60, dtype="uint8") * 4, 20).reshape(60, 20).T  # darker to the left
    for name in "ab":
        Image.fromarray(grey).convert(mode).save(tmp_path / f"{name}.png")
    options = {"channels": len(mode)}
    whole = datasets.load(tmp_path, size=(20, 60), **options)
    assert whole.shape == (20, 60, len(mode)) and len(whole.held_out_images) == 1
    np.testing.assert_allclose(whole.images[0, :, :, 0], grey / 127.5 - 1, atol=1e-6)
    cropped = datasets.load(tmp_path, size=20, **options).images[0]
    np.testing.assert_allclose(cropped, whole.images[0, :, 20:40], atol=1e-6)
    padded = datasets.load(tmp_path, size=(60, 60), fit="pad", **options).images[0]
    np.testing.assert_allclose(padded[20:40], whole.images[0], atol=1e-6)
    assert (padded[:20] == 1).all() and (padded[40:] == 1).all()


def test_the_first_images_of_a_folder_are_of_all_classes(tmp_path):
    for k in range(200):
        path = tmp_path / f"class {k // 20}" / f"{k}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((4, 4), k, "uint8")).save(path)
    data = datasets.load(tmp_path, size=4, channels=1)
    grey = np.rint(127.5 * (data.images[:, 0, 0, 0] + 1)).astype(int)
    assert (grey // 20 == data.labels).all()  # labels go with their images
    assert len(set(data.labels[:60])) == 10 and len(set(data.held_out_labels)) > 5
    assert sorted([*grey, *np.rint(127.5 * (data.held_out_images[:, 0, 0, 0] + 1))]) == [
        *range(200)
    ]


def test_what_is_no_picture_in_a_folder_is_passed_over(folder):
    (folder / "notes.pdf").write_bytes(b"%PDF")
    (folder / "cats" / "._1.png").write_bytes(b"a file of macOS beside the picture")
    (folder / "album.png").mkdir()
    assert len(Folder(folder).paths) == 18


def test_pictures_of_16_bits_keep_their_shades(tmp_path):
    shades = np.linspace(0, 65535, 16).astype("uint16").reshape(4, 4)
    for name in "ab":
        Image.fromarray(shades).save(tmp_path / f"{name}.png")
    found = datasets.load(tmp_path, size=4, channels=1).images[0, ..., 0]
    np.testing.assert_allclose(found, shades / 65535 * 2 - 1, atol=1 / 127)


def test_pictures_without_a_range_are_refused(tmp_path):
    for name in "ab":
        Image.fromarray(np.ones((4, 4), "float32")).save(tmp_path / f"{name}.tiff")
    with pytest.raises(ValueError, match=r"\.tiff cannot be .*mode F, whose range is not known"):
        datasets.load(tmp_path)


def test_empty_folder(tmp_path):
    with pytest.raises(ValueError, match=r"must hold at least two images.*Received: 0"):
        datasets.load(tmp_path)


def test_folder_with_a_broken_image(folder):
    (folder / "dogs" / "broken.png").write_bytes(b"\x89PNG broken")
    with pytest.raises(ValueError, match=r"broken\.png cannot be read as an image"):
        datasets.load(folder)


def test_all_broken_images_of_a_folder_are_named(folder):
    for k in range(12):
        (folder / "dogs" / f"broken {k}.png").write_bytes(b"\x89PNG broken")
    its = Folder(folder)
    broken = [path for path in its.paths + its.held_out_paths if path.stem.startswith("broken")]
    with pytest.raises(ValueError, match=r"broken 0\.png cannot be read[\s\S]*and 2 more") as error:
        its.read(sorted(broken))
    assert str(error.value).count("cannot be read as an image") == 10
    with pytest.raises(ValueError, match=r"cannot be read[\s\S]*and 2 more"):  # of both parts
        datasets.load(folder)


def test_broken_images_are_left_out_where_that_is_asked_for(folder):
    without = datasets.load(folder)
    for k in range(12):
        (folder / "dogs" / f"broken {k}.png").write_bytes(b"\x89PNG broken")
    with pytest.warns(UserWarning, match="^Left out: ") as told:
        data = datasets.load(folder, skip_broken=True)
    assert all(f"broken {k}.png cannot be read" in str(told[0].message) for k in range(12))
    np.testing.assert_array_equal(data.images, without.images)
    np.testing.assert_array_equal(data.labels, without.labels)
    np.testing.assert_array_equal(data.held_out_images, without.held_out_images)


def test_a_folder_without_broken_images_warns_of_none(folder, recwarn):
    datasets.load(folder, skip_broken=True)
    assert not recwarn


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
@pytest.mark.parametrize("hidden", [0, 255])
def test_what_is_transparent_is_white(tmp_path, mode, hidden):
    pixels = np.full((8, 8, 4), (hidden, hidden, hidden, 0), "uint8")
    pixels[2:6, 2:6] = 100, 100, 100, 255
    for name in "ab":
        Image.fromarray(pixels).convert(mode).save(tmp_path / f"{name}.png")
    (image,) = datasets.load(tmp_path, size=8, channels=1).images
    assert image[0, 0, 0] == 1 and image[4, 4, 0] == pytest.approx(100 / 127.5 - 1, abs=0.02)


def test_linked_folders_are_read_and_circles_end(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    Image.new("RGB", (8, 8)).save(other / "1.png")
    (other / "back").symlink_to(folder)
    (folder / "birds").symlink_to(other)
    its = Folder(folder)
    assert its.class_names == ("birds", "cats", "dogs")
    assert len(its.paths) + len(its.held_out_paths) == 21


@pytest.mark.parametrize(
    "names", [("train", "test"), ("Training", "validation"), ("train", "val", "test")]
)
def test_train_and_test_are_the_two_parts(tmp_path, names):
    for k, (part, kind) in enumerate(itertools.product(names, ("NORMAL", "PNEUMONIA"))):
        (tmp_path / part / kind / "patient").mkdir(parents=True)
        for place in ("1.png", "patient/2.png"):
            Image.new("L", (8, 8), 10 * k).save(tmp_path / part / kind / place)
    its = Folder(tmp_path)
    assert its.class_names == ("NORMAL", "PNEUMONIA")
    assert {path.relative_to(tmp_path).parts[0] for path in its.paths} == {names[0]}
    assert {path.relative_to(tmp_path).parts[0] for path in its.held_out_paths} == {*names[1:]}
    for paths, labels in ((its.paths, its.labels), (its.held_out_paths, its.held_out_labels)):
        assert all(its.class_names[k] in path.parts for path, k in zip(paths, labels, strict=True))


def test_one_part_alone_is_divided_and_a_class_may_be_called_test(tmp_path):
    for kind in ("train/a", "train/b"):
        (tmp_path / "one" / kind).mkdir(parents=True)
        Image.new("L", (8, 8)).save(tmp_path / "one" / kind / "1.png")
    assert Folder(tmp_path / "one").class_names == ("a", "b")
    for kind in ("test", "other"):
        (tmp_path / "two" / kind).mkdir(parents=True)
        Image.new("L", (8, 8)).save(tmp_path / "two" / kind / "1.png")
    assert Folder(tmp_path / "two").class_names == ("other", "test")


def test_films_and_stubs_that_pillow_cannot_decode_are_passed_over(folder):
    for name in ("film.mpg", "data.h5", "map.grib"):
        (folder / name).write_bytes(b"not a picture")
    assert len(Folder(folder).paths) == 18


def test_folder_with_bad_options(folder):
    with pytest.raises(ValueError, match=r"size must be a whole number.*Received: -8"):
        datasets.load(folder, size=-8)
    with pytest.raises(ValueError, match=r"Allowed: 1, 3. Received: 2"):
        datasets.load(folder, channels=2)
    with pytest.raises(ValueError, match=r"or \(height, width\). Received: \(1, 2, 3\)"):
        datasets.load(folder, size=(1, 2, 3))
    with pytest.raises(ValueError, match=r"size must be a whole number.*Received: 0"):
        datasets.load(folder, size=(8, 0))
    with pytest.raises(ValueError, match="Allowed: crop, pad. Received: 'stretch'"):
        datasets.load(folder, fit="stretch")
    with pytest.raises(
        ValueError, match="Allowed: size, channels, fit, skip_broken, most. Received: 'count'"
    ):
        datasets.load(folder, count=2)
    with pytest.raises(ValueError, match=r"most must be a whole number.*Received: 0"):
        datasets.load(folder, most=0)


def test_squares_are_plain_squares_of_six_colours():
    data = datasets.load("squares16", count=300)
    assert set(data.factors["shape"]) == {drawn.SHAPES.index("square")}
    assert set(data.factors["texture"]) == {drawn.TEXTURES.index("plain")}
    assert np.array_equal(data.images, drawn.draw_shapes(data.factors, 16))
    assert data.class_names == drawn.COLOURS
    red = data.labels == 0
    turned = (data.factors["hue"] + 0.5) % 1 - 0.5  # red is at 0
    assert np.array_equal(red, abs(turned) <= 1 / 12)


def test_twins_agree_in_hue_and_in_nothing_else():
    data = datasets.load("twins", count=1000)
    half = data.shape[1] // 2
    left, right = data.images[:, :, :half], data.images[:, :, half:]
    assert features.hue_gap(data.images).max() < 0.02
    hue = features.hue(left)
    assert features.round_distance(hue, data.factors["hue"], 1.0).max() < 0.02
    for function in (features.area, features.centre_y):
        assert abs(np.corrcoef(function(left), function(right))[0, 1]) < 0.1
    background = 2 * drawn.BACKGROUND - 1
    columns = np.flatnonzero((abs(data.images - background) > 1e-3).any(axis=(0, 1, 3)))
    assert columns.min() >= 1 and columns.max() <= 30
    assert np.ptp(columns[columns < half]) < 8 and np.diff(columns).max() > 15  # far apart
    np.testing.assert_array_equal(data.labels, np.rint(6 * data.factors["hue"]) % 6)


def test_a_cache_that_cannot_be_written_to_is_told_and_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("GANNOTES_DATA", str(tmp_path / "file"))
    with pytest.raises(
        OSError, match=r"file lacks mnist.npz, and cannot be written to.*GANNOTES_DATA"
    ):
        datasets.load("mnist")


def test_what_is_in_the_cache_is_read_without_writing(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setenv("GANNOTES_DATA", str(tmp_path))
    monkeypatch.setattr(published, "FileLock", lambda path: asked.append(path))
    monkeypatch.setattr(files, "load_arrays", lambda path, hashes: path)
    (tmp_path / "mnist.npz").write_bytes(b"here")
    assert published.load_arrays("mnist") == tmp_path / "mnist.npz" and not asked


def test_too_few_images_are_told():
    assert len(datasets.load("digits", at_least=1797).images) == 1297
    with pytest.raises(
        ValueError, match="At least 1798 images are needed here. Received: 1797, from"
    ):
        datasets.load("digits", at_least=1798)
    with pytest.raises(ValueError, match="at_least must be a whole number, 1 or more"):
        datasets.load("digits", at_least=0.5)


def test_arrays_become_a_data_set():
    images = np.linspace(-1, 1, 100, dtype="float32").reshape(50, 1, 2, 1)
    data = datasets.from_arrays(images, np.arange(50) % 3, seed=1)
    assert (len(data.images), len(data.held_out_images)) == (45, 5)
    assert data.class_names == ("0", "1", "2") and data.name == "arrays"
    order = np.rint((np.concatenate([data.images, data.held_out_images])[:, 0, 0, 0] + 1) * 24.75)
    assert sorted(order) == [*range(50)] and list(order) != [*range(50)]
    assert ([*data.labels, *data.held_out_labels] == order % 3).all()
    assert set(datasets.from_arrays(images).labels) == {0}
    np.testing.assert_array_equal(datasets.from_arrays(images, seed=1).images, data.images)
    with pytest.raises(ValueError, match="at least two images. Received: 1"):
        datasets.from_arrays(images[:1])


def test_arrays_are_measured_in_one_line():
    images = datasets.load("digits").images[:300]
    measured = Yardstick(datasets.from_arrays(images)).measure(images[:30])
    assert measured["copies"] > 0.5  # most of them are training images


def test_balanced_classes_are_seen_equally_often():
    labels = np.repeat([0, 2, 5], [40, 5, 13])
    chosen = datasets.balanced(labels)
    assert set(chosen) == set(range(58))  # nothing is left out
    assert np.bincount(labels[chosen]).tolist() == [40, 0, 40, 0, 0, 40]
    counts = np.bincount(chosen)
    assert set(counts[:40]) == {1} and set(counts[40:45]) == {8} and set(counts[45:]) == {3, 4}
    assert len(set(labels[chosen][:20])) == 3  # in random order
    np.testing.assert_array_equal(datasets.balanced(labels), chosen)
    assert (datasets.balanced(labels, seed=1) != chosen).any()


def test_held_out_images_of_no_class_are_refused(tmp_path):
    for place in ("train/cat", "train/dog", "test"):
        (tmp_path / place).mkdir(parents=True)
        for k in range(4):
            Image.new("RGB", (8, 8), (40 * k, 0, 0)).save(tmp_path / place / f"{k}.png")
    with pytest.raises(ValueError, match="of the training images' classes. Received: image"):
        datasets.load(tmp_path, size=8)


def test_a_picture_whose_exif_is_wrong_is_named(tmp_path):
    for k in range(3):
        Image.new("RGB", (8, 8), (40 * k, 0, 0)).save(tmp_path / f"{k}.png")
    entries = (0x0112, 3, 1, 6), (0x0100, 2, 4, 0x343332)  # turned; a width in letters
    tags = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + tags + struct.pack("<I", 0)
    Image.new("RGB", (8, 8)).save(tmp_path / "photo.jpg", exif=exif)
    with pytest.raises(ValueError, match="photo.jpg cannot be read as an image"):
        datasets.load(tmp_path, size=8)
