"""Errors as RFC 9457 problem details: one table from error class to status, one shape for every refusal."""

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from geodata.errors import (
    AccessError,
    ConflictError,
    FileError,
    GeodataError,
    InputError,
    NotKnownError,
    SetupError,
    StaleBaseError,
    StaleEditError,
    UnavailableError,
)
from service.sessions import forget_cookie

log = logging.getLogger("gridmap.problems")

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_SECONDS = 5
REQUEST_ID = "gridmap.request_id"
SESSION_ENDED = "session-ended"
# A body of 200,000 unknown fields is told what is wrong with the first ones, in a thousandth of its own length.
MOST_FAULTS = 20
LONGEST_LOCATION = 100

# The nearest class in an error's line of descent decides.
STATUS_OF: dict[type[GeodataError], int] = {
    InputError: 422,
    FileError: 422,
    NotKnownError: 404,
    ConflictError: 409,
    StaleBaseError: 412,
    StaleEditError: 412,
    AccessError: 401,
    UnavailableError: 503,
    GeodataError: 500,
}
# An AccessError says why in its fact `reason`: these are known callers who may not; the others must show a key.
FORBIDDEN_REASONS = frozenset({"role", "cross-site"})

_HTTP_PROBLEMS: dict[int, tuple[str, str, str, str, str]] = {
    400: (
        "bad-request",
        "The request cannot be read",
        "请求无法读取",
        "Check the body and its encoding.",
        "请检查请求内容及其编码。",
    ),
    404: (
        "no-such-path",
        "There is nothing at this path",
        "路径不存在",
        "See /openapi.json for what there is.",
        "可用的路径见 /openapi.json。",
    ),
    405: (
        "method-not-allowed",
        "This path does not take this method",
        "该路径不支持此方法",
        "The header Allow names the methods that it takes.",
        "响应头 Allow 列出了支持的方法。",
    ),
    408: (
        "body-too-slow",
        "The body did not arrive in time",
        "请求内容未按时到达",
        "Send it again, over a faster line or in smaller parts.",
        "请重新发送，或换用较快的网络、分成较小的部分发送。",
    ),
    413: (
        "body-too-large",
        "The body is too large",
        "请求内容过大",
        "Send it in smaller parts.",
        "请分成较小的部分发送。",
    ),
    415: (
        "unsupported-media-type",
        "The body is of a type that this path does not take",
        "不支持的内容类型",
        "Send another Content-Type.",
        "请更换 Content-Type。",
    ),
    428: (
        "if-match-needed",
        "Say which state was seen",
        "请说明所依据的版本",
        "Read the record first and send its ETag back in the header If-Match; * means any state.",
        "请先读取该记录，并在请求头 If-Match 中带上其 ETag；* 表示不论现状。",
    ),
    500: (
        "internal-error",
        "Something went wrong on the server",
        "服务器内部错误",
        "It was logged; tell the operator the request_id.",
        "错误已记录，请将 request_id 告知运维人员。",
    ),
}

_MESSAGES_ZH: dict[str, str] = {
    "missing": "缺少该项",
    "missing_question": "缺少该项，或改为给出地址（address）或 target",
    "too_many_fields": "字段过多",
    "extra_forbidden": "没有这一项",
    "json_invalid": "不是有效的 JSON",
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "finite_number": "应为有限的数字",
    "int_parsing": "应为整数",
    "int_parsing_size": "整数过大",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "string_type": "应为文本",
    "string_unicode": "文本不是有效的 Unicode",
    "string_too_short": "文本过短",
    "too_long": "最多 {max_length} 项",
    "string_too_long": "文本过长",
    "string_pattern_mismatch": "格式不符",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "literal_error": "应为以下之一：{expected}",
    "enum": "应为以下之一：{expected}",
    "model_attributes_type": "应为 JSON 对象（Content-Type: application/json）",
    "model_type": "应为 JSON 对象（Content-Type: application/json）",
    "dict_type": "应为 JSON 对象",
    "list_type": "应为 JSON 数组",
}
_MESSAGES_EN = {
    "model_attributes_type": "must be a JSON object sent with Content-Type: application/json",
    "model_type": "must be a JSON object sent with Content-Type: application/json",
    "missing_question": "Field required, or an address or a target instead",
}


class BodyTooLargeError(HTTPException):
    """The body was cut off at the limit."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        self.facts = {"max_bytes": max_bytes}


class ProblemError(BaseModel):
    """One fault in one place of the request."""

    location: str = Field(description="Where, as query.NAME, path.NAME, header.NAME or body.FIELD")
    code: str = Field(description="Stable name of the kind of fault")
    message: str
    message_zh: str


class Problem(BaseModel):
    """What every answer that is no answer looks like (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "urn:gridmap:problem:invalid-time",
                "title": "The time cannot be read",
                "title_zh": "时间无法识别",
                "status": 422,
                "code": "invalid-time",
                "detail": "'soon' is no time: write 2026-11-22, 2026-11-22T08:00 or 2026-11-22T08:00:00+08:00",
                "detail_zh": "“soon”不是时间：请写成 2026-11-22、2026-11-22T08:00 或 2026-11-22T08:00:00+08:00",
                "errors": [],
                "facts": {},
                "request_id": "3f2a-1c",
            }
        }
    )

    type: str = Field(description="A URN made from the code")
    title: str
    title_zh: str
    status: int
    code: str = Field(description="Stable name of the kind of problem: programs decide by it")
    detail: str = Field(description="What happened and what to do next")
    detail_zh: str
    errors: list[ProblemError] = Field(description="The single faults where there are several")
    facts: dict[str, Any] = Field(description="Machine-readable particulars")
    request_id: str = Field(description="Names this request in the log of the service")


def problem_response(
    scope: Mapping[str, Any],
    status: int,
    code: str,
    title: tuple[str, str],
    detail: tuple[str, str],
    *,
    errors: Sequence[Mapping[str, str]] = (),
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem as a response.

    Parameters
    ----------
    scope
        The ASGI scope, for the request's id.
    title, detail
        In English and in Chinese.
    """
    body = {
        "type": f"urn:gridmap:problem:{code}",
        "title": title[0],
        "title_zh": title[1],
        "status": status,
        "code": code,
        "detail": detail[0],
        "detail_zh": detail[1],
        "errors": list(errors),
        "facts": dict(facts or {}),
        "request_id": scope.get(REQUEST_ID, ""),
    }
    return Response(_json_bytes(body), status, {"Cache-Control": "no-store", **(headers or {})}, PROBLEM_JSON)


def _json_bytes(body: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(body, default=str)
    except orjson.JSONEncodeError:
        # Text with lone surrogates, echoed from the request, has no UTF-8: it goes back as the escapes it came in.
        return json.dumps(body, default=str).encode("ascii")


def status_of(error: GeodataError) -> int:
    """The HTTP status of an error of the library."""
    if isinstance(error, AccessError) and error.facts.get("reason") in FORBIDDEN_REASONS:
        return HTTPStatus.FORBIDDEN
    return next(STATUS_OF[kind] for kind in type(error).__mro__ if kind in STATUS_OF)


def geodata_problem(scope: Mapping[str, Any], error: GeodataError) -> Response:
    """An error of the library as a response."""
    status = status_of(error)
    headers: dict[str, str] = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="gridmap"'
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(error.facts.get("retry_seconds", RETRY_AFTER_SECONDS))
    if isinstance(error, SetupError):
        # What a caller can do about a wrong set-up is to wait; what is wrong with it is the operator's to read.
        error = UnavailableError("the service is not set up yet; try again later", "服务尚未就绪，请稍后重试")
    return problem_response(
        scope,
        status,
        error.code,
        (error.title, error.title_zh),
        (error.detail, error.detail_zh),
        facts=error.facts,
        headers=headers,
    )


def http_problem(
    scope: Mapping[str, Any],
    status: int,
    *,
    facts: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem of the protocol itself: no such path, wrong method, too large."""
    if status in _HTTP_PROBLEMS:
        code, title, title_zh, detail, detail_zh = _HTTP_PROBLEMS[status]
        return problem_response(
            scope, status, code, (title, title_zh), (detail, detail_zh), facts=facts, headers=headers
        )
    phrase = HTTPStatus(status).phrase
    code = phrase.lower().replace(" ", "-")
    return problem_response(scope, status, code, (phrase, phrase), (phrase, phrase), facts=facts, headers=headers)


def disk_full(scope: Mapping[str, Any]) -> Response:
    """The problem that the server has no room left for what was sent."""
    return problem_response(
        scope,
        HTTPStatus.SERVICE_UNAVAILABLE,
        "disk-full",
        ("The server's disk is full", "服务器磁盘已满"),
        (
            "There is no room for this. Tell the operator to make some in the folder for temporary files.",
            "磁盘空间不足，无法处理。请告知运维人员清理临时文件目录所在的磁盘。",
        ),
        headers={"Retry-After": "60"},
    )


def validation_errors(error: RequestValidationError) -> list[dict[str, str]]:
    """The first faults of a request, without repeating what was sent: it may be somebody's address."""
    faults = []
    for fault in error.errors()[:MOST_FAULTS]:
        kind = str(fault["type"])
        place = [str(part) for part in fault["loc"]]
        if kind == "json_invalid":
            place = ["body"]
        context = {key: str(value) for key, value in fault.get("ctx", {}).items()}
        message = _MESSAGES_EN.get(kind, str(fault["msg"]))
        template = _MESSAGES_ZH.get(kind)
        faults.append(
            {
                "location": ".".join(place)[:LONGEST_LOCATION],
                "code": kind.replace("_", "-"),
                "message": message,
                "message_zh": template.format_map(context) if template else message,
            }
        )
    return faults


async def on_geodata_error(request: Request, error: Exception) -> Response:
    """Answer an error of the library."""
    assert isinstance(error, GeodataError)
    if status_of(error) >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.warning("%s: %s (%s)", error.code, error.detail, request.scope.get(REQUEST_ID))
    response = geodata_problem(request.scope, error)
    if error.facts.get("reason") == SESSION_ENDED:
        # The page's next request is the public's, instead of failing until somebody clears the browser.
        forget_cookie(response, request.scope.get("root_path", ""))
    return response


async def on_validation_error(request: Request, error: Exception) -> Response:
    """Answer a request whose parameters or body do not fit."""
    assert isinstance(error, RequestValidationError)
    faults = validation_errors(error)
    return problem_response(
        request.scope,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-request",
        ("The request does not fit", "请求参数有误"),
        (
            "; ".join(f"{fault['location']}: {fault['message']}" for fault in faults),
            "；".join(f"{fault['location']}：{fault['message_zh']}" for fault in faults),
        ),
        errors=faults,
    )


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what the framework itself refuses."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(allowed_methods(request))
    facts = error.facts if isinstance(error, BodyTooLargeError) else None
    return http_problem(request.scope, error.status_code, facts=facts, headers=headers)


def allowed_methods(request: Request) -> list[str]:
    """Every method that some route takes at this path: a router itself names only those of its first route."""
    app: FastAPI = request.app
    found = []
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        scope = {**request.scope, "method": method}
        taken = any(route.matches(scope)[0] is Match.FULL for route in app.routes)
        if taken or (method == "HEAD" and "GET" in found):
            found.append(method)
    return found


def add_problem_handlers(app: FastAPI) -> None:
    """Let every error of an application be answered as a problem."""
    app.add_exception_handler(GeodataError, on_geodata_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(HTTPException, on_http_error)
