"""A canvas to draw on, by mouse, finger or keys."""

import anywidget
from gannotes.checks import check_images
import numpy as np
from scipy import ndimage
import traitlets

STYLE = """
.gannotes-paper { width: 280px; margin: 5px; image-rendering: pixelated; cursor: crosshair; touch-action: none; }
.gannotes-paper:focus { outline: 3px solid #b8860b; outline-offset: 2px; }"""
SCRIPT = """
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS = "arrow keys move the pen, space lowers or lifts it, Delete clears";
function render({ model, el }) {
  const n = Math.sqrt(model.get("pixels").length);
  const paper = document.createElement("canvas"), brush = paper.getContext("2d");
  Object.assign(paper, { width: n, height: n, tabIndex: 0, className: "gannotes-paper", role: "application" });
  paper.dataset.lmSuppressShortcuts = "true";  // JupyterLab leaves the arrow keys alone
  const shown = brush.createImageData(n, n), within = x => Math.max(0, Math.min(n - 1, Math.round(x)));
  let ink, pen = [n / 2, n / 2], down = false;
  const show = () => {
    ink.forEach((value, k) => shown.data.set([value, value, value, 255], 4 * k));
    brush.putImageData(shown, 0, 0);
    brush.fillStyle = down ? "#b8860b" : "#b8860b99";
    if (paper.matches(":focus-visible")) brush.fillRect(...pen.map(within), 1, 1);
    paper.ariaLabel = `Canvas, pen ${down ? "down" : "up"}: ${KEYS}`;
  };
  const read = () => { ink = Uint8Array.from(model.get("pixels")); show(); };
  const send = () => { model.set("pixels", Array.from(ink)); model.save_changes(); };
  const drawTo = ([x, y]) => {
    const [dx, dy] = [x - pen[0], y - pen[1]], squared = dx ** 2 + dy ** 2 || 1;
    ink.forEach((value, k) => {  // how far a pixel is from the line
      const [a, b] = [k % n - pen[0], Math.floor(k / n) - pen[1]];
      const t = Math.max(0, Math.min(1, (a * dx + b * dy) / squared)), far = Math.hypot(a - t * dx, b - t * dy);
      ink[k] = Math.max(value, 255 * Math.max(0, Math.min(1, 0.5 + n / 22 - far)));
    });
    pen = [x, y]; show();
  };
  const under = event => [event.offsetX, event.offsetY].map(x => x * n / paper.clientWidth - 0.5);
  paper.onpointerdown = event => { paper.setPointerCapture(event.pointerId); pen = under(event); drawTo(pen); };
  paper.onpointermove = event => { if (event.buttons) drawTo(under(event)); };
  paper.onpointerup = send;
  paper.onfocus = paper.onblur = show;
  paper.onkeydown = event => {
    const move = ARROWS[event.key], clear = ["Delete", "Backspace"].includes(event.key);
    if (!move && !clear && event.key !== " ") return;
    event.preventDefault();
    if (event.key === " ") down = !down;
    const to = pen.map((x, k) => within(within(x) + (move ? move[k] : 0)));
    if (clear) ink.fill(0);
    if (down && !clear) drawTo(to); else { pen = to; show(); }
    if (down || clear) send();
  };
  model.on("change:pixels", read); read(); el.append(paper);
}
export default { render };"""


class Canvas(anywidget.AnyWidget):
    """A black square to draw on, in white: `value`, (size, size, 1) in [-1, 1]."""

    _esm, _css = SCRIPT, STYLE
    pixels = traitlets.List().tag(sync=True)  # row by row, 0 to 255

    def __init__(self, image):
        check_images(image[None], (len(image), len(image), 1))
        super().__init__(pixels=np.rint(127.5 * (image + 1)).astype(int).ravel().tolist())

    @property
    def value(self):
        size = int(len(self.pixels) ** 0.5)
        return np.array(self.pixels, "float32").reshape(size, size, 1) / 127.5 - 1

    def clear(self):
        """Takes all ink away."""
        self.pixels = [0] * len(self.pixels)

    def centred(self):
        """The drawing as large as MNIST's digits, 20 pixels of 28, its weight in the middle."""
        ink = (self.value[..., 0] + 1) / 2
        places = np.argwhere(ink > 0.3)
        if not len(places):
            return self.value
        scale = (np.ptp(places, axis=0).max() + 1) / (20 / 28 * len(ink))
        start = np.array(ndimage.center_of_mass(ink)) - scale * (len(ink) - 1) / 2
        moved = ndimage.affine_transform(ink, [scale] * 2, start, order=1, mode="grid-constant")
        return (2 * moved[..., None] - 1).clip(-1, 1).astype("float32")
