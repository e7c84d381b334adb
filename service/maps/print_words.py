"""What the page says on which printing is chosen, in Chinese and in English."""

from collections.abc import Mapping
from typing import Final

from service.maps.words import LANGUAGES, Language

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("打印", "Print"),
    "lead": (
        "先选区划，再选打印内容：上墙的挂图，或小区门口的公示牌。",
        "Choose an area, then what to print: a map for the wall, or a notice board for the gate.",
    ),
    "area": ("区划", "Area"),
    "layer": ("网格类型", "Layer"),
    "everything": ("全部网格", "All grids"),
    "choose": ("选择", "Choose"),
    "chosen": ("已选：{name}，{grids} 个网格", "Chosen: {name}, {grids} grids"),
    "no_grids": ("这里没有网格，请另选区划或网格类型。", "There are no grids here: choose another area or layer."),
    "wall": ("网格挂图", "Wall map"),
    "wall_lead": (
        "一页 PDF，按比例尺绘制：网格、界线、道路、楼栋、站点、责任人名单、图例、比例尺、指北针、二维码。",
        "One page of PDF, true to scale: grids, borders, streets, buildings, stations, people, legend, scale bar, "
        "north arrow, QR code.",
    ),
    "wall_sign_in": ("工作人员登录后可打印挂图。", "Members of staff can print it once they are signed in."),
    "size": ("纸张", "Paper"),
    "orientation": ("方向", "Orientation"),
    "orientation_auto": ("自动（图幅最大）", "Whichever shows more"),
    "orientation_portrait": ("竖向", "Portrait"),
    "orientation_landscape": ("横向", "Landscape"),
    "theme": ("颜色", "Colours"),
    "theme_none": ("区分相邻网格", "Tell neighbours apart"),
    "theme_by": ("按{name}分级", "By {name}"),
    "language": ("语言", "Language"),
    "make": ("生成 PDF", "Make the PDF"),
    "board": ("公示牌", "Notice boards"),
    "board_lead": (
        "谁负责、什么事找谁、最近的服务站点；有 A4、A3 和灯箱尺寸。",
        "Who is responsible, whom to call for what, the nearest stations; A4, A3 and light-box size.",
    ),
    "board_too_many": (
        "公示牌最多容纳 {most} 个网格，请在上面选一个社区。",
        "A notice board holds at most {most} grids: choose a community above.",
    ),
    "of_area": ("{name}（全部网格）", "{name}, all grids"),
    "grids": ("网格", "Grids"),
    "compounds": ("小区", "Compounds"),
    "name": ("名称", "Name"),
    "code": ("编码", "Code"),
    "look": ("查看", "Look"),
    "light_box": ("灯箱 600×900", "Light box 600×900"),
    "print_of": ("{name}公示牌，PDF", "Notice board of {name}, PDF"),
    "look_at": ("{name}公示牌，在屏幕上查看", "Notice board of {name}, on the screen"),
    "then": ("数据时间：{day}", "Data of {day}"),
}


def print_words(lang: Language) -> Mapping[str, str]:
    """All words in one language."""
    return {name: texts[LANGUAGES.index(lang)] for name, texts in _WORDS.items()}
