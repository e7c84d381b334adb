"""The sample's grids as lists in five workbooks, each written the way some office writes such lists.

1. One column of prose: compounds, ranges of buildings and doors, how far the grid reaches, 等 and 及周边; titles above,
   a sum and a note below, no community anywhere but in the codes.
2. A row for each compound and road of a grid, codes merged over them; the compound beside its buildings, 全部 for all.
3. The compound in one column, its numbers in the next; exceptions, 号楼至, ~ and 栋; sides of a road in brackets.
4. A header of two levels; a column for each direction; items by line; 号至…号（单号）, lanes as a whole, 以北.
5. Two communities in one sheet, merged; no codes, names without the community; brackets around numbers, full width.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from geodata.sample import SampleCity
from tests.listing import lists_of

Row = Any


def write_offices(city: SampleCity, folder: Path) -> list[Path]:
    """The five workbooks, in order; the city is a street of six communities."""
    lists = lists_of(city)
    names = dict(zip(city.areas["code"], city.areas["name"], strict=True))
    communities = [(names[code], list(rows.itertuples())) for code, rows in lists.groupby("community")]
    writers: tuple[Callable[[Worksheet, list[tuple[str, list[Row]]]], None], ...] = (
        _prose, _rows_of_a_grid, _apart, _two_levels, _merged_communities,
    )  # fmt: skip
    paths = []
    for at, write in enumerate(writers):
        workbook = Workbook()
        sheet = workbook.active
        assert sheet is not None
        write(sheet, communities[at:] if at == len(writers) - 1 else communities[at : at + 1])
        paths.append(folder / f"清单{at + 1}.xlsx")
        workbook.save(paths[-1])
    return paths


def _numbers(buildings: str) -> dict[str, list[int]]:
    """Compound to the numbers of its buildings."""
    found: dict[str, list[int]] = defaultdict(list)
    for item in filter(None, buildings.split("、")):
        written = re.fullmatch(r"(.+?)(\d+)号楼", item)
        assert written is not None
        found[written[1]].append(int(written[2]))
    return found


def _spans(numbers: list[int], form: str = "{}-{}") -> list[str]:
    """Numbers as ranges of what follows one another."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return [str(first) if first == last else form.format(first, last) for first, last in spans]


def _prose(sheet: Worksheet, communities: list[tuple[str, list[Row]]]) -> None:
    ((name, grids),) = communities
    sheet.append([f"{name}网格划分一览表"])
    sheet.merge_cells("A1:F1")
    sheet.append([f"填报单位：{name}居委会", None, None, None, None, "2026年3月"])
    sheet.append(["序号", "网格编号", "网格名称", "网格范围", "户数", "备注"])
    for at, grid in enumerate(grids, 1):
        items = [grid.compounds, *(f"{one}{'、'.join(_spans(of))}号楼" for one, of in _numbers(grid.buildings).items())]
        items.append(re.sub(r"(\d+)-(\d+)(单|双)号", r"\1-\2号\3号", grid.roads))
        text = "；".join(filter(None, items))
        text += "；东至柏林路，西至康亭街，南至滨河北路，北至仁望大道" if at in (2, 9) else ""
        text = f"第{at}网格：{text}" if at == 3 else text + {11: "及周边", 12: "等"}.get(at, "")
        sheet.append([at, grid.code, grid.name.removeprefix(name), text + ("。" if at % 2 else "")])
    sheet.append(["合计", None, f"{len(grids)}个网格", None, 4200])
    sheet.append(["注：网格范围以街道办事处核定为准。"])


def _rows_of_a_grid(sheet: Worksheet, communities: list[tuple[str, list[Row]]]) -> None:
    ((name, grids),) = communities
    sheet.append(["社区", "网格编码", "网格名称", "小区名称", "楼栋", "沿街门牌", "户数"])
    for grid in grids:
        first = sheet.max_row + 1
        lines: list[list[Any]] = [[one, "全部"] for one in grid.compounds.split("、") if one]
        lines += [[one, "、".join(_spans(of, "{}#-{}#"))] for one, of in _numbers(grid.buildings).items()]
        roads = [one for one in grid.roads.split("、") if one]
        lines += [[None, None]] * (len(roads) - len(lines))
        for at, line in enumerate(lines):
            own = [grid.code, grid.name] if at == 0 else [None, None]
            sheet.append([name if first == 2 else None, *own, *line, roads[at] if at < len(roads) else None, 100])
        for column in "BCG":
            sheet.merge_cells(f"{column}{first}:{column}{sheet.max_row}")
    sheet.merge_cells(f"A2:A{sheet.max_row}")
    sheet.append(["合计", None, None, None, None, None, 1600])


def _apart(sheet: Worksheet, communities: list[tuple[str, list[Row]]]) -> None:
    ((name, grids),) = communities
    sheet.append(["所属社区", "网格编码", "网格名称", "所含小区", "所含楼栋", "道路门牌"])
    for at, grid in enumerate(grids):
        numbers = _numbers(grid.buildings)
        beside = [grid.compounds, *(numbers if at > 1 else ())]
        written = []
        for compound, of in numbers.items():
            if at == 0:
                written.append(f"{compound}1、3、5-{max(of)}号楼（除7、8号楼）、{compound}2、4、7#、8#")
            elif at == 1:
                written += [f"{compound}{span}栋" for span in _spans(of, "{}~{}")]
            else:
                written += [f"{span}号楼" for span in _spans(of, "{}号楼至{}")]
        roads = grid.roads.replace("单号", "（单号）").replace("双号", "（双）")
        sheet.append([name, grid.code, grid.name, "、".join(filter(None, beside)), "，".join(written), roads])


def _two_levels(sheet: Worksheet, communities: list[tuple[str, list[Row]]]) -> None:
    ((name, grids),) = communities
    sheet.append([f"{name}网格四至范围及小区楼栋清单"])
    sheet.append(["网格", None, None, "四至范围", None, None, None, "范围内"])
    sheet.append(["编码", "名称", "社区", "东", "西", "南", "北", "小区", "楼栋", "门牌"])
    for cells in ("A1:J1", "A2:C2", "D2:G2", "H2:J2"):
        sheet.merge_cells(cells)
    for at, grid in enumerate(grids):
        roads = re.sub(r"(\d+)-(\d+)单号", r"\1号至\2号（单号）", grid.roads)
        roads = re.sub(r"(\d+)-(\d+)双号", r"\1－\2号双号", roads)
        if not grid.compounds and not grid.buildings:
            roads = "、".join(dict.fromkeys(re.sub(r"\d.*", "", road) + "全部" for road in grid.roads.split("、")))
        roads += "、锦亭大街以北" if at == 5 else ""
        spans = [f"{one}{span}号楼" for one, of in _numbers(grid.buildings).items() for span in _spans(of, "{}号楼—{}")]
        items = (grid.compounds.replace("、", "\n"), "\n".join(spans), roads.replace("、", "\n"))
        sheet.append([grid.code, grid.name, name, "银达路", "康亭街", "锦亭大街", "滨河南路", *items])


def _merged_communities(sheet: Worksheet, communities: list[tuple[str, list[Row]]]) -> None:
    sheet.append(["社区名称", "网格名称", "网格范围（小区、楼栋、门牌）", "网格员"])
    for name, grids in communities:
        first = sheet.max_row + 1
        for at, grid in enumerate(grids):
            items = [one for one in grid.compounds.split("、") if one]
            for compound, of in _numbers(grid.buildings).items():
                spans = "、".join(_spans(of, "{}－{}"))
                items.append(f"{compound}（{spans}号楼）" if at % 2 else f"{compound}{spans}#楼")
            text = "，".join([*items, *filter(None, grid.roads.split("、"))])
            if at % 3 == 0:
                text = "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in text)
            sheet.append([name if at == 0 else None, grid.name.removeprefix(name), text, "样例-王"])
        sheet.merge_cells(f"A{first}:A{sheet.max_row}")
