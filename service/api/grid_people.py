"""Who answers for a grid, and who did."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from geodata.people.answers import duty_record
from geodata.people.history import grid_duties
from geodata.succession import grid_or_retired
from service.api.answers import (
    EXAMPLE_HEAD,
    OPEN_TO_ALL,
    Asked,
    AsOf,
    CodeInPath,
    LayerInPath,
    example,
    json_response,
    problems,
)
from service.api.lookup_answer import Person
from service.api.people import DUTY_EXAMPLE, DutyItem, duty_of
from service.api.registers import WithHistory
from service.dependencies import READERS, require, serving

router = APIRouter(prefix="/api/v1", tags=["grids"])


class PastDuty(DutyItem):
    """A duty, for the time that it counted for the grid."""

    via: str = Field(description="grid, or the level of the area that the duty is for")


class GridPeople(BaseModel):
    """Who answers for a grid."""

    model_config = example(
        **EXAMPLE_HEAD,
        layer="general",
        code="370102001001003",
        workers=[],
        history=[{**DUTY_EXAMPLE, "via": "grid"}],
    )

    as_of: str
    version: int
    stale_since: str | None
    layer: str
    code: str
    workers: list[Person] = Field(description="Those who answer at the instant")
    history: list[PastDuty] | None = Field(
        description="Duties of all times, on the grid and on the areas that it lay in then, the newest first; null "
        "unless asked for"
    )


@router.get(
    "/layers/{layer}/grids/{code}/people",
    operation_id="getGridPeople",
    summary="Who answers for a grid, and who did",
    response_model=None,
    responses={200: {"model": GridPeople}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=OPEN_TO_ALL,
)
def get_grid_people(
    request: Request, layer: LayerInPath, code: CodeInPath, as_of: AsOf = None, history: WithHistory = False
) -> Response:
    """The people of a grid at the instant; with `history`, and a key, everybody who ever was responsible and when."""
    asked = Asked(request, as_of)
    if history:
        require(request, READERS)
    moment = asked.moment
    grid = grid_or_retired(moment, layer, code)
    unmasked = asked.caller.unmasked
    people = [duty_record(person, unmasked=unmasked, zone=asked.zone) for person in moment.people(grid)]
    content: dict[str, Any] = {"layer": layer, "code": code, "workers": people, "history": None}
    if not history:
        return asked.not_modified() or asked.answer(content)
    with serving(request).database() as connection:
        rows = grid_duties(connection, grid.grid_id)
    content["history"] = [{**duty_of(asked, row, row["begins"], row["ends"]), "via": row["via"]} for row in rows]
    return json_response({**asked.head, **content})
