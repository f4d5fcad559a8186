"""Figures and pictures in one style: real is blue, fake is orange."""

from gannotes.plotting.charts import panels_of, plot_bands, plot_dots, plot_images, plot_tiles
from gannotes.plotting.pictures import (
    figure_picture,
    film,
    gif,
    gif_pictures,
    image_grid,
    png,
    scaled,
)
from gannotes.plotting.plane import (
    discriminator_map,
    plane,
    plot_discriminator_maps,
    plot_game,
    plot_points,
    plot_sheets,
)
from gannotes.plotting.style import FAKE, NEUTRAL, PROBABILITY, REAL, SERIES, new_figure, use_style
