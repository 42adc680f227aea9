"""Mutants whose upload jobs tell something else than what happens."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mock_server.moorcheh.store import Store
from mock_server.refusal import Refused
from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.registry import mutant
from tests.mutants.rewriting import (
    UPLOAD_JOB,
    VECTORS,
    Body,
    Handle,
    amend,
    around,
    place_of,
    refuse_with,
    said,
    sent_items,
)

LATE_READS = 3


@mutant("moorcheh.jobs.id-new", "The same body sent again to a namespace is answered with the first job")
def the_job_of_the_first(patch: pytest.MonkeyPatch) -> None:
    answered: dict[tuple[str, bytes], Answer] = {}

    def repeat(handle: Handle, world: World, call: Call) -> Answer:
        sent = call.parameters["namespace"], call.body
        if sent not in answered or place_of(world, call) is None:
            answered[sent] = handle(world, call)
        return answered[sent]

    around(patch, VECTORS, repeat)


@mutant(
    "moorcheh.jobs.id-new",
    "An upload is answered with the job of its namespace that still runs, if it is as large",
)
def the_job_that_runs(patch: pytest.MonkeyPatch) -> None:
    def reuse(handle: Handle, world: World, call: Call) -> Answer:
        namespace = place_of(world, call)
        jobs = namespace.uploads.values() if namespace is not None else ()
        running = {job.total: job.id for job in jobs if job.finished_at is None}
        answer = handle(world, call)
        body = said(answer)
        return replace(answer, body={**body, "job_id": running.get(body["total"], body["job_id"])})

    around(patch, VECTORS, reuse)


@mutant("moorcheh.jobs.shape", "A job has no last_error")
def no_last_error(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body.pop("last_error"))


@mutant("moorcheh.jobs.shape", "A job does not name its namespace")
def no_namespace_name(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body.pop("namespace_name"))


@mutant("moorcheh.jobs.shape", "The failed of a job is null before anything has failed")
def failed_is_null(patch: pytest.MonkeyPatch) -> None:
    def blank(body: Body) -> None:
        if body["status"] == "running":
            body["failed"] = None

    _change(patch, blank)


@mutant("moorcheh.jobs.shape", "A job is told without its id once it is completed")
def no_id_when_completed(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body["finished_at"] and body.pop("job_id"))


@mutant("moorcheh.jobs.states", "A job is queued before it has processed anything")
def queued_at_first(patch: pytest.MonkeyPatch) -> None:
    def queue(body: Body) -> None:
        if body["processed"] == 0 and body["status"] == "running":
            body["status"] = "queued"

    _change(patch, queue)


@mutant("moorcheh.jobs.states", "A job that runs is processing")
def processing_for_running(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body["finished_at"] or body.update(status="processing"))


@mutant("moorcheh.jobs.completes", "A job of more than 100 items stays running")
def a_large_job_hangs(patch: pytest.MonkeyPatch) -> None:
    _hang(patch, lambda _world, _call, body: body["total"] > 100)


@mutant("moorcheh.jobs.completes", "Only the first job of a namespace is ever seen completed")
def the_second_job_hangs(patch: pytest.MonkeyPatch) -> None:
    def is_later(world: World, call: Call, body: Body) -> bool:
        namespace = place_of(world, call)
        return namespace is not None and next(iter(namespace.uploads)) != body["job_id"]

    _hang(patch, is_later)


@mutant("moorcheh.jobs.totals", "The total of a job grows as it runs")
def the_total_grows(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body.update(total=body["processed"]))


@mutant("moorcheh.jobs.totals", "The last of more than ten items is neither successful nor failed")
def the_last_is_neither(patch: pytest.MonkeyPatch) -> None:
    def forget(body: Body) -> None:
        body["successful"] -= body["successful"] > 10

    _change(patch, forget)


@mutant("moorcheh.jobs.totals", "A completed job has processed one item fewer than it stored")
def one_unprocessed(patch: pytest.MonkeyPatch) -> None:
    def miss(body: Body) -> None:
        if body["status"] == "completed":
            body["processed"] -= 1

    _change(patch, miss)


@mutant("moorcheh.jobs.totals", "The total of a job counts new ids alone")
def the_total_counts_new_ids(patch: pytest.MonkeyPatch) -> None:
    known: Counter[str] = Counter()

    def note(handle: Handle, world: World, call: Call) -> Answer:
        namespace = place_of(world, call)
        old = sum(str(item.get("id")) in namespace.items for item in sent_items(call)) if namespace else 0
        answer = handle(world, call)
        known[said(answer)["job_id"]] = old
        return answer

    around(patch, VECTORS, note)
    _change(patch, lambda body: body.update(total=body["total"] - known[body["job_id"]]))


@mutant("moorcheh.jobs.monotonic", "Items count as failed while they are tried again")
def failed_for_a_while(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body["finished_at"] or body.update(failed=1))


@mutant("moorcheh.jobs.monotonic", "A completed job runs again at its fourth reading")
def completed_runs_again(patch: pytest.MonkeyPatch) -> None:
    _change_late(patch, lambda body: body.update(status="running", finished_at=None))


@mutant("moorcheh.jobs.monotonic", "The counts of a completed job are cleared at its fourth reading")
def counts_are_cleared(patch: pytest.MonkeyPatch) -> None:
    _change_late(patch, lambda body: body.update(processed=0, successful=0))


@mutant("moorcheh.jobs.finished-at", "A job that runs has a finished_at")
def finished_while_running(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body.update(finished_at=body["updated_at"]))


@mutant("moorcheh.jobs.finished-at", "A completed job has no finished_at")
def never_finished(patch: pytest.MonkeyPatch) -> None:
    _change(patch, lambda body: body.update(finished_at=None))


@mutant("moorcheh.jobs.finished-at", "The times of a job do not say in which zone they are")
def times_without_zone(patch: pytest.MonkeyPatch) -> None:
    def cut(body: Body) -> None:
        body.update({name: time.rstrip("Z") for name, time in _times(body).items()})

    _change(patch, cut)


@mutant("moorcheh.jobs.finished-at", "The times of a job are in another zone")
def times_elsewhere(patch: pytest.MonkeyPatch) -> None:
    def shift(body: Body) -> None:
        body.update({name: time.replace("Z", "+02:00") for name, time in _times(body).items()})

    _change(patch, shift)


@mutant("moorcheh.jobs.finished-at", "A job is updated a second after it finished")
def updated_after_the_end(patch: pytest.MonkeyPatch) -> None:
    def update(body: Body) -> None:
        later = datetime.fromisoformat(body["updated_at"]) + timedelta(seconds=1)
        body["updated_at"] = later.isoformat()

    _change(patch, update)


@mutant("moorcheh.jobs.unknown", "An unknown job is completed")
def unknown_is_completed(patch: pytest.MonkeyPatch) -> None:
    def complete(handle: Handle, world: World, call: Call) -> Answer:
        try:
            return handle(world, call)
        except Refused as refused:
            if refused.clause != "moorcheh.jobs.unknown" or place_of(world, call) is None:
                raise
            return Answer(200, {"job_id": call.parameters["job_id"], "status": "completed"})

    around(patch, UPLOAD_JOB, complete, "GET")


@mutant("moorcheh.jobs.unknown", "A job is found by all but the last digit of its id")
def all_but_the_last_digit(patch: pytest.MonkeyPatch) -> None:
    def find(handle: Handle, world: World, call: Call) -> Answer:
        namespace, asked = place_of(world, call), call.parameters["job_id"]
        known = namespace.uploads if namespace is not None else {}
        found = next((job_id for job_id in known if job_id[:-1] == asked[:-1]), asked)
        return handle(world, replace(call, parameters={**call.parameters, "job_id": found}))

    around(patch, UPLOAD_JOB, find, "GET")


@mutant("moorcheh.jobs.unknown", "An unknown job is refused with 400")
def bad_request_for_unknown_job(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.jobs.unknown", 400)


@mutant("moorcheh.jobs.other-namespace", "A job is found under every namespace")
def jobs_of_all(patch: pytest.MonkeyPatch) -> None:
    _find_elsewhere(patch, lambda _finished: True)


@mutant(
    "moorcheh.jobs.other-namespace", "A job is found under every namespace once it is completed", hardest=True
)
def completed_jobs_of_all(patch: pytest.MonkeyPatch) -> None:
    _find_elsewhere(patch, lambda finished: finished)


@mutant("moorcheh.jobs.other-namespace", "A job under another namespace is refused with 403")
def forbidden_elsewhere(patch: pytest.MonkeyPatch) -> None:
    refuse_with(patch, "moorcheh.jobs.other-namespace", 403)


def _change(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    amend(patch, UPLOAD_JOB, change, "GET")


def _change_late(patch: pytest.MonkeyPatch, change: Callable[[Body], object]) -> None:
    """Lets a function change what a job says after it was read completed a few times."""
    reads: Counter[str] = Counter()

    def change_then(body: Body) -> None:
        reads[body["job_id"]] += body["status"] == "completed"
        if reads[body["job_id"]] > LATE_READS:
            change(body)

    _change(patch, change_then)


def _times(body: Body) -> dict[str, str]:
    return {name: body[name] for name in ("started_at", "updated_at", "finished_at") if body[name]}


def _hang(patch: pytest.MonkeyPatch, hangs: Callable[[World, Call, Body], bool]) -> None:
    """Keeps jobs that a function picks out from being seen completed."""

    def hang(handle: Handle, world: World, call: Call) -> Answer:
        body = said(handle(world, call))
        return Answer(
            200, {**body, "status": "running", "finished_at": None} if hangs(world, call, body) else body
        )

    around(patch, UPLOAD_JOB, hang, "GET")


def _find_elsewhere(patch: pytest.MonkeyPatch, found: Callable[[bool], bool]) -> None:
    """Finds a job under whatever namespace it is asked, where a function of its being finished says so."""

    def find(handle: Handle, world: World, call: Call) -> Answer:
        job_id = call.parameters["job_id"]
        namespaces = world.part(Store).namespaces.values() if place_of(world, call) is not None else ()
        for namespace in namespaces:
            job = namespace.uploads.get(job_id)
            if job is not None and found(job.finished_at is not None):
                parameters = {**call.parameters, "namespace": namespace.name}
                return handle(world, replace(call, parameters=parameters))
        return handle(world, call)

    around(patch, UPLOAD_JOB, find, "GET")
