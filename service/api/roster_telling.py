"""Roles, holders and stretches of time as answers about the roster tell them; its parameters."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any

from fastapi import Query

from geodata.people.masking import masked_name, masked_phone
from geodata.people.spans import Spans
from geodata.records import Holder, Role
from service.api.answers import LONGEST_CODE, Asked
from service.dependencies import local_text

LONGEST_CURSOR = 1000

ROLE = Annotated[str | None, Query(max_length=LONGEST_CODE, description="Only about the role of this code")]
AFTER = Annotated[
    str | None, Query(max_length=LONGEST_CURSOR, description="Continue after this place, as the page before names it")
]

HOLDER_EXAMPLE: dict[str, Any] = {"kind": "worker", "code": "W0001", "name": "样例-甲", "phone": "13800000000"}
ROLE_EXAMPLE: dict[str, Any] = {
    "code": "grid_worker_full_time",
    "name": "专职网格员",
    "name_en": "Full-time grid worker",
}
TARGET_EXAMPLE: dict[str, Any] = {
    "kind": "grid",
    "layer": "general",
    "code": "370102001001003",
    "name": "第三网格",
}


class Telling:
    """Turns identities into what an answer says of them."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    @cached_property
    def _holders(self) -> Mapping[int, Holder]:
        return {holder.holder_id: holder for holder in self.asked.moment.workers}

    @cached_property
    def _roles(self) -> Mapping[int, Role]:
        return {role.role_id: role for role in self.asked.moment.roles.values()}

    def role_of(self, role_id: int) -> Role:
        """The role as it is at the instant, else as it was or will be."""
        versions = self.asked.moment.roster.register.roles_of[role_id]
        return self._roles.get(role_id) or versions[-1]

    def holder_of(self, holder_id: int) -> Holder:
        """The holder as at the instant, else as it was or will be."""
        versions = self.asked.moment.roster.register.holders_of[holder_id]
        return self._holders.get(holder_id) or versions[-1]

    def role(self, role_id: int) -> dict[str, Any]:
        """A role."""
        role = self.role_of(role_id)
        return {"code": role.code, "name": role.name, "name_en": role.name_en}

    def holder(self, holder_id: int, role_id: int | None) -> dict[str, Any]:
        """A holder, masked unless the role, the phone or the asker allows."""
        holder = self.holder_of(holder_id)
        role = None if role_id is None else self.role_of(role_id)
        unmasked = self.asked.caller.unmasked
        show_name = unmasked or holder.kind == "organisation" or (role is not None and role.name_public)
        show_phone = unmasked or holder.phone_public or (role is not None and role.phone_public)
        return {
            "kind": holder.kind,
            "code": holder.code,
            "name": holder.name if show_name else masked_name(holder.name),
            "phone": holder.phone if show_phone else masked_phone(holder.phone),
        }

    def spans(self, spans: Spans) -> list[dict[str, str]]:
        """Stretches of time, local."""
        return [self.span(*one) for one in spans]

    def span(self, begins: int, ends: int) -> dict[str, str]:
        """A stretch of time, local."""
        return {"from": local_text(begins, self.asked.zone), "to": local_text(ends, self.asked.zone)}
