"""The days of 2025 and 2026 that are holidays, and the weekend days that are worked for them.

As the General Office of the State Council announced them on 12 November 2024 and 4 November 2025. Years that were not
announced when this was written are left out: nobody can know them.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import pandas as pd

HOLIDAYS: Final = (
    ("元旦", "2025-01-01", "2025-01-01"),
    ("春节", "2025-01-28", "2025-02-04"),
    ("清明节", "2025-04-04", "2025-04-06"),
    ("劳动节", "2025-05-01", "2025-05-05"),
    ("端午节", "2025-05-31", "2025-06-02"),
    ("国庆节、中秋节", "2025-10-01", "2025-10-08"),
    ("元旦", "2026-01-01", "2026-01-03"),
    ("春节", "2026-02-15", "2026-02-23"),
    ("清明节", "2026-04-04", "2026-04-06"),
    ("劳动节", "2026-05-01", "2026-05-05"),
    ("端午节", "2026-06-19", "2026-06-21"),
    ("中秋节", "2026-09-25", "2026-09-27"),
    ("国庆节", "2026-10-01", "2026-10-07"),
)
WORKED: Final = (
    ("春节", "2025-01-26"),
    ("春节", "2025-02-08"),
    ("劳动节", "2025-04-27"),
    ("国庆节、中秋节", "2025-09-28"),
    ("国庆节、中秋节", "2025-10-11"),
    ("元旦", "2026-01-04"),
    ("春节", "2026-02-14"),
    ("春节", "2026-02-28"),
    ("劳动节", "2026-05-09"),
    ("国庆节", "2026-09-20"),
    ("国庆节", "2026-10-10"),
)


def calendar_table() -> pd.DataFrame:
    """Return a row per day: ``day kind name``, by day."""
    return pd.DataFrame(sorted(_days()), columns=["day", "kind", "name"])


def _days() -> Iterator[tuple[str, str, str]]:
    for name, first, last in HOLIDAYS:
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            yield day.isoformat(), "holiday", name
            day += timedelta(days=1)
    for name, worked in WORKED:
        yield worked, "workday", f"{name}调休上班"
