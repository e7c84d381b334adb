"""What can be loaded, and how recurring files are understood."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from geodata.intake.fields import Kind, Shape
from geodata.intake.kinds import KINDS
from geodata.intake.profiles import profiles
from geodata.intake.references import now
from geodata.intake.roster_columns import with_roles
from service.api.answers import KEY_NEEDED, example, json_response, problems
from service.dependencies import CLERKS, local_text, require, serving

router = APIRouter(prefix="/api/v1", tags=["loads"])


class ChoiceItem(BaseModel):
    """A value of a field, and what else it is called."""

    value: str
    names: list[str]


class FieldItem(BaseModel):
    """A field of a kind, its names in Chinese and English, and the headers that it is known by."""

    field: str
    label_zh: str
    label_en: str
    reader: str
    required: bool
    choices: list[ChoiceItem]
    headers: list[str]


class KindItem(BaseModel):
    """What can be loaded, and its fields."""

    kind: str
    label_zh: str
    label_en: str
    shape: Shape
    shape_required: bool
    fields: list[FieldItem]


class KindList(BaseModel):
    """Everything that can be loaded."""

    model_config = example(
        items=[
            {
                "kind": "workers",
                "label_zh": "人员",
                "label_en": "workers",
                "shape": "none",
                "shape_required": False,
                "fields": [
                    {
                        "field": "name",
                        "label_zh": "姓名",
                        "label_en": "name",
                        "reader": "text",
                        "required": True,
                        "choices": [],
                        "headers": ["姓名", "网格员"],
                    }
                ],
            }
        ]
    )

    items: list[KindItem]


class ProfileItem(BaseModel):
    """How a recurring file is understood."""

    name: str
    kind: str
    mapping: dict[str, str]
    crs: str
    saved_at: str
    saved_by: str


class ProfileList(BaseModel):
    """Every saved understanding, by name."""

    model_config = example(
        items=[
            {
                "name": "社区月报",
                "kind": "workers",
                "mapping": {"name": "姓名"},
                "crs": "",
                "saved_at": "2026-11-01T09:00:00+08:00",
                "saved_by": "李店员",
            }
        ]
    )

    items: list[ProfileItem]


@router.get(
    "/loads/kinds",
    operation_id="listLoadKinds",
    summary="What can be loaded",
    response_model=None,
    responses={200: {"model": KindList}, **problems(401, 403, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_kinds(request: Request) -> Response:
    """Every kind of record with its fields and the headers that they are known by; for clerks and administrators."""
    require(request, CLERKS)
    with serving(request).database() as connection:
        at = now(connection)
        kinds = [with_roles(connection, kind, at) for kind in KINDS.values()]
    return json_response({"items": [kind_item(kind) for kind in kinds]})


@router.get(
    "/profiles",
    operation_id="listProfiles",
    summary="How recurring files are understood",
    response_model=None,
    responses={200: {"model": ProfileList}, **problems(401, 403, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_profiles(request: Request) -> Response:
    """Every mapping that was kept under a name; for clerks and administrators."""
    require(request, CLERKS)
    held = serving(request)
    with held.database() as connection:
        found = profiles(connection)
    items = [{**row, "saved_at": local_text(row["saved_at"], held.zone)} for row in found]
    return json_response({"items": items})


def kind_item(kind: Kind) -> dict[str, Any]:
    """A kind with its fields."""
    return {
        "kind": kind.name,
        "label_zh": kind.label,
        "label_en": kind.label_en,
        "shape": kind.shape,
        "shape_required": kind.shape_required,
        "fields": [
            {
                "field": field.name,
                "label_zh": field.label,
                "label_en": field.label_en,
                "reader": field.reader,
                "required": field.required,
                "choices": [{"value": value, "names": list(names)} for value, names in field.choices.items()],
                "headers": list(field.synonyms),
            }
            for field in kind.columns
        ],
    }
