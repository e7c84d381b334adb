"""A page trades a key for a cookie that its scripts cannot read."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from service.api.answers import OPEN_TO_ALL, Body, json_response, problems
from service.dependencies import PUBLIC, Caller, caller_of, caller_of_key, current_snapshot, refuse_cross_site, serving
from service.sessions import COOKIE, forget_cookie

router = APIRouter(tags=["session"])


class SignIn(Body):
    """The key to trade."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"key": "gm_…"}})

    key: str = Field(min_length=1, max_length=200)


class SessionState(BaseModel):
    """Who the page speaks for."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"role": "dispatcher", "name": "热线 3 号席", "unmasked": True}}
    )

    role: str = Field(description="public, dispatcher, planner, clerk or admin")
    name: str = Field(description="Name of the key; empty for the public")
    unmasked: bool = Field(description="Whether names and phones are shown in full")


def _state(caller: Caller) -> dict[str, object]:
    return {"role": caller.role, "name": caller.name, "unmasked": caller.unmasked}


@router.post(
    "/session",
    operation_id="signIn",
    summary="Trade a key for a cookie",
    response_model=None,
    responses={200: {"model": SessionState}, **problems(400, 401, 403, 408, 413, 422, 503)},
)
async def sign_in(request: Request, body: SignIn) -> Response:
    """Sets an HttpOnly, SameSite cookie; pages of other sites may not."""
    refuse_cross_site(request.scope)
    held = serving(request)
    caller = caller_of_key(body.key.strip(), current_snapshot(request))
    response = json_response(_state(caller))
    response.set_cookie(
        COOKIE,
        held.sessions.issue(caller.key_sha256),
        max_age=held.sessions.seconds,
        path=f"{held.settings.root_path}/",
        secure=_encrypted(request),
        httponly=True,
        samesite="lax",
    )
    return response


@router.get(
    "/session",
    operation_id="session",
    summary="Who the caller is",
    response_model=None,
    responses={200: {"model": SessionState}, **problems(401, 503)},
    openapi_extra=OPEN_TO_ALL,
)
async def session(request: Request) -> Response:
    """The role that the key or cookie stands for; public without one."""
    return json_response(_state(caller_of(request, current_snapshot(request))))


@router.delete(
    "/session",
    operation_id="signOut",
    summary="Sign out",
    response_model=None,
    responses={200: {"model": SessionState}, **problems(403)},
)
async def sign_out(request: Request) -> Response:
    """Takes the cookie back."""
    refuse_cross_site(request.scope)
    response = json_response(_state(PUBLIC))
    forget_cookie(response, serving(request).settings.root_path)
    return response


def _encrypted(request: Request) -> bool:
    """Whether the browser came by HTTPS, as the proxy before us says where there is one."""
    return request.headers.get("x-forwarded-proto", request.url.scheme).split(",")[0].strip() == "https"
