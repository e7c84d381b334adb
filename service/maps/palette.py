"""The map's colours, told apart by colour-blind eyes and, by their lightness, on a black-and-white print."""

from typing import Final

# Indices from `geodata.grid.colour`: neighbours never have the same. Lightness falls from 97 to 66 of 100.
FILLS: Final = ("#fff7d6", "#d3eaf2", "#f8cfa6", "#a8d5ba", "#a3b5e0", "#c792ac")
# Classes of a figure, the least first. Warm, so that the blue of what is chosen stands out; names are read on all.
THEME_FILLS: Final = ("#fffbe3", "#fbe6a8", "#f3c67c", "#e5ab6c", "#d2935f")
