"""What the API answers about notice boards."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from service.api.answers import EXAMPLE_HEAD, LONGEST_CODE, Body, Listing, example, example_page

_PERSON: dict[str, Any] = {
    "role": "grid_worker_full_time",
    "role_name": "专职网格员",
    "name": "样例-李0101",
    "phone": "138****0101",
    "target_kind": "grid",
    "target": "第三网格",
    "stand_in": False,
    "masked": True,
    "hours": "Mo-Fr 08:30-17:30",
}
_PRINTED: dict[str, Any] = {
    "layer": "general",
    "kind": "grid",
    "code": "370102001001003",
    "name": "第三网格",
    "size": "A3",
    "lang": "zh",
    "printed_at": "2026-11-22T08:00:00+08:00",
    "printed_by": "网格办 张三",
    "release": 3,
    "file": "370102001001003.pdf",
    "stale": True,
    "gone": False,
    "changed": ["people"],
}
_RUN: dict[str, Any] = {
    "id": 4,
    "state": "printing",
    "asked": {"within": "370102001", "layer": "general", "kind": "grid", "size": "A3", "lang": "zh"},
    "done": 12,
    "total": 83,
    "printed": 9,
    "problem": None,
    "created_at": "2026-11-22T08:00:00+08:00",
    "created_by": "网格办 张三",
    "progress_at": "2026-11-22T08:00:14+08:00",
}


class FigureItem(BaseModel):
    """A count on the board."""

    name: str = Field(description="households persons area (square metres) compounds buildings grids")
    value: float
    source: Literal["register", "stated", "measured"]


class BoardPerson(BaseModel):
    """Somebody on the board, as the public sees them."""

    role: str
    role_name: str
    name: str
    phone: str
    target_kind: str
    target: str
    stand_in: bool
    masked: bool = Field(description="The phone is hidden, because neither role nor person makes it public")
    hours: str


class TierItem(BaseModel):
    """One step of the organisation, the highest first."""

    kind: Literal["above", "area", "grid", "compound", "building"]
    name: str
    people: list[BoardPerson]


class RoleItem(BaseModel):
    """What a role does."""

    name: str
    duties: str


class BoardMatter(BaseModel):
    """Which matter goes to whom."""

    name: str
    description: str
    responsible: str
    person: str
    phone: str
    promised_minutes: int | None
    by_hotline: bool = Field(description="The phone is a hotline's, because nobody responsible has a public one")


class BoardStation(BaseModel):
    """A service station near the board."""

    name: str
    category: str
    address: str
    phone: str
    hours: str
    walk_minutes: float | None
    metres: float | None
    straight: bool = Field(description="The walk is estimated by a straight line")
    lon: float | None
    lat: float | None


class TextItem(BaseModel):
    """A text that a clerk wrote."""

    title: str
    body: str
    phone: str


class BoardFindingItem(BaseModel):
    """Something that is wrong with the board."""

    kind: str
    message: str
    message_zh: str
    facts: dict[str, Any]


class BoardAnswer(BaseModel):
    """What a notice board says, as everybody may see it."""

    model_config = example(
        **EXAMPLE_HEAD,
        kind="grid",
        layer="general",
        code="370102001001003",
        name="第三网格",
        above=["示例区", "示例街道", "示例社区"],
        figures=[{"name": "households", "value": 412, "source": "register"}],
        tiers=[{"kind": "grid", "name": "第三网格", "people": [_PERSON]}],
        roles=[{"name": "专职网格员", "duties": "走访、上报、服务"}],
        matters=[],
        hotlines=[{"title": "便民服务热线", "body": "", "phone": "000-00012345"}],
        stations=[],
        intro=None,
        notices=[],
        footer="",
        release=3,
        link="https://grids.example.gov.cn/maps/boards/general/370102001001003",
        digest="104a853d9bcf0b58252176067f8ffc29",
        shortened={},
        findings=None,
    )

    as_of: str
    version: int
    stale_since: str | None
    kind: Literal["grid", "compound", "community"]
    layer: str
    code: str
    name: str
    above: list[str] = Field(description="Names of the areas that it lies in, the highest first")
    figures: list[FigureItem]
    tiers: list[TierItem]
    roles: list[RoleItem]
    matters: list[BoardMatter]
    hotlines: list[TextItem]
    stations: list[BoardStation]
    intro: TextItem | None
    notices: list[TextItem]
    footer: str
    release: int | None
    link: str = Field(description="Where its code leads")
    digest: str = Field(description="The same for the same content; another one makes a printed board stale")
    shortened: dict[str, list[int]] = Field(
        description="Lists that are not whole on this paper: how many rows are shown, and of how many"
    )
    findings: list[BoardFindingItem] | None = Field(description="What is wrong with it; null without a key")


class PrintedItem(BaseModel):
    """A board as it was printed last in one size and language."""

    layer: str
    kind: Literal["grid", "compound", "community"]
    code: str
    name: str
    size: str
    lang: Literal["zh", "en"]
    printed_at: str
    printed_by: str
    release: int | None
    file: str
    stale: bool = Field(description="It says something else now, or what it is about is gone")
    gone: bool = Field(description="There is no such grid, compound or community any more")
    changed: list[str] = Field(
        description="What is other now: name people duties matters hotlines stations texts figures plan print"
    )


class PrintedList(Listing):
    """A page of printed boards."""

    model_config = example_page(_PRINTED)

    items: list[PrintedItem]


class RunQuestion(Body):
    """What a run is to print."""

    model_config = example(within="370102001", kind="grid", size="A3", lang="zh")

    within: str | None = Field(None, max_length=LONGEST_CODE, description="Code of an area; everything if left out")
    layer: str | None = Field(None, max_length=LONGEST_CODE, description="Layer; the default one if left out")
    kind: Literal["grid", "community", "compound"] = Field("grid", description="A board for each of these")
    size: Literal["A4", "A3", "600x900"] = "A3"
    lang: Literal["en", "zh"] = "zh"


class RunItem(BaseModel):
    """A print run over many boards."""

    model_config = example(**_RUN)

    id: int
    state: Literal["queued", "printing", "done", "cancelled", "failed"]
    asked: dict[str, Any]
    done: int = Field(description="Boards that were looked at")
    total: int | None
    printed: int = Field(description="Boards that were printed; the others hang with the same content already")
    problem: dict[str, Any] | None = Field(description="Why it failed: code title title_zh detail detail_zh")
    created_at: str
    created_by: str
    progress_at: str


class RunList(BaseModel):
    """Print runs, the newest first."""

    model_config = example(items=[_RUN])

    items: list[RunItem]


class LogoAnswer(BaseModel):
    """A logo as it is kept."""

    model_config = example(area="370102001", width=400, height=400)

    area: str | None = Field(description="Code of the area; null for everywhere")
    width: int
    height: int
