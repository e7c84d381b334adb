"""Operations that redraw a tiling and keep it whole: pure geometry, no database, no attributes.

Each takes a `Tiling` and gives an `Edit`, or raises `EditRefusedError` and has changed nothing. Vertices that a border
has are used again as they are, and where a border gets a new one, all grids along it get the same double.
"""

from geodata.grid.edit.faults import faults
from geodata.grid.edit.grounds import block_at, cells_of
from geodata.grid.edit.handing import hand_over
from geodata.grid.edit.merging import merge
from geodata.grid.edit.nodes import draw_out, insert_node, move_node, remove_node
from geodata.grid.edit.records import Edit, Transfer
from geodata.grid.edit.replacing import replace
from geodata.grid.edit.reshaping import reshape
from geodata.grid.edit.splitting import split
from geodata.grid.edit.tiling import Tiling

__all__ = [
    "Edit",
    "Tiling",
    "Transfer",
    "block_at",
    "cells_of",
    "draw_out",
    "faults",
    "hand_over",
    "insert_node",
    "merge",
    "move_node",
    "remove_node",
    "replace",
    "reshape",
    "split",
]
