"""The one exception tree of the library.

::

    GeodataError
    ├── InputError                 what was given cannot be used
    │   ├── CoordinateError        not a place on Earth, or not a number
    │   ├── CrsError               a reference system that nobody knows
    │   ├── TimeError              a date that is no date
    │   ├── HoursError             weekly hours that cannot be read or kept
    │   ├── FileError              a file that is not what it claims to be, or that cannot be written
    │   ├── LoadRefusedError       findings of severity ``error`` forbid the commit
    │   └── EditRefusedError       a change of borders that would break the tiling, or that cannot be drawn
    ├── NotKnownError              no such layer, grid, area, station, release …
    │   └── RetiredError           a grid that was, and is no more
    ├── ConflictError              the state does not allow it now
    │   ├── PendingReleaseError    a release of the layer is waiting for its date
    │   ├── StaleBaseError         somebody published in between
    │   ├── StaleEditError         somebody changed the same record in between
    │   │   └── StaleDraftError    somebody changed the same draft in between
    │   ├── NoNetworkError         no streets are loaded that people could walk on
    │   └── OffNetworkError        no street is near enough to walk to
    ├── AccessError                the key is missing, unknown, expired or too weak
    └── UnavailableError           PostGIS is away, or not there yet
        ├── RegisterNotReadyError  the register of addresses is still being compiled
        ├── NetworkNotReadyError   the walking network is still being compiled
        ├── BusyError              too many ask for the same at once
        └── SetupError             something must be installed or set first
"""

from typing import Any, ClassVar


class GeodataError(Exception):
    """Something that a user of the library can act on.

    Parameters
    ----------
    detail
        What happened and what to do next, in English.
    detail_zh
        The same in Chinese; the English text where it is empty.
    facts
        Machine-readable particulars (row, code, limit …), safe to show.
    """

    code: ClassVar[str] = "error"
    title: ClassVar[str] = "Something went wrong"
    title_zh: ClassVar[str] = "出错了"

    def __init__(self, detail: str, detail_zh: str = "", **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.detail_zh = detail_zh or detail
        self.facts = facts


class InputError(GeodataError):
    """What was given cannot be used."""

    code = "invalid-input"
    title = "The input cannot be used"
    title_zh = "输入无法使用"


class CoordinateError(InputError):
    """Not a place on Earth, or not a number."""

    code = "invalid-coordinate"
    title = "The coordinate is not a place on Earth"
    title_zh = "坐标无效"


class CrsError(InputError):
    """A reference system that nobody knows."""

    code = "unknown-crs"
    title = "The coordinate reference system is not known"
    title_zh = "坐标系无法识别"


class TimeError(InputError):
    """A date that is no date."""

    code = "invalid-time"
    title = "The time cannot be read"
    title_zh = "时间无法识别"


class HoursError(InputError):
    """Weekly hours that cannot be read, or that say more than can be kept."""

    code = "invalid-hours"
    title = "The hours cannot be read"
    title_zh = "时间段无法识别"


class FileError(InputError):
    """A file that is not what it claims to be, or that cannot be written."""

    code = "unreadable-file"
    title = "The file cannot be used"
    title_zh = "文件无法使用"


class LoadRefusedError(InputError):
    """Findings of severity ``error`` forbid the commit; ``report`` says what they are."""

    report: Any = None
    code = "load-refused"
    title = "The load has errors and was not committed"
    title_zh = "数据有错误，未提交"


class EditRefusedError(InputError):
    """A change of borders that would break the tiling, or that cannot be drawn; nothing was changed.

    The facts name the ``reason`` (``no-crossing``, ``not-touching``, ``on-rim`` …), the place (``lon``, ``lat``) and
    the keys of the ``grids`` concerned, as far as there are any.
    """

    code = "edit-refused"
    title = "The borders cannot be changed like that"
    title_zh = "无法这样修改边界"

    @property
    def reason(self) -> str:
        """Why, as a stable word in kebab-case."""
        return str(self.facts.get("reason", ""))


class TooManyError(InputError):
    """More is asked for than is given at a time; the facts say the ``count`` and the ``limit``."""

    code = "too-many"
    title = "More is asked for than is given at a time"
    title_zh = "请求的数量超过上限"


class NotKnownError(GeodataError):
    """No such layer, grid, area, station or release."""

    code = "not-known"
    title = "Not known"
    title_zh = "未找到"


class RetiredError(NotKnownError):
    """A grid or area that was in force before, and is no more; the facts say since when, and what lies there now."""

    code = "retired"
    title = "It is no longer in force"
    title_zh = "已停用"


class ConflictError(GeodataError):
    """The state does not allow it now."""

    code = "conflict"
    title = "The present state does not allow this"
    title_zh = "当前状态不允许此操作"


class PendingReleaseError(ConflictError):
    """A release of the layer is waiting for its date."""

    code = "pending-release"
    title = "Another release of this layer is pending"
    title_zh = "该网格类型已有待生效的版本"


class StaleBaseError(ConflictError):
    """Somebody published in between."""

    code = "stale-base"
    title = "The layer has changed since this work began"
    title_zh = "网格已被他人更新"


class StaleEditError(ConflictError):
    """Somebody changed the same record in between; ``current`` is what it is now, None where it is no more."""

    current: Any = None
    code = "stale-edit"
    title = "The record has changed since it was read"
    title_zh = "该记录已被他人修改"


class StaleDraftError(StaleEditError):
    """Somebody changed the same draft in between; the facts name its ``version`` and the codes ``changed`` since."""

    code = "stale-draft"
    title = "The draft has changed since it was read"
    title_zh = "该草案已被他人修改"


class NoNetworkError(ConflictError):
    """No streets are loaded that people could walk on."""

    code = "no-network"
    title = "There is no walking network"
    title_zh = "没有步行路网"


class OffNetworkError(ConflictError):
    """No street is near enough to walk to: nothing can be said about walks from there."""

    code = "off-network"
    title = "The place is off the walking network"
    title_zh = "该地点不在步行路网上"


class AccessError(GeodataError):
    """The key is missing, unknown, expired or too weak."""

    code = "not-allowed"
    title = "This key does not allow it"
    title_zh = "没有权限"


class UnavailableError(GeodataError):
    """PostGIS is away, or not there yet."""

    code = "database-away"
    title = "The database is away"
    title_zh = "数据库暂时不可用"


class RegisterNotReadyError(UnavailableError):
    """The register of addresses is still being compiled; points are answered meanwhile."""

    code = "register-not-ready"
    title = "The register of addresses is not ready yet"
    title_zh = "地址库尚未就绪"


class NetworkNotReadyError(UnavailableError):
    """The walking network is still being compiled."""

    code = "network-not-ready"
    title = "The walking network is not ready yet"
    title_zh = "步行路网尚未就绪"


class BusyError(UnavailableError):
    """Too many ask for the same at once."""

    code = "busy"
    title = "Too many requests at once"
    title_zh = "请求过多"


class SetupError(UnavailableError):
    """Something must be installed or set first."""

    code = "setup-needed"
    title = "Something must be set up first"
    title_zh = "需要先完成安装或设置"
