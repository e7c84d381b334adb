"""Modules of a page as one script: a browser asks once, not for each of forty, which is what a slow line waits for."""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Final

from geodata.errors import SetupError

_IMPORT: Final = re.compile(r"^import (?:(\w+)|\{([^}]*)\}) from ([\"'])([^\"'\n]+)\3;$", re.M)
_LATER: Final = re.compile(r"\bimport\(\"([^\"\n]+)\"\)")
_EXPORT: Final = re.compile(r"^export (default )?((?:async )?(?:function\*?|class|const) (\w+))", re.M)
_LEFT: Final = re.compile(r"^(?:import|export|await)\b.*|\bimport\.meta\b|\bimport\(.*", re.M)

_FRAME: Final = """(() => {{
"use strict";
const makers = {{
{makers}}};
const made = new Map();
const need = (name) => {{
  if (!made.has(name)) made.set(name, makers[name]());
  return made.get(name);
}};
{entries}}})();
"""


@dataclass(slots=True)
class _Part:
    """A module as the body of a function, and the modules that it needs at once and later."""

    body: str = ""
    needed: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)


def joined_modules(files: Mapping[str, str], names: Mapping[str, str], entries: Sequence[str]) -> str:
    """One script that does what a page's modules do.

    Parameters
    ----------
    files
        Text of each module by its path.
    names
        Paths of other people's modules by the names that they are imported by.
    entries
        Paths of the modules that the page runs, in their order.

    Returns
    -------
    str
        Each module as a function of its own that gives what it exports, run when it is first needed: at once for what
        is imported, later for what ``import(…)`` asks for.

    Raises
    ------
    SetupError
        A module is not there, modules need each other, or one is written in a way that is not understood.
    """
    found: dict[str, _Part] = {}
    waiting = list(entries)
    while waiting:
        path = waiting.pop(0)
        if path not in found:
            found[path] = part = _part(files, names, path)
            waiting += [*part.needed, *part.later]
    _refuse_circles({path: part.needed for path, part in found.items()})
    makers = "".join(f'"{path}": () => {{\n{part.body}}},\n' for path, part in found.items())
    return _FRAME.format(makers=makers, entries="".join(f'need("{path}");\n' for path in entries))


def function_body(
    text: str, needed: Callable[[str], str], where: str, later: Callable[[str], str] | None = None
) -> str:
    """The text of a module as that of a function which returns what it exports.

    Parameters
    ----------
    needed
        What stands for a module imported by an address.
    where
        The module, for what is said of faults.
    later
        What stands for the promise of a module that ``import(…)`` asks for; where None, that is not understood.

    Raises
    ------
    SetupError
        It is written in a way that is not understood.
    """

    def imported(found: re.Match[str]) -> str:
        default, some, _, address = found.groups()
        taken = f"default: {default}" if default else some.replace(" as ", ": ")
        return f"const {{{taken}}} = {needed(address)};"

    exported: list[str] = []

    def declared(found: re.Match[str]) -> str:
        default, declaration, name = found.groups()
        exported.append(f"default: {name}" if default else name)
        return str(declaration)

    text = _IMPORT.sub(imported, _EXPORT.sub(declared, text))
    if later is not None:
        text = _LATER.sub(lambda found: later(found[1]), text)
    left = _LEFT.search(text)
    if left:
        raise SetupError(
            f"{where} can't be joined with other modules: {left[0]}",
            f"{where} 无法与其他模块合并：{left[0]}",
            file=where,
        )
    return f"{text}\nreturn {{ {', '.join(exported)} }};\n"


def _part(files: Mapping[str, str], names: Mapping[str, str], path: str) -> _Part:
    if path not in files:
        raise SetupError(f"the module {path} is not there", f"没有模块 {path}", file=path)
    part = _Part()

    def meant(address: str, among: list[str]) -> str:
        among.append(names.get(address) or posixpath.normpath(posixpath.join(posixpath.dirname(path), address)))
        return f'need("{among[-1]}")'

    part.body = function_body(
        files[path],
        lambda address: meant(address, part.needed),
        path,
        lambda address: f"Promise.resolve().then(() => {meant(address, part.later)})",
    )
    return part


def _refuse_circles(needed: Mapping[str, Sequence[str]]) -> None:
    try:
        TopologicalSorter(needed).prepare()
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise SetupError(f"modules need each other: {circle}", f"模块互相依赖：{circle}") from error
