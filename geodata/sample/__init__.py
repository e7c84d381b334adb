"""The generated sample: a Chinese-looking city of three sizes, drawn from a seed, loaded like anybody's data."""

from geodata.sample.city import SampleCity
from geodata.sample.files import write
from geodata.sample.generate import generate

__all__ = ["SampleCity", "generate", "write"]
