"""The command ``gridmap sample``: the generated sample as files."""

from pathlib import Path

from rich.markup import escape

from geodata.sample import generate, write
from service.commands.screen import either, output


def write_sample(folder: Path, size: str, seed: int) -> None:
    """Write the sample's tables and maps into a folder."""
    write(generate(size, seed), folder)
    first = folder / "areas.gpkg"
    output.print(
        either(
            f"Written to {escape(str(folder))}. Next: gridmap load areas {escape(str(first))}",
            f"已写入 {escape(str(folder))}。下一步：gridmap load areas {escape(str(first))}",
        )
    )
