"""What checks stand on: a server that shows what it stores, and answers read without trust."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from conformance.moorcheh.basis import baseline_of, by_id, vector_namespace
from conformance.moorcheh.driver import Moorcheh, Terms
from conformance.verdict import Unproven
from tests.conformance.serving import answering, mock_target, target_of

CHANGES: dict[str, Callable[[str], Any]] = {
    "/items/get": lambda stored: {"items": [{"id": "first"}] if stored else []},
    "/search": lambda stored: {"results": [{"id": "first"}] if stored else []},
    "/namespaces": lambda stored: {
        "namespaces": [{"namespace_name": stored, "item_count": 1}] if stored else []
    },
    "/health": lambda stored: {"items": 1 if stored else 0},
}


class Showing:
    """A server that stores one vector and shows it in one place alone.

    Args:
        place: The end of the path at which it shows the vector; empty for nowhere.
        takes_any: Whether it takes vectors for namespaces that were never made.
    """

    def __init__(self, place: str, *, takes_any: bool = False) -> None:
        self._place = place
        self._takes_any = takes_any
        self._made: set[str] = set()
        self._stored = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "POST" and path == "/namespaces":
            self._made.add(json.loads(request.content)["namespace_name"])
        elif path.endswith("/vectors"):
            name = path.split("/")[2]
            if name not in self._made and not self._takes_any:
                return httpx.Response(404, json={})
            self._stored = name
        elif self._place and path.endswith(self._place):
            return httpx.Response(200, json=CHANGES[self._place](self._stored))
        return httpx.Response(200, json={"job_id": "job-1", "status": "completed"})


def test_the_mock_is_a_basis() -> None:
    with mock_target() as target:
        assert baseline_of(Moorcheh(target)) == ""


@pytest.mark.parametrize("place", CHANGES)
def test_one_place_that_shows_what_is_stored_is_enough(place: str) -> None:
    assert baseline_of(Moorcheh(target_of(Showing(place)))) == ""


def test_a_server_that_shows_nothing_is_no_basis() -> None:
    reason = baseline_of(Moorcheh(target_of(Showing(""))))
    assert reason == "the server accepts an upload and shows nothing of it"


def test_a_server_that_takes_vectors_for_anything_is_no_basis() -> None:
    reason = baseline_of(Moorcheh(target_of(Showing("/health", takes_any=True))))
    assert reason == "the server accepts an upload to a namespace that does not exist"


@pytest.mark.parametrize(("status", "reason"), [(500, "cannot be created: 500"), (200, "has no job_id")])
def test_a_server_that_takes_nothing_is_no_basis(status: int, reason: str) -> None:
    with pytest.raises(Unproven, match=reason):
        baseline_of(Moorcheh(answering(status), Terms(job_timeout=0)))


def test_items_are_asked_for_by_the_hundred() -> None:
    with mock_target(jobs="instant") as target:
        space = vector_namespace(Moorcheh(target), 1)
        ids = [f"v{n}" for n in range(250)]
        space.store([{"id": each, "vector": [1]} for each in ids])
        before = target.requests
        assert list(space.items([*ids, "unknown", *ids])) == ids
        assert target.requests == before + 3


@pytest.mark.parametrize(
    "entries", [None, 7, "x", {}, {"id": "a"}, [], [7], [None], [{}], [{"id": 7}], [{"id": []}]]
)
def test_entries_that_are_none_are_passed_over(entries: Any) -> None:
    assert by_id(entries) == {}


def test_entries_are_found_by_their_ids() -> None:
    assert by_id([{"id": "a", "n": 1}, 7, {"id": "b"}]) == {"a": {"id": "a", "n": 1}, "b": {"id": "b"}}
