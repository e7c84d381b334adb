"""What differs between two states of one draft, the one made from the other."""

from geodata.drafts.state import DraftState


def grids_between(before: DraftState, after: DraftState) -> list[str]:
    """Keys of grids whose ground or record differs, new and ended ones included; sorted."""
    return sorted(
        key
        for key in after.touched
        if key[0] != "@" and (before.grids.get(key) != after.grids.get(key) or _reshaped(before, after, key))
    )


def reshaped_between(before: DraftState, after: DraftState) -> list[str]:
    """Keys of grids whose ground differs, new and ended ones included; sorted."""
    return sorted(key for key in after.touched if key[0] != "@" and _reshaped(before, after, key))


def areas_between(before: DraftState, after: DraftState) -> list[str]:
    """Codes of areas that differ, new and ended ones included; sorted."""
    codes = (key[1:] for key in after.touched if key[0] == "@")
    return sorted(code for code in codes if before.areas.get(code) != after.areas.get(code))


def _reshaped(before: DraftState, after: DraftState, key: str) -> bool:
    old = before.tiling.shape(key) if key in before.grids else None
    new = after.tiling.shape(key) if key in after.grids else None
    return old is not new and old != new
