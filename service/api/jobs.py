"""Long work by the number of its job."""

from typing import Annotated, Any, Literal, NoReturn

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from geodata.desk import shown
from geodata.errors import NotKnownError
from geodata.proposals import stored
from service.api.answers import KEY_NEEDED, example, json_response, problems
from service.api.keys import LARGEST_ID
from service.api.load_items import ProgressItem
from service.dependencies import CLERKS, PLANNERS, require, serving

router = APIRouter(prefix="/api/v1", tags=["jobs"])

# The words of the queue, and ours.
_STATES = {
    "todo": "waiting",
    "doing": "running",
    "succeeded": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "aborting": "cancelled",
    "aborted": "cancelled",
}
_JOB: dict[str, Any] = {
    "id": 31,
    "task": "check",
    "state": "running",
    "attempts": 1,
    "load": 7,
    "proposal": None,
    "progress": {"stage": "validating", "done": 300, "total": 896},
}


class JobItem(BaseModel):
    """A job, what it works on, and how far it is."""

    model_config = example(**_JOB)

    id: int
    task: Literal["check", "commit", "undo", "prove"]
    state: Literal["waiting", "running", "done", "failed", "cancelled"] = Field(
        description="Done means that it ran to its end; what came of it stands at the load or proposal"
    )
    attempts: int = Field(description="How often it was begun; more than once where a worker died of it")
    load: int | None = Field(description="The load that it works on")
    proposal: int | None = Field(description="The proposal of sites that it proves")
    progress: ProgressItem | None


@router.get(
    "/jobs/{job_id}",
    operation_id="getJob",
    summary="How far a job is",
    response_model=None,
    responses={200: {"model": JobItem}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def get_job(
    request: Request,
    job_id: Annotated[int, Path(ge=1, le=LARGEST_ID, description="Identity of the job", examples=[31])],
) -> Response:
    """State and progress of the work on a load, for clerks, or on a proposal of sites, for planners."""
    caller = require(request, tuple(dict.fromkeys((*CLERKS, *PLANNERS))))
    with serving(request).database() as connection:
        proof = stored.job(connection, job_id)
        if proof is None:
            # Whose job it is not does not learn whether there is one.
            found = shown.job(connection, job_id) if caller.role in CLERKS else _none(job_id)
            return _answer(found, found.progress, load=found.load_id)
    if caller.role not in PLANNERS:
        _none(job_id)
    return _answer(proof, proof.progress, proposal=proof.proposal_id)


def _none(job_id: int) -> NoReturn:
    raise NotKnownError(f"There is no job {job_id}.", f"没有编号为 {job_id} 的任务。", job=job_id)


def _answer(
    found: shown.Job | stored.Job,
    progress: dict[str, Any] | None,
    *,
    load: int | None = None,
    proposal: int | None = None,
) -> Response:
    told = None if progress is None else {name: progress[name] for name in ("stage", "done", "total")}
    return json_response(
        {
            "id": found.job_id,
            "task": found.task,
            "state": _STATES.get(found.status, "failed"),
            "attempts": found.attempts,
            "load": load,
            "proposal": proposal,
            "progress": told,
        }
    )
