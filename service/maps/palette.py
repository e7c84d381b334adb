"""The map's colours, told apart by colour-blind eyes and, by their lightness, on a black-and-white print."""

from typing import Final

# Indices from `geodata.grid.colour`: neighbours never have the same. Lightness falls from 97 to 66 of 100.
FILLS: Final = ("#fff7d6", "#d3eaf2", "#f8cfa6", "#a8d5ba", "#a3b5e0", "#c792ac")
