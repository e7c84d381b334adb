"""Whom to call in a grid for which matter."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from geodata.people.responsible import responsible_records
from geodata.succession import grid_or_retired
from service.api.answers import EXAMPLE_HEAD, OPEN_TO_ALL, Asked, AsOf, CodeInPath, LayerInPath, example, problems
from service.api.lookup_answer import OfficeNamed, RoleNamed

router = APIRouter(prefix="/api/v1", tags=["grids"])


class WhoAnswers(BaseModel):
    """The one to call; name and phone are masked unless public or allowed by the key."""

    role: str
    role_name: str
    role_name_en: str
    kind: Literal["worker", "organisation"]
    name: str
    phone: str
    via: str = Field(description="grid, or the level of the area that the duty is for")
    on_duty_now: bool
    reason: Literal["off_hours", "on_leave", "standby"] | None = Field(description="Why not on duty")
    back_at: str | None = Field(description="When somebody off duty is back, where it is known")


class GridMatter(BaseModel):
    """A kind of work, who answers for it in the grid, and how soon it is promised to be done."""

    code: str
    name: str
    name_en: str
    description: str
    promised_minutes: int | None
    role: RoleNamed | None = Field(description="The role that answers for it")
    organisation: OfficeNamed | None = Field(description="The department that answers for it")
    who: WhoAnswers | None = Field(description="Who in that role answers for the grid at the instant; null for nobody")
    phone: str = Field(description="Of the matter, else of its department; empty where there is neither")


class GridMatters(BaseModel):
    """Whom to call in a grid."""

    model_config = example(
        **EXAMPLE_HEAD,
        layer="general",
        code="370102001001003",
        items=[
            {
                "code": "noise",
                "name": "噪声扰民",
                "name_en": "Noise",
                "description": "",
                "promised_minutes": 120,
                "role": {"code": "grid_worker_full_time", "name": "专职网格员", "name_en": "Full-time grid worker"},
                "organisation": None,
                "who": {
                    "role": "grid_worker_full_time",
                    "role_name": "专职网格员",
                    "role_name_en": "Full-time grid worker",
                    "kind": "worker",
                    "name": "张**",
                    "phone": "138****0000",
                    "via": "grid",
                    "on_duty_now": True,
                    "reason": None,
                    "back_at": None,
                },
                "phone": "0531-00000000",
            }
        ],
    )

    as_of: str
    version: int
    stale_since: str | None
    layer: str
    code: str
    items: list[GridMatter] = Field(description="In the order in which matters are told")


@router.get(
    "/layers/{layer}/grids/{code}/matters",
    operation_id="getGridMatters",
    summary="Whom to call in a grid for which matter",
    response_model=None,
    responses={200: {"model": GridMatters}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
def get_grid_matters(request: Request, layer: LayerInPath, code: CodeInPath, as_of: AsOf = None) -> Response:
    """Every matter with the role or department that answers for it, and who of the grid's people that is now."""
    asked = Asked(request, as_of)
    moment = asked.moment
    grid = grid_or_retired(moment, layer, code)
    known = asked.not_modified()
    if known is not None:
        return known
    items = responsible_records(
        moment.matters, moment.people(grid), moment.roster, unmasked=asked.caller.unmasked, zone=asked.zone
    )
    return asked.answer({"layer": layer, "code": code, "items": items})
