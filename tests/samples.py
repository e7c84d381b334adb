"""Sample cities, each generated once in a process: a test that changes one changes a copy."""

from functools import cache

from geodata.sample import SampleCity, generate


@cache
def sample(size: str) -> SampleCity:
    """The sample of a size and the usual seed."""
    return generate(size)
