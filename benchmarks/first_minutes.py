"""A stranger's first minutes, with a clock: clone, make lab, notebook 01, own images, slider, export.

    python benchmarks/first_minutes.py    # about eight minutes on two quiet cores

Everything happens in a new folder, in Chromium, with a new home: git clone of what is committed here,
``make lab`` (a new virtual environment), notebook 01 by Run All Cells, again with a folder of 300
pictures as its ``DATASET``, one slider, one export. Needs make and Chromium.
"""

import contextlib
import os
from pathlib import Path
import re
import signal
import subprocess
import sys
import tempfile
import time

from gannotes import datasets
import numpy as np
from PIL import Image
from playwright.sync_api import expect
from record import record

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from lab import MINUTES, chromium, picture, wait_for, widget

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/lab\?token=\w+")
OF_THIS_PROCESS = ("PYTHON", "TF_", "GANNOTES", "TQDM", "JUPYTER", "VIRTUAL", "MAKE")
EXPLORER = "Each slider shifts every image"
SCROLL = """(notebook, pixels) => {
  const view = notebook.querySelector(".jp-WindowedPanel-outer") || notebook;
  view.scrollTop += pixels;
}"""
FAR = 1_000_000  # pixels


class Clock:
    """Seconds from one mark to the next."""

    def __init__(self):
        self.seconds, self._last = {}, time.monotonic()

    def mark(self, what):
        """Notes the time since the last mark."""
        now = time.monotonic()
        self.seconds[what] = round(now - self._last, 1)
        self._last = now
        print(f"{self.seconds[what]:7.1f} s  {what}", flush=True)


@contextlib.contextmanager
def make_lab(folder, home):
    """Address of JupyterLab, as ``make lab`` prints it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(OF_THIS_PROCESS)}
    with (home / "log").open("w") as log:
        lab = subprocess.Popen(
            ["make", "lab"], cwd=folder, env=kept | {"HOME": str(home)}, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        while not (found := ADDRESS.search((home / "log").read_text())):
            if lab.poll() is not None:
                raise SystemExit((home / "log").read_text())
            time.sleep(0.2)
        yield found[0]
    finally:
        os.killpg(lab.pid, signal.SIGTERM)


def pictures(folder, count=300):
    """Draws so many PNG files."""
    folder.mkdir()
    for i, image in enumerate(datasets.load("shapes", count=count).images):
        Image.fromarray(np.uint8((image + 1) * 127.5)).save(folder / f"{i}.png")
    return folder


def menu(tab, name, command):
    tab.get_by_role("menuitem", name=name, exact=True).click()
    tab.locator(f'.lm-Menu-item[data-command="{command}"]').click()


def scroll(tab, pixels):
    tab.locator(".jp-Notebook").first.evaluate(SCROLL, pixels)
    tab.wait_for_timeout(300)


def wait_for_the_last_cell(tab):
    """Until the notebook's last code cell has run."""
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        scroll(tab, FAR)
        prompts = tab.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
        if prompts and re.search(r"\d", prompts[-1]):
            return
    raise SystemExit("notebook 01 did not come to its end within ten minutes")


def main():
    with tempfile.TemporaryDirectory() as temporary:
        base, clock = Path(temporary), Clock()
        folder, home = base / "gannotes", base / "home"
        home.mkdir()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
        clock.mark("git clone")
        with (
            make_lab(folder, home) as address,
            chromium(viewport={"width": 1400, "height": 1000}) as browser,
        ):
            clock.mark("make lab: the address is there")
            tab = browser.new_page()
            tab.goto(address)
            file = tab.locator(".jp-DirListing-item", has_text="01_basic_gan")
            file.wait_for(timeout=MINUTES)
            clock.mark("JupyterLab shows the notebooks")
            file.dblclick()
            expect(tab.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=MINUTES)
            clock.mark("notebook 01 is open, its kernel idle")
            menu(tab, "Edit", "editmenu:clear-all")
            menu(tab, "Run", "runmenu:run-all")
            tab.locator(".jp-OutputArea-output img").first.wait_for(timeout=2 * MINUTES)
            clock.mark("the first figure after Run All Cells")
            wait_for_the_last_cell(tab)
            clock.mark("notebook 01 has run to its end")

            scroll(tab, -FAR)
            tab.locator(".jp-CodeCell .cm-content").first.click()
            tab.keyboard.press("Control+a")
            tab.keyboard.type(f"DATASET = '{pictures(base / 'pictures')}'\nSEEDS = 5\nSTEPS = 8000")
            menu(tab, "Run", "runmenu:restart-and-run-all")
            tab.locator(".jp-Dialog button.jp-mod-accept").click()
            tab.wait_for_timeout(3000)
            wait_for_the_last_cell(tab)
            clock.mark("again, with a folder of 300 pictures")

            box = widget(tab, EXPLORER)
            while not box.count():  # cells out of sight are not in the page
                scroll(tab, -300)
            box.scroll_into_view_if_needed()
            before = picture(box)
            box.locator(".noUi-handle").first.focus()
            for _ in range(10):
                tab.keyboard.press("ArrowRight")
            wait_for(box, lambda shown: shown != before)
            clock.mark("a slider moved, and the picture followed")
            box.get_by_role("button", name="save").click()
            tab.wait_for_timeout(500)
            if not list((folder / "notebooks").rglob("latents-*")):
                raise SystemExit("nothing was saved")
            clock.mark("picture and latents are saved")
    record("first_minutes", {"seconds": clock.seconds})


if __name__ == "__main__":
    main()
