"""The command ``gridmap sample``: the generated sample as files."""

from pathlib import Path

from geodata.sample import generate, write
from service.commands.screen import either, output


def write_sample(folder: Path, size: str, seed: int) -> None:
    """Write the sample's tables and maps into a folder."""
    write(generate(size, seed), folder)
    output.print(
        either(
            f"Written to {folder}. Next: gridmap load areas {folder}/…",
            f"已写入 {folder}。下一步：gridmap load areas {folder}/…",
        )
    )
