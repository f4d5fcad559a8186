"""Milliseconds from a key to the new picture: 64 images of 28×28 under a slider, in Chromium.

    python benchmarks/slider_speed.py

In JupyterLab: from the key's event to the first frame with the picture, for 300 keys with a rest of
0.1 s between them; and from the last of 100 quick keys to the last picture, which must be the right
one. In the page that `page.write_page` writes: making and painting the images.
"""

from pathlib import Path
import sys
import tempfile
import time

from gannotes import models
from gannotes.latent import page
import numpy as np
from record import record

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from lab import chromium, lab, notebook_of, picture, run_all, widget

KEYS, REST = 300, 0.1  # seconds from a picture to the next key
LIMITS = {  # milliseconds: median, 95th percentile, after quick keys
    "mlp": (40, 80, 300),
    "conv": (60, 120, 300),
}
PAGE_LIMIT = 20
GENERATORS = {
    "mlp": lambda: models.mlp_generator((28, 28, 1)),
    "narrow conv": lambda: models.conv_generator((28, 28, 1), widths=(16, 16, 8)),
    "conv": lambda: models.conv_generator((28, 28, 1)),
}
CELLS = [
    "from gannotes import models, widgets",
    *(
        f"widgets.LatentExplorer(models.{kind}_generator((28, 28, 1)), count=64, title='{kind} here')"
        for kind in LIMITS
    ),
    "print('all', 'shown')",
]
WATCH = """img => {
  if (!window.keys) addEventListener("keydown", () => keys.push(performance.now()), true);
  window.keys = []; window.frames = [];
  img.addEventListener("load", () => requestAnimationFrame(() => {
    frames.push(performance.now());
    window.shown?.();
  }));
}"""
DRAW = """times => {
  for (let i = 0; i < times; i++) draw();
  const taken = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now(); draw(); taken.push(performance.now() - start);
  }
  return taken;
}"""


def in_lab(tab, kind):
    """Times of single keys, and from the last of many to the last picture."""
    box = widget(tab, f"{kind} here")
    box.scroll_into_view_if_needed()
    box.locator("img").first.evaluate(WATCH)
    handle = box.locator(".noUi-handle").first
    handle.focus()
    for number in range(KEYS):
        tab.evaluate("window.next = new Promise(done => { window.shown = done; }), 0")
        tab.keyboard.press("ArrowRight" if number // 10 % 2 == 0 else "ArrowLeft")
        tab.evaluate("next")  # no polling, which would slow the page down
        time.sleep(REST)
    keys, frames = (np.array(tab.evaluate(name)) for name in ("keys", "frames"))
    singles = frames[-KEYS:] - keys[-KEYS:]

    for key in ["ArrowRight"] * 30 + ["ArrowLeft"] * 40 + ["ArrowRight"] * 30:
        tab.keyboard.press(key)
    time.sleep(2)
    last = tab.evaluate("frames.at(-1) - keys.at(-1)")
    quick = picture(box)
    for key in ("ArrowRight", "ArrowLeft"):
        tab.keyboard.press(key)
        time.sleep(0.5)
    if picture(box) != quick:
        raise SystemExit(f"{kind}: the picture after quick keys is not that of the slider")
    return singles, last


def in_page(browser, kind, folder):
    """Times of making and painting the images."""
    tab = browser.new_page()
    tab.goto(page.write_page(folder / "latent.html", GENERATORS[kind]()).as_uri())
    taken = tab.evaluate(DRAW, 50)
    tab.close()
    return np.array(taken)


def main():
    measured = {"lab": {}, "page": {}}
    within = True
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        with (
            lab(folder, notebook_of(CELLS)) as address,
            chromium(viewport={"width": 1400, "height": 1400}) as browser,
        ):
            tab = browser.new_page()
            run_all(tab, address, "all shown")
            print(f"{'JupyterLab':14}{'median':>8}{'95 %':>8}{'after 100 keys':>17}  ms")
            for kind, limits in LIMITS.items():
                singles, last = in_lab(tab, kind)
                found = [float(x) for x in (*np.percentile(singles, [50, 95]), last)]
                measured["lab"][kind] = dict(
                    zip(("median_ms", "percentile_95_ms", "after_100_keys_ms"),
                        [round(x, 1) for x in found], strict=True)
                )  # fmt: skip
                good = all(x <= limit for x, limit in zip(found, limits, strict=True))
                within &= good
                print(f"{kind:14}{found[0]:8.1f}{found[1]:8.1f}{found[2]:17.1f}", end="")
                print("" if good else f"  over the limit {limits}", flush=True)
        with chromium(offline=True) as browser:
            print(f"{'page':14}{'median':>8}{'95 %':>8}  ms")
            for kind in GENERATORS:
                median, high = np.percentile(in_page(browser, kind, folder), [50, 95])
                measured["page"][kind] = {
                    "median_ms": round(float(median), 1),
                    "percentile_95_ms": round(float(high), 1),
                }
                note = "" if median <= PAGE_LIMIT else f"  over the limit {PAGE_LIMIT}"
                print(f"{kind:14}{median:8.1f}{high:8.1f}{note}", flush=True)
    record("slider_speed", {"images": 64, "size": 28, "keys": KEYS, **measured})
    if not within:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
