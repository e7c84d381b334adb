"""Files ↔ frames, and nothing else: formats, encodings, sheets, layers. What a column means is the loader's business.

`read_table` opens a file by its content and hands over a `Table` of plain cells. Each format has a reader of its own,
chosen from a list; GDAL, which follows whatever a file or a string points to, never opens what users hand in.
"""

from geodata.exchange.delimited import read_csv_chunks
from geodata.exchange.read import read_table
from geodata.exchange.shapes import from_wkt
from geodata.exchange.table import DamagedNumber, Limits, Table, is_damaged
from geodata.exchange.write import CsvWriter, escaped_text, write_table

__all__ = [
    "CsvWriter",
    "DamagedNumber",
    "Limits",
    "Table",
    "escaped_text",
    "from_wkt",
    "is_damaged",
    "read_csv_chunks",
    "read_table",
    "write_table",
]
