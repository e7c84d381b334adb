"""What is printed on boards and wall maps besides the data: language, days, address, whose data it is."""

from dataclasses import dataclass

from service.maps.words import Language


@dataclass(frozen=True, slots=True)
class Imprint:
    """What stands on paper besides the data.

    Parameters
    ----------
    as_of, made_on, release_day
        Local days as they are shown: that of the data, that of printing, from when the release is in force.
    link
        Of the live page, for the code; empty for none.
    """

    lang: Language = "zh-CN"
    as_of: str = ""
    made_on: str = ""
    release_day: str = ""
    link: str = ""
    attribution: str = ""
    approval_number: str = ""
