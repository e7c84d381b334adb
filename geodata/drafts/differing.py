"""What differs between two states of one draft, the one made from the other."""

from geodata.drafts.state import DraftState


def touched_between(before: DraftState, after: DraftState) -> list[str]:
    """Keys of grids, and codes of areas with ``@`` before them, that may differ; all others do not."""
    return [key for key, version in after.touched.items() if version >= before.version]


def grids_between(before: DraftState, after: DraftState) -> list[str]:
    """Keys of grids whose ground or record differs, new and ended ones included; sorted."""
    return sorted(key for key in touched_between(before, after) if key[0] != "@" and _differs(before, after, key))


def reshaped_between(before: DraftState, after: DraftState) -> list[str]:
    """Keys of grids whose ground differs, new and ended ones included; sorted."""
    return sorted(key for key in touched_between(before, after) if key[0] != "@" and reshaped(before, after, key))


def areas_between(before: DraftState, after: DraftState) -> list[str]:
    """Codes of areas that differ, new and ended ones included; sorted."""
    codes = (key[1:] for key in touched_between(before, after) if key[0] == "@")
    return sorted(code for code in codes if before.areas.get(code) != after.areas.get(code))


def differs(before: DraftState, after: DraftState, key: str) -> bool:
    """Whether the ground or the record of a grid differs."""
    return key in after.touched and _differs(before, after, key)


def _differs(before: DraftState, after: DraftState, key: str) -> bool:
    return before.grids.get(key) != after.grids.get(key) or reshaped(before, after, key)


def reshaped(before: DraftState, after: DraftState, key: str) -> bool:
    """Whether the ground of a grid differs; so it does where it is in one of two states."""
    old = before.tiling.shape(key) if key in before.grids else None
    new = after.tiling.shape(key) if key in after.grids else None
    return old is not new and old != new
