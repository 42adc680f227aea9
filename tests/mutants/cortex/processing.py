"""Mutants that tell the processing of an upload wrongly, or find its rows too late."""

from collections import Counter
from collections.abc import Callable

import pytest

from mock_server.service import Answer, Call
from mock_server.session import World
from tests.mutants.cortex.rewriting import SEARCH, VERIFY, amend, around, asked_in, place_of, put_status
from tests.mutants.registry import mutant
from tests.mutants.rewriting import Body, Handle, said

LARGE = 30  # rows


@mutant("cortex.processing.states", "An upload under way is pending")
def pending_for_processing(patch: pytest.MonkeyPatch) -> None:
    _tell(patch, lambda status, _seen: "pending" if status == "processing" else status)


@mutant("cortex.processing.states", "An upload under way has its state in capitals")
def states_in_capitals(patch: pytest.MonkeyPatch) -> None:
    _tell(patch, lambda status, _seen: status.upper() if status == "processing" else status)


@mutant("cortex.processing.states", "The state of an upload is answered with 202")
def a_state_is_202(patch: pytest.MonkeyPatch) -> None:
    put_status(patch, VERIFY, 202)


@mutant("cortex.processing.order", "An upload that was processed is queued once more before it is completed")
def queued_once_more(patch: pytest.MonkeyPatch) -> None:
    _tell(patch, lambda status, seen: "queued" if status == "completed" and seen == 1 else status)


@mutant("cortex.processing.order", "An upload that was completed is processed once more")
def processed_once_more(patch: pytest.MonkeyPatch) -> None:
    _tell(patch, lambda status, seen: "processing" if status == "completed" and seen == 2 else status)


@mutant("cortex.processing.completes", "An upload is processed for ever", hardest=True)
def never_completed(patch: pytest.MonkeyPatch) -> None:
    _tell(patch, lambda _status, _seen: "processing")


@mutant("cortex.processing.completes", "An upload of more than 8 rows ends errored, though it is stored")
def large_ones_fail(patch: pytest.MonkeyPatch) -> None:
    def fail(handle: Handle, world: World, call: Call) -> Answer:
        answer, place = handle(world, call), place_of(world, call)
        body = said(answer)
        rows = len(place.of_source(asked_in(call, "file_id"))) if place else 0
        if rows > 8 and body["indexing_status"] == "completed":
            _put_state(body, "errored")
        return Answer(answer.status, body)

    around(patch, VERIFY, fail)


@mutant("cortex.processing.searchable", "A search does not find a file's rows from the 31st on")
def the_first_30_rows(patch: pytest.MonkeyPatch) -> None:
    def is_early(chunk_id: str) -> bool:
        return int(chunk_id.rpartition("_")[2]) < LARGE

    amend(patch, SEARCH, lambda body: _keep(body, is_early))


@mutant(
    "cortex.processing.searchable",
    "A file of more than 30 rows is found by the second search after it is completed",
)
def found_by_the_second_search(patch: pytest.MonkeyPatch) -> None:
    searches: Counter[int] = Counter()

    def search(handle: Handle, world: World, call: Call) -> Answer:
        answer, place = handle(world, call), place_of(world, call)
        body = said(answer)
        if place is not None and len(place.chunks) > LARGE:
            searches[id(place)] += 1
            if searches[id(place)] == 1:
                _keep(body, lambda _chunk_id: False)
        return Answer(answer.status, body)

    around(patch, SEARCH, search)


def _tell(patch: pytest.MonkeyPatch, change: Callable[[str, int], str]) -> None:
    """Tells another state than is, by the state and how often it was told of a file."""
    told: Counter[tuple[str, str, str]] = Counter()

    def tell(handle: Handle, world: World, call: Call) -> Answer:
        answer = handle(world, call)
        body = said(answer)
        status = body["indexing_status"]
        seen = (asked_in(call, "sub_tenant_id"), asked_in(call, "file_id"), status)
        told[seen] += 1
        _put_state(body, change(status, told[seen]))
        return Answer(answer.status, body)

    around(patch, VERIFY, tell)


def _put_state(body: Body, status: str) -> None:
    for state in (body, *body["statuses"]):
        state["indexing_status"] = status


def _keep(body: Body, chosen: Callable[[str], bool]) -> None:
    """Leaves only those hits in an answer that a function chooses."""
    pairs = [pair for pair in zip(body["chunk_ids"], body["scores"], strict=True) if chosen(pair[0])]
    body["chunk_ids"], body["scores"] = [each for each, _ in pairs], [score for _, score in pairs]
