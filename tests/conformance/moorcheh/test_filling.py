"""Filling brings a server to its cap at any size, slowly or in small bites, or says why it does not."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from conformance.asgi import AsgiTransport
from conformance.moorcheh.driver import Moorcheh, Terms
from conformance.moorcheh.filling import Filling
from conformance.target import Target
from conformance.verdict import Unproven
from mock_server import create_app
from tests.conformance.serving import target_of


class Bounded:
    """The mock behind something that refuses large uploads, or takes its time for each.

    Args:
        max_items: The mock's cap.
        most: The most vectors of one upload.
        status: The status of the refusal.
        takes: Is called for each upload that is let through.
    """

    def __init__(
        self, max_items: int, *, most: int | None = None, status: int = 413, takes: Any = None
    ) -> None:
        self.app = create_app(max_items=max_items, jobs="instant")
        self.uploads: list[int] = []
        self.refused: list[int] = []
        self._most, self._status, self._takes = most, status, takes

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        if scope["path"].endswith("/vectors"):
            size = len(json.loads(body)["vectors"])
            if self._most is not None and size > self._most:
                self.refused.append(size)
                await send({"type": "http.response.start", "status": self._status, "headers": []})
                await send({"type": "http.response.body", "body": b"{}"})
                return
            self.uploads.append(size)
            if self._takes:
                self._takes()

        async def replay() -> Any:
            return {"type": "http.request", "body": body}

        await self.app(scope, replay, send)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The time that filling is measured in: it passes only when a test says so."""
    time = SimpleNamespace(now=0.0)
    monkeypatch.setattr("conformance.moorcheh.filling.time", SimpleNamespace(monotonic=lambda: time.now))
    return time


class Filled:
    """A server, its driver and the filling of it."""

    def __init__(self, app: Any, **terms: Any) -> None:
        self.target = Target("http://app", transport=AsgiTransport(app))
        self.server = Moorcheh(self.target, Terms(**terms))
        self.filling = Filling(self.server)

    def leave(self, room: int) -> int:
        """Leaves room, and answers how much there is then by /health."""
        self.filling.leave_room(room)
        return int(self.server.health().body["remaining"])

    def reason(self, room: int = 1) -> str:
        """Why no room can be left."""
        with pytest.raises(Unproven) as caught:
            self.filling.leave_room(room)
        return str(caught.value)


@pytest.fixture
def opened() -> Iterator[list[Filled]]:
    """What is to be closed at the end."""
    filled: list[Filled] = []
    yield filled
    for each in filled:
        each.target.close()


@pytest.fixture
def fill(opened: list[Filled]) -> Any:
    """Makes fillings that are closed at the end."""

    def make(app: Any, **terms: Any) -> Filled:
        opened.append(Filled(app, **terms))
        return opened[-1]

    return make


def store_for_others(filled: Filled, ids: str) -> str:
    """Stores items that are not the suite's."""
    target = filled.target
    name = "others"
    target.send("POST", "/namespaces", json={"namespace_name": name, "type": "vector", "vector_dimension": 1})
    vectors = [{"id": each, "vector": [1]} for each in ids]
    assert target.send("POST", f"/namespaces/{name}/vectors", json={"vectors": vectors}).status == 202
    return name


@pytest.mark.parametrize("max_items", [1, 7, 1_500, 5_000])
def test_an_instance_of_any_size_is_brought_to_its_cap(max_items: int, fill: Any) -> None:
    filled = fill(Bounded(max_items))
    assert filled.leave(0) == 0


def test_room_is_made_and_taken_again(fill: Any) -> None:
    filled = fill(Bounded(300))
    assert [filled.leave(room) for room in (6, 0, 150, 6, 300, 1)] == [6, 0, 150, 6, 300, 1]


def test_what_a_check_stores_counts(fill: Any) -> None:
    filled = fill(Bounded(50))
    filled.leave(5)
    name = filled.server.new_name()
    filled.server.create_namespace({"namespace_name": name, "type": "vector", "vector_dimension": 1})
    filled.server.upload_vectors(name, [{"id": each, "vector": [1]} for each in "abcde"])
    assert filled.leave(2) == 2
    filled.server.end_check()
    assert filled.leave(2) == 2


def test_no_more_is_sent_than_fits(fill: Any) -> None:
    app = Bounded(1_234)
    fill(app).leave(34)
    assert sum(app.uploads) == 1_200


def test_batches_grow_where_the_server_is_quick(fill: Any, time: SimpleNamespace) -> None:
    app = Bounded(20_000, takes=lambda: setattr(time, "now", time.now + 0.01))
    assert fill(app).leave(0) == 0
    assert app.uploads == [1_000, 2_000, 4_000, 8_000, 5_000]


def test_batches_do_not_grow_where_it_is_not(fill: Any, time: SimpleNamespace) -> None:
    app = Bounded(4_500, takes=lambda: setattr(time, "now", time.now + 1))
    assert fill(app).leave(0) == 0
    assert app.uploads == [1_000] * 4 + [500]


@pytest.mark.parametrize("status", [400, 413])
@pytest.mark.parametrize("most", [1, 3, 100, 999])
def test_a_server_that_refuses_large_batches_is_filled_with_what_it_takes(
    most: int, status: int, fill: Any
) -> None:
    app = Bounded(1_200 if most > 3 else 40, most=most, status=status)
    assert fill(app).leave(0) == 0
    assert len(app.refused) <= 10
    assert max(app.uploads) > most / 4


def test_a_server_that_takes_no_vector_at_all_is_told(fill: Any) -> None:
    assert "an upload below the cap is refused: 413" in fill(Bounded(40, most=0)).reason()


def test_a_server_with_items_of_others_is_left_alone(fill: Any) -> None:
    app = Bounded(40)
    filled = fill(app)
    store_for_others(filled, "abc")
    assert filled.reason() == "the server holds 3 items of others (--fill-quota fills it all the same)"
    assert app.uploads == [3]
    assert filled.server.health().body["items"] == 3


def test_it_stays_so_for_the_whole_run(fill: Any) -> None:
    filled = fill(Bounded(40))
    name = store_for_others(filled, "abc")
    first = filled.reason()
    filled.target.send("DELETE", f"/namespaces/{name}")
    assert filled.reason() == first


def test_on_demand_it_is_filled_all_the_same(fill: Any) -> None:
    filled = fill(Bounded(40), fill_quota=True)
    store_for_others(filled, "abc")
    assert filled.leave(2) == 2
    filled.server.end_run()
    assert filled.server.health().body["items"] == 3


def test_the_runs_own_items_are_nobody_elses(fill: Any) -> None:
    filled = fill(Bounded(40))
    name = filled.server.new_name()
    filled.server.create_namespace({"namespace_name": name, "type": "vector", "vector_dimension": 1})
    filled.server.upload_vectors(name, [{"id": "a", "vector": [1]}])
    assert filled.leave(2) == 2


def test_a_slow_server_is_not_filled(fill: Any, time: SimpleNamespace) -> None:
    app = Bounded(100_000, takes=lambda: setattr(time, "now", time.now + 2))
    filled = fill(app)
    reason = filled.reason()
    assert reason == (
        "the instance cannot be brought to its cap: "
        "filling it would take 200 s (--fill-quota waits that long)"
    )
    assert app.uploads == [1_000] * 3
    assert filled.reason(5) == reason


def test_a_server_that_is_slow_at_first_is_filled(fill: Any, time: SimpleNamespace) -> None:
    seconds = iter([0.9])
    app = Bounded(100_000, takes=lambda: setattr(time, "now", time.now + next(seconds, 0.1)))
    assert fill(app).leave(0) == 0


def test_a_slow_server_is_filled_on_demand(fill: Any, time: SimpleNamespace) -> None:
    app = Bounded(5_000, takes=lambda: setattr(time, "now", time.now + 50))
    assert fill(app, fill_quota=True).leave(3) == 3
    assert time.now == 250


def test_the_time_of_many_small_refills_does_not_add_up(fill: Any, time: SimpleNamespace) -> None:
    filled = fill(Bounded(20, takes=lambda: setattr(time, "now", time.now + 1)))
    for _ in range(100):
        assert filled.leave(5) == 5
        assert filled.leave(4) == 4
    assert time.now > 60


def test_filling_ends_with_the_run(fill: Any) -> None:
    filled = fill(Bounded(40))
    filled.leave(0)
    filled.server.end_check()
    assert filled.server.health().body["remaining"] == 0
    filled.server.end_run()
    assert filled.server.health().body["items"] == 0


class Uncounting:
    """A server that accepts everything, completes every job, and counts as it is told to."""

    def __init__(self, **health: Any) -> None:
        self.health = {"items": 0, "max_items": 40, **health}
        self.namespaces: Any = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/health":
            return httpx.Response(200, json=self.health)
        body = {"status": "completed", "job_id": "job-1", "namespaces": self.namespaces}
        return httpx.Response(202, json=body)


def test_a_server_that_does_not_count_uploads_is_told() -> None:
    filling = Filling(Moorcheh(target_of(Uncounting()), Terms(fill_quota=True)))
    with pytest.raises(Unproven, match="uploading items does not raise the items of /health"):
        filling.leave_room(3)


def test_a_server_that_does_not_count_deletions_is_told() -> None:
    server = Uncounting()
    filling = Filling(Moorcheh(target_of(server)))
    with pytest.raises(Unproven):
        filling.leave_room(3)
    server = Uncounting(items=50)
    server.namespaces = None
    filling = Filling(Moorcheh(target_of(server), Terms(fill_quota=True)))
    with pytest.raises(Unproven, match="it holds more than the fillers"):
        filling.leave_room(3)


def test_deletions_that_are_not_counted_are_told() -> None:
    counted = Uncounting()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/vectors"):
            counted.health["items"] += len(json.loads(request.content)["vectors"])
        return counted(request)

    filling = Filling(Moorcheh(target_of(answer)))
    filling.leave_room(3)
    with pytest.raises(Unproven, match="deleting items does not lower the items of /health"):
        filling.leave_room(5)


def test_deletions_that_take_more_with_them_are_told() -> None:
    counted = Uncounting()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/vectors"):
            counted.health["items"] += len(json.loads(request.content)["vectors"])
        if request.url.path.endswith("/items/delete"):
            counted.health["items"] -= 1 + len(json.loads(request.content)["ids"])
        return counted(request)

    filling = Filling(Moorcheh(target_of(answer)))
    filling.leave_room(3)
    with pytest.raises(Unproven, match="lowers the items of /health by more than their number"):
        filling.leave_room(5)


@pytest.mark.parametrize(
    "namespaces", [None, 7, ["a", None], [{"namespace_name": None, "item_count": "many"}]]
)
def test_a_strange_list_of_namespaces_is_taken_for_none(namespaces: Any) -> None:
    server = Uncounting(items=4)
    server.namespaces = namespaces
    with pytest.raises(Unproven, match="4 items of others"):
        Filling(Moorcheh(target_of(server))).leave_room(1)
