"""Images streamed from a folder: the same training as from memory, in little memory."""

import itertools
import os
import subprocess
import sys

from gannotes import datasets, models
from gannotes.__main__ import main
from gannotes.datasets.folder import Folder
from gannotes.training import GAN
from gannotes.training.feed import READERS, stream_folder
import numpy as np
from PIL import Image
import pytest

SIZE = 8


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for k in range(40):
        path = tmp_path / "pictures" / ("cats" if k % 2 else "dogs") / f"{k}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(256, size=(12, 16, 3), dtype="uint8")).save(path)
    return tmp_path / "pictures"


def small_gan(**options):
    shape = (SIZE, SIZE, 3)
    gan = GAN(models.mlp_generator(shape, 2, (8,)), models.mlp_discriminator(shape, (8,)), seed=3)
    gan.compile(**options)  # by XLA, which rounds in one order
    gan.reset(3)
    return gan


@pytest.mark.parametrize("steps_of_d", [1, 2])
def test_a_streamed_folder_trains_as_the_folder_in_memory_does(folder, steps_of_d):
    images = datasets.load(folder, size=SIZE).images
    stream = stream_folder(Folder(folder, size=SIZE), 4 * steps_of_d, seed=3)
    weights = []
    for data in (images, stream):
        gan = small_gan(discriminator_steps=steps_of_d)
        for _ in range(2):  # goes on in the middle of a pass
            gan.fit(data, batch_size=4, steps_per_epoch=7, verbose=0)
        weights.append(np.concatenate([w.ravel() for w in gan.get_weights()]))
    np.testing.assert_array_equal(*weights)


def test_going_on_reads_no_image_that_was_seen(folder, monkeypatch):
    its = Folder(folder, size=SIZE)
    reads = []
    monkeypatch.setattr(
        its, "read", lambda paths: reads.append(paths) or np.zeros((4, 8, 8, 3), "f")
    )
    stream = stream_folder(its, 4, labelled=True)
    images, labels = next(stream(1000))
    assert images.shape == (4, 8, 8, 3) and labels.shape == (4,)
    assert len(reads) <= 1 + 2 * READERS


def test_labels_go_with_their_images(folder):
    its = Folder(folder, size=SIZE)
    for images, labels in itertools.islice(stream_folder(its, 9, labelled=True)(0), 4):
        for image, label in zip(images, labels, strict=True):
            (k,) = [
                k for k, path in enumerate(its.paths) if np.array_equal(its.read([path])[0], image)
            ]
            assert its.paths[k].parent.name == its.class_names[label] == ("dogs", "cats")[1 - label]


def test_a_batch_larger_than_the_folder_is_refused(folder):
    with pytest.raises(ValueError, match="at most the number of images, 36. Received: 64"):
        stream_folder(Folder(folder), 64)


def test_broken_files_are_all_named_before_the_first_step(folder):
    broken = [folder / "cats" / "1.png", folder / "dogs" / "2.png", folder / "cats" / "odd.jpg"]
    for path in broken:
        path.write_bytes(b"broken")
    with pytest.raises(ValueError) as told:
        stream_folder(Folder(folder, size=SIZE), 4)
    lines = str(told.value).splitlines()
    assert lines.pop() == "skip_broken=True leaves them out"
    assert all(any(str(path) in line for line in lines) for path in broken) and len(lines) == 3


def test_the_shell_command_takes_rectangles(folder, tmp_path):
    options = ["--size", "6", "8", "--channels", "1", "--fit", "pad", "--widths", "8"]
    steps = ["--steps", "2", "--every", "2", "--batch-size", "6"]
    gan = main(["train", str(tmp_path / "run"), "--dataset", str(folder), *options, *steps])
    assert gan.generator.output_shape == (None, 6, 8, 1)


@pytest.mark.slow
def test_the_shell_command_streams(folder, tmp_path, capsys, monkeypatch):
    listed = []
    monkeypatch.setattr(datasets, "Folder", lambda *args: listed.append(args) or Folder(*args))
    whole = [
        "--dataset",
        str(folder),
        "--size",
        "8",
        "--steps",
        "4",
        "--every",
        "2",
        "--widths",
        "8",
    ]
    whole += ["--batch-size", "6", "--labels", "projection"]
    trained = [
        main(["train", str(tmp_path / name), *whole, *options])
        for name, options in (("memory", []), ("stream", ["--stream"]))
    ]
    for a, b in zip(*(gan.get_weights() for gan in trained), strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(listed) == len(trained)
    assert (tmp_path / "stream" / "samples.png").exists()
    main(["train", str(tmp_path / "memory"), *whole, "--stream", "--steps", "6"])  # goes on so
    assert "4 of 6 steps done" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--dataset", "digits"], "--stream is for a folder of images. Received: digits"),
        (["--batch-size", "64"], "batch_size must be at most the number of images, 36"),
        (["--batch-size", "9", "--packing", "2"], "a multiple of discriminator_steps"),
    ],
)
def test_the_shell_command_refuses(folder, tmp_path, capsys, options, message):
    with pytest.raises(SystemExit):
        main(["train", str(tmp_path / "x"), "--dataset", str(folder), "--stream", *options])
    assert message in capsys.readouterr().err


LIMITED = """
import resource, sys
from gannotes import datasets, models
from gannotes.training.feed import stream_folder
from gannotes.datasets.folder import Folder
from gannotes.training import GAN
kind, path = sys.argv[1:]
SIZE = 128
folder = Folder(path, size=SIZE)
stream = stream_folder(folder, 16)
gan = GAN(models.mlp_generator((SIZE, SIZE, 3), 2, (4,)), models.mlp_discriminator((SIZE, SIZE, 3), (4,)))
gan.compile(jit_compile=False)
gan.fit(stream, steps_per_epoch=10, verbose=0)  # compiles, starts all threads
used = int(open("/proc/self/status").read().split("VmData:")[1].split()[0]) * 1024
size_of_data = 4 * SIZE * SIZE * 3 * len(folder.paths)
resource.setrlimit(resource.RLIMIT_DATA, (used + size_of_data // 2, -1))
if kind == "memory":
    datasets.load(path, size=SIZE)
else:
    gan.fit(stream, epochs=1, steps_per_epoch=len(folder.paths) // 16 // 10 * 10, verbose=0)
print("done")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Linux limits a process's data")
@pytest.mark.slow
def test_a_folder_larger_than_memory(tmp_path):
    """Under a limit of half the images' size, loading them fails, and streaming them does not.

    Few malloc arenas: busy threads would open more of them, 64 MB each, that hold nothing.
    """
    settings = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", "MALLOC_ARENA_MAX": "2"}
    for k in range(2000):  # 393 MB in memory, few on disk
        Image.new("RGB", (128, 128), (k % 256, k // 256, 0)).save(tmp_path / f"{k}.png")
    run = [
        subprocess.run(
            [sys.executable, "-c", LIMITED, kind, str(tmp_path)],
            capture_output=True, text=True, env=settings,
        )
        for kind in ("memory", "stream")
    ]  # fmt: skip
    assert run[0].returncode != 0 and "MemoryError" in run[0].stderr
    assert run[1].returncode == 0, run[1].stderr[-2000:]
