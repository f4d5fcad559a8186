"""What the widgets are made of, in one style.

A slider's callback draws before it returns. Until then the browser holds back that slider's next
values and sends only the last of them, so that no queue builds up however fast the hand.
"""

from contextlib import contextmanager
import html

from gannotes import plotting
import ipywidgets

WIDE = {"style": {"description_width": "100px"}, "layout": {"width": "320px"}}  # a control
NARROW = {"style": {"description_width": "100px"}, "layout": {"width": "230px"}}
PIXELS = "gannotes-pixels"  # class of pictures that the browser enlarges


def picture():
    """Where a PNG goes."""
    return ipywidgets.Image(format="png", layout={"align_self": "flex-start"})  # not stretched


def show_images(picture, images, columns=8, scale=1):
    """Shows images in a `picture`, laid out in rows; the browser enlarges them, with sharp pixels."""
    grid = plotting.image_grid(images, columns)
    picture.add_class(PIXELS)
    picture.value, picture.width = plotting.png(grid), str(scale * grid.shape[1])


def heading(text):
    """A widget's title, whatever characters it holds."""
    style = f"<style>.{PIXELS} {{ image-rendering: pixelated; }}</style>"
    return ipywidgets.HTML(f"{style}<b>{html.escape(text)}</b>")


def label(text):
    """The description of a control that has none of its own, in the column of the others."""
    layout = {"width": "100px", "margin": "2px 8px 2px 2px", "justify_content": "flex-end"}
    return ipywidgets.Label(text, layout=layout)


def note():
    """A line of text under a picture."""
    return ipywidgets.Label(layout={"margin": "0"})


def button(description, tooltip, on_click):
    """A button that calls a function without arguments."""
    made = ipywidgets.Button(description=description, tooltip=tooltip, layout={"width": "auto"})
    made.on_click(lambda _: on_click())
    return made


def row(*children):
    """Side by side; what has no room goes on below."""
    return ipywidgets.HBox(children, layout={"flex_flow": "row wrap", "align_items": "center"})


def column(*children):
    """One below the other, as wide as a control."""
    return ipywidgets.VBox(children, layout={"width": "340px", "flex": "0 0 auto"})


def beside(controls, *shown):
    """Controls on the left, pictures and notes on the right."""
    right = ipywidgets.VBox(shown, layout={"margin": "0 0 0 12px"})
    return ipywidgets.HBox([controls, right], layout={"flex_flow": "row wrap"})


def bar(share):
    """A table's cell with a bar from its middle: to the right and orange above 0, else blue; full at 1."""
    length = 45 * min(abs(share), 1)  # percent of the cell
    left, colour = (50, plotting.FAKE) if share > 0 else (50 - length, plotting.REAL)
    return (
        '<td style="position:relative;width:220px;height:20px">'
        f'<div style="position:absolute;top:3px;bottom:3px;left:{left:.1f}%;'
        f'width:{length:.1f}%;background:{colour}"></div>'
        '<div style="position:absolute;top:0;bottom:0;left:50%;border-left:1px solid #999"></div>'
        "</td>"
    )


def choice(description, options, value):
    """A slider over a few values, which include the present one."""
    options = sorted({*options, value})
    return ipywidgets.SelectionSlider(
        options=[(f"{option:,g}", option) for option in options],
        value=value,
        description=description,
        **WIDE,
    )


@contextmanager
def once(widget):
    """Several controls of a widget change, and its picture once: `_show` rests while `_held`."""
    widget._held = True
    try:
        yield
    finally:
        widget._held = False
    widget._show()
