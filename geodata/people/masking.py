"""What the public may see of a name and a phone."""

_MOBILE_DIGITS = 11


def masked_phone(phone: str) -> str:
    """A phone with its middle hidden: ``138****0000``.

    Notes
    -----
    Shorter than a mobile number only the last two characters show; four and fewer become stars altogether. An empty
    phone stays empty.
    """
    if len(phone) >= _MOBILE_DIGITS:
        return f"{phone[:3]}****{phone[-4:]}"
    shown = phone[-2:] if len(phone) > 4 else ""
    return "*" * (len(phone) - len(shown)) + shown


def masked_name(name: str) -> str:
    """A name of which only the first character shows: ``张**``."""
    return name[:1] + "**" if name else ""
