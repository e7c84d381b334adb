"""What an address was taken for, or may mean and what to ask the caller, printed."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape

from geodata.address.wording import PARTS
from service.commands.screen import either, metres, output

_WIDE_METRES = 50
_MOST_GRIDS = 4
_UNSURE = {
    "ambiguous": ("Not sure which is meant.", "不能确定是哪一处。"),
    "not_found": ("Not found in the register of addresses.", "地址库中未找到。"),
}


def show_address(answer: Mapping[str, Any]) -> None:
    """Print how a text was read, what it was taken for and why; nothing where a point or target was asked about."""
    query = answer.get("query") or {}
    if query.get("normalized") is None:
        return
    address = answer["address"]
    if address:
        _show_taken(address)
    elif answer["status"] in _UNSURE:
        _show_unsure(answer)
    relation = query["relation"]
    if relation:
        said = escape(relation["text"])
        output.print(f"  [dim]{either(f'set apart: {said}', f'另注：{said}')}[/]")


def _show_taken(address: Mapping[str, Any]) -> None:
    level, level_zh = PARTS.get(address["level"], ("point", "坐标"))
    sure = f"{min(address['score'], 0.9999):.2%}" if address["score"] < 1 else "100%"
    output.print(f"[bold]{escape(address['label'])}[/]  [dim]{either(level, level_zh)}  {sure}[/]")
    _show_reasons(address)
    if address["spread_metres"] > _WIDE_METRES:
        far = metres(address["spread_metres"])
        output.print(
            either(
                f"  the door is not known; it lies within {far} of the point", f"  门牌未确定，范围在该点 {far} 以内"
            )
        )


def _show_unsure(answer: Mapping[str, Any]) -> None:
    output.print(f"[bold yellow]{either(*_UNSURE[answer['status']])}[/]")
    known = answer["nearest_known"]
    if known:
        label = escape(known["label"])
        output.print(either(f"Nearest thing known: {label}", f"已知的最近范围：{label}"))
    for number, candidate in enumerate(answer["candidates"], 1):
        where = " › ".join(reversed(candidate["areas"]))
        output.print(
            f"  {number}  [bold]{escape(candidate['label'])}[/]  {candidate['score']:.0%}  [dim]{escape(where)}[/]"
        )
        output.print(f"     {escape(_grids(candidate['grids'], candidate['grid_count']))}")
        _show_reasons(candidate, "     ")
    ask = answer["ask"]
    if ask:
        output.print(f"[bold]→ {escape(either(ask['message'], ask['message_zh']))}[/]")


def _show_reasons(address: Mapping[str, Any], indent: str = "  ") -> None:
    reasons = either("; ", "；").join(address[either("reasons", "reasons_zh")])
    if reasons:
        output.print(f"{indent}[dim]{escape(reasons)}[/]")


def _grids(grids: Sequence[Mapping[str, Any]], count: int) -> str:
    if not grids:
        return either("in no grid", "不在任何网格内")
    shown = either(", ", "、").join(f"{grid['name']} {grid['code']}" for grid in grids[:_MOST_GRIDS])
    return shown if count <= _MOST_GRIDS else either(f"{shown} … {count} grids", f"{shown} 等 {count} 个网格")
