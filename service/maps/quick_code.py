"""QR codes as vectors."""

import segno
from markupsafe import Markup

_QUIET_MODULES = 4


def quick_code(text: str, x: float, y: float, side: float) -> Markup:
    """A QR code with its quiet white rim, as SVG.

    Parameters
    ----------
    text
        What it says: an address.
    x, y, side
        Upper left corner and length of a side, the rim included, millimetres.
    """
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix]
    module = side / (len(rows) + 2 * _QUIET_MODULES)
    drawn: list[str] = []
    for down, row in enumerate(rows):
        begin = None
        for across, dark in enumerate([*row, 0]):
            if dark and begin is None:
                begin = across
            elif not dark and begin is not None:
                drawn.append(f"M{begin} {down}h{across - begin}v1h-{across - begin}z")
                begin = None
    return Markup(
        '<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill="#ffffff"/>'
        '<path transform="translate({:.3f} {:.3f}) scale({:.4f})" fill="#000000" d="{}"/>'
    ).format(x, y, side, side, x + module * _QUIET_MODULES, y + module * _QUIET_MODULES, module, "".join(drawn))
