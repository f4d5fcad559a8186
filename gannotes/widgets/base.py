"""The base of all widgets, and the parts that they are made of.

A control's callback draws before it returns; until then the browser keeps only the control's last
value, so that no queue builds up.
"""

from base64 import b64encode
from contextlib import contextmanager
import html

from gannotes import plotting
from gannotes.checks import check_count
from gannotes.latent import generators
import ipywidgets

WIDE = {"style": {"description_width": "100px"}, "layout": {"width": "320px"}}  # a control
NARROW = WIDE | {"layout": {"width": "230px"}}
WRAP = {"flex_flow": "row wrap"}  # what has no room beside goes on below
PIXELS = "gannotes-pixels"  # class of pictures that the browser enlarges
NOTE = "gannotes-note"  # class of lines of text, which may become several
STYLE = (
    f"<style>.{PIXELS} {{ image-rendering: pixelated; }} "
    f".{NOTE}.jupyter-widgets {{ white-space: normal; height: auto; }}</style>"
)


class Widget(ipywidgets.VBox):
    """A title, controls on the left, and what they show on the right.

    A subclass has one `draw`, which shows what the controls say, and which `on_change` calls. A
    saved notebook keeps its `__repr__`, and its `still`.
    """

    column = "340px"  # width of the controls
    _held = False

    def __init__(self, title, controls, shown):
        self.title = title
        heading = ipywidgets.HTML(f"{STYLE}<b>{html.escape(title)}</b>")
        width = self.column if controls else "auto"
        left = ipywidgets.VBox(controls, layout={"width": width, "flex": "0 0 auto"})
        right = ipywidgets.VBox(
            shown, layout={"margin": "0 0 0 12px", "max_width": "calc(100% - 12px)"}
        )
        super().__init__([heading, ipywidgets.HBox([left, right], layout=WRAP)])

    def on_change(self, act, *controls):
        """Calls a function without arguments whenever one of the controls changes."""
        for control in controls:
            control.observe(lambda _: None if self._held else act(), "value")

    @contextmanager
    def hold(self):
        """While it lasts, changes of controls have no effect; then it draws once."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self.draw()

    def still(self):
        """A figure of what is shown, for readers without a kernel."""
        return plotting.plot_images(self.image.array, title=f"{self.title}\n{self.note.value}")

    def __repr__(self):
        return f"{self.title}: {', '.join(_names(self))}"

    def _repr_mimebundle_(self, **options):
        """The widget, where there is a kernel; else its `still`."""
        picture, about = self.still()._repr_png_()
        png = {"image/png": b64encode(picture).decode()}
        return super()._repr_mimebundle_(**options) | png, {"image/png": about}


def _names(widget):
    """What stands beside all controls and on all buttons."""
    own = getattr(widget, "description", "")
    inside = [name for child in getattr(widget, "children", ()) for name in _names(child)]
    return [own, *inside] if own else inside


class Picture(ipywidgets.Image):
    """A picture; `array` is what it shows, (height, width, 3), uint8."""

    def __init__(self):
        layout = {"align_self": "flex-start", "max_width": "100%"}  # neither stretched nor cut off
        super().__init__(format="png", layout=layout)

    def show(self, array):
        """Shows a picture, as large as it is."""
        self.array, self.value = array, plotting.png(array)

    def show_images(self, images, columns=8, scale=1):
        """Shows images in rows; the browser enlarges them, with sharp pixels."""
        self.show(plotting.image_grid(images, columns))
        self.add_class(PIXELS)
        self.width = str(scale * self.array.shape[1])


def grid_scale(generator, count, columns):
    """Checks a generator and its grid; factor by which pixels grow, to 480 pixels across if possible."""
    generators.check_generator(generator)
    check_count("count", count)
    check_count("columns", columns)
    width = generator.outputs[0].shape[2]
    return max(1, min(480 // (min(count, columns) * (width + 1)), 256 // width))


def slider(description, value, low, high, step=1, **options):
    """A slider; over whole numbers, if the step is one."""
    kind = ipywidgets.IntSlider if isinstance(step, int) else ipywidgets.FloatSlider
    bounds = {"min": low, "max": high, "step": step}
    return kind(value, **bounds, description=description, **(WIDE | options))


def chooser(description, options, **others):
    """A slider over a few things, or pairs ``(name, thing)``."""
    return ipywidgets.SelectionSlider(options=options, description=description, **(WIDE | others))


def levels(description, values, value):
    """A slider over a few numbers, which include the present one."""
    options = [(f"{option:,g}", option) for option in sorted({*values, value})]
    return chooser(description, options, value=value)


def menu(description, options, **others):
    """A menu of a few things, or of pairs ``(name, thing)``."""
    return ipywidgets.Dropdown(options=options, description=description, **(WIDE | others))


def seed_box():
    """A field for a seed."""
    return ipywidgets.BoundedIntText(0, min=0, max=2**31 - 1, description="seed", **NARROW)


def button(description, tooltip, act):
    """A button that calls a function without arguments."""
    made = ipywidgets.Button(description=description, tooltip=tooltip, layout={"width": "auto"})
    made.on_click(lambda _: act())
    return made


def note(text=""):
    """Text under a picture, as wide as there is room."""
    return ipywidgets.Label(text, layout={"margin": "0"}).add_class(NOTE)


def row(*children):
    """Controls side by side."""
    return ipywidgets.HBox(children, layout=WRAP | {"align_items": "center"})
