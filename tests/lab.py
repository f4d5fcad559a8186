"""A notebook in JupyterLab in Chromium, with nothing of the user's and nothing of the network."""

import contextlib
import hashlib
import json
import os
from pathlib import Path
import shutil
import subprocess
import sys
import time

import nbformat
from playwright.sync_api import expect, sync_playwright
import pytest

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
CONFIG = Path(__file__).parent.parent / "jupyter_lab_config.py"
FLAGS = [  # no sandbox for root; no GPU; nothing that asks the network
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MINUTES = 60_000  # in Playwright's milliseconds
SETTINGS = {  # of JupyterLab: no news, and every cell in the page, seen or not
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}


def need_chromium():
    """Skips a module's tests where there is no Chromium, but fails in CI."""
    if CHROMIUM is None and not os.environ.get("CI"):
        pytest.skip("no Chromium found; install it to test the sliders", allow_module_level=True)
    assert CHROMIUM, "no Chromium found, and CI must test the sliders"


@contextlib.contextmanager
def chromium(**options):
    """A browser context of its own, with `options` as of Playwright's ``new_context``."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser.new_context(**options)
        finally:
            browser.close()


@contextlib.contextmanager
def lab(home, notebook, name="notebook.ipynb"):
    """Address of a notebook in a JupyterLab of its own.

    Args:
        home: an empty folder for all that it writes.
        notebook: of nbformat, version 4; its outputs are left out.
    """
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    folder = home / "notebooks"
    shutil.copytree(CONFIG.parent / "notebooks" / "figures", folder / "figures")
    nbformat.write(notebook, folder / name)
    for setting, values in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{setting}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    own = {
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
    }
    command = [sys.executable, "-m", "jupyter", "lab", f"--config={CONFIG}"]
    command += ["--no-browser", "--ip=127.0.0.1", "--port=0"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    with (home / "log").open("w") as log:
        environment = os.environ | {name: str(path) for name, path in own.items()}
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        info = _wait_for_server(server, home)
        yield f"{info['url']}lab/tree/{name}?token={info['token']}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for_server(server, home):
    for _ in range(600):
        for path in (home / "runtime").glob("jpserver-*.json"):
            with contextlib.suppress(json.JSONDecodeError):  # half written
                return json.loads(path.read_text())
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError("JupyterLab did not start:\n" + (home / "log").read_text())


def notebook_of(sources):
    """A notebook with these code cells, for nbformat."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def run_all(page, address, last_words, timeout=5 * MINUTES):
    """Opens a notebook and runs all its cells, until the page shows `last_words`."""
    page.goto(address)
    status = page.locator("#jp-main-statusbar")
    expect(status).to_contain_text("| Idle", timeout=MINUTES)
    expect(status).not_to_contain_text("No Kernel")
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    expect(page.get_by_text(last_words).first).to_be_visible(timeout=timeout)


def widget(page, title):
    """The output that holds a widget's title."""
    return page.locator(".jp-OutputArea-output", has_text=title).last


def picture(box, number=0):
    """SHA-256 of a picture that a widget shows."""
    source = (
        box.locator("img")
        .nth(number)
        .evaluate(
            "async img => { const blob = await (await fetch(img.src)).arrayBuffer();"
            " return Array.from(new Uint8Array(blob)) }"
        )
    )
    return hashlib.sha256(bytes(source)).hexdigest()


def wait_for(box, condition, number=0, seconds=5):
    """The picture's SHA-256, once it meets a condition."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition(found := picture(box, number)):
            return found
        time.sleep(0.02)
    pytest.fail(f"the picture did not follow the hand within {seconds} s")


def screenshot(box, name):
    """Keeps what a widget looks like in the folder ``$GANNOTES_SCREENSHOTS``, if there is one."""
    folder = os.environ.get("GANNOTES_SCREENSHOTS")
    if folder:
        box.screenshot(path=Path(folder) / f"{name}.png")
