"""Which staffing norms are not met, and how much each worker looks after."""

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from geodata.people.staffing import NormFault, Workload
from geodata.records import Norm
from geodata.staffing import unmet_norms, workloads_at
from service.api.answers import KEY_NEEDED, Asked, AsOf, Limit, Listing, Within, example_page, listing, problems
from service.api.people import HolderItem, RoleName
from service.api.roster_telling import AFTER, HOLDER_EXAMPLE, ROLE, ROLE_EXAMPLE, TARGET_EXAMPLE, Telling
from service.dependencies import READERS

router = APIRouter(prefix="/api/v1", tags=["staffing"])


class NormItem(BaseModel):
    """A staffing norm."""

    code: str
    per: str = Field(description="grid, or a level of areas")
    layer: str | None
    kind: Literal["urban", "rural"] | None
    area: str | None = Field(description="Code of the area that it is about; null for all, or where that has ended")
    least: int | None
    most: int | None
    most_per_person: int | None


class SiteItem(BaseModel):
    """A grid or an area that a norm is about."""

    kind: Literal["grid", "area"]
    level: str
    layer: str | None
    code: str
    name: str


class StaffingItem(BaseModel):
    """One norm that is not met: at a site, or by a holder with too many."""

    kind: Literal["below-norm", "above-norm", "above-norm-per-person"]
    norm: NormItem
    role: RoleName
    count: int = Field(description="People at the site, or sites of the holder")
    site: SiteItem | None
    holder: HolderItem | None


class StaffingList(Listing):
    """A page of norms that are not met, by norm."""

    model_config = example_page(
        {
            "kind": "below-norm",
            "norm": {
                "code": "one-officer",
                "per": "grid",
                "layer": None,
                "kind": "urban",
                "area": None,
                "least": 1,
                "most": None,
                "most_per_person": None,
            },
            "role": ROLE_EXAMPLE,
            "count": 0,
            "site": {"level": "grid", **TARGET_EXAMPLE},
            "holder": None,
        }
    )

    items: list[StaffingItem]


class WorkloadItem(BaseModel):
    """How much one worker looks after by primary duties."""

    holder: HolderItem
    targets: dict[str, int] = Field(description="Number of different targets of each kind")
    households: int | None = Field(description="Each household once; null where no target has a count")
    persons: int | None
    households_from: list[Literal["register", "stated", "estimated"]] = Field(
        description="Where households come from: the register's buildings, grids' own counts, units' shares"
    )
    uncounted: int = Field(description="Targets without a count of households")


class WorkloadList(Listing):
    """A page of workloads, by worker."""

    model_config = example_page(
        {
            "holder": HOLDER_EXAMPLE,
            "targets": {"grid": 2},
            "households": 640,
            "persons": 1730,
            "households_from": ["stated"],
            "uncounted": 0,
        }
    )

    items: list[WorkloadItem]


@router.get(
    "/staffing",
    operation_id="listUnmetNorms",
    summary="Staffing norms that are not met",
    response_model=None,
    responses={200: {"model": StaffingList}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_unmet_norms(
    request: Request,
    within: Within = None,
    role: ROLE = None,
    as_of: AsOf = None,
    limit: Limit = None,
    after: AFTER = None,
) -> Response:
    """Grids and areas with fewer or more people than a norm says, and people who hold more of them than it allows.

    A grid has the people whose primary duty is on it, an area those on it or on any area or grid inside it.
    Names and phones are masked for planners.
    """
    asked = Asked(request, as_of, READERS)
    tell = Telling(asked)

    def place_of(fault: NormFault) -> str:
        if fault.site is not None:
            return f"{fault.norm.code}:0:{fault.site.layer or ''}:{fault.site.code}:{fault.kind}"
        assert fault.holder_id is not None
        holder = tell.holder_of(fault.holder_id)
        return f"{fault.norm.code}:1:{holder.kind}:{holder.code}"

    return listing(
        asked,
        sorted(unmet_norms(asked.moment, within=within, role=role), key=place_of),
        place_of=place_of,
        after=after,
        limit=limit,
        record=lambda fault: _fault(tell, fault),
        private=True,
    )


@router.get(
    "/workloads",
    operation_id="listWorkloads",
    summary="How much each worker looks after",
    response_model=None,
    responses={200: {"model": WorkloadList}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_workloads(
    request: Request,
    within: Within = None,
    as_of: AsOf = None,
    limit: Limit = None,
    after: AFTER = None,
) -> Response:
    """Targets, households and persons of each worker with a primary duty, by the worker's code.

    With `within` those who have a target there. Buildings count by the register, grids by their stated counts or,
    without one, by the buildings in them, units by an equal share of their building. Names and phones are masked for
    planners.
    """
    asked = Asked(request, as_of, READERS)
    tell = Telling(asked)

    def place_of(load: Workload) -> str:
        return tell.holder_of(load.holder_id).code

    return listing(
        asked,
        sorted(workloads_at(asked.moment, within=within), key=place_of),
        place_of=place_of,
        after=after,
        limit=limit,
        record=lambda load: _workload(tell, load),
        private=True,
    )


def _fault(tell: Telling, fault: NormFault) -> dict[str, Any]:
    site = fault.site
    named = {"level": site.level, "layer": site.layer, "code": site.code, "name": site.name} if site else {}
    return {
        "kind": fault.kind,
        "norm": _norm(tell, fault.norm),
        "role": tell.role(fault.norm.role_id),
        "count": fault.count,
        "site": None if site is None else {"kind": site.kind, **named},
        "holder": None if fault.holder_id is None else tell.holder(fault.holder_id, fault.norm.role_id),
    }


def _norm(tell: Telling, norm: Norm) -> dict[str, Any]:
    area = tell.asked.moment.area_by_id(norm.area_id)
    return {
        "code": norm.code,
        "per": norm.per,
        "layer": norm.layer,
        "kind": norm.grid_kind,
        "area": None if area is None else area.code,
        "least": norm.least,
        "most": norm.most,
        "most_per_person": norm.most_per_person,
    }


def _workload(tell: Telling, load: Workload) -> dict[str, Any]:
    return {
        "holder": tell.holder(load.holder_id, None),
        "targets": dict(load.targets),
        "households": load.households,
        "persons": load.persons,
        "households_from": list(load.sources),
        "uncounted": load.uncounted,
    }
