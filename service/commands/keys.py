"""The command ``gridmap key``: create, list and revoke keys."""

from datetime import datetime

from rich.markup import escape

from geodata import access
from geodata.times import instant, parse_time
from service.commands.screen import either, output, table
from service.commands.state import connection
from service.settings import Settings


def create(settings: Settings, role: str, name: str, expires: str | None, actor: str) -> None:
    """Make a key and print it, the only time that it can be seen."""
    expires_at = instant(parse_time(expires, inclusive_end=True, zone=settings.zone)) if expires else None
    with connection(settings) as opened:
        key, _ = access.create_key(opened, role=role, name=name, created_by=actor, expires_at=expires_at)
    output.print(key, soft_wrap=True)
    output.print(
        either(
            "Keep it now: it is stored as a hash and cannot be shown again.",
            "请立即保存：系统只保存其哈希，无法再次显示。",
        ),
        style="dim",
    )


def show(settings: Settings) -> None:
    """Print all keys, revoked ones too, without the keys themselves."""
    with connection(settings) as opened:
        keys = access.list_keys(opened)
    listed = table(
        "id",
        either("role", "角色"),
        either("name", "名称"),
        either("created", "创建"),
        either("expires", "到期"),
        either("revoked", "吊销"),
    )
    for key in keys:
        listed.add_row(
            str(key.key_id),
            key.role,
            escape(key.name),
            _day(key.created_at, settings),
            _day(key.expires_at, settings),
            _day(key.revoked_at, settings),
        )
    output.print(listed)


def revoke(settings: Settings, key_id: int, actor: str) -> None:
    """End a key at once.

    Raises
    ------
    NotKnownError
        There is no such key.
    """
    with connection(settings) as opened:
        access.revoke_key(opened, key_id, revoked_by=actor)
    output.print(either("Revoked.", "已吊销。"))


def _day(at: datetime | None, settings: Settings) -> str:
    return "" if at is None else f"{at.astimezone(settings.zone):%Y-%m-%d %H:%M}"
