"""The driver removes what it made on a server, touches nothing else, and waits no longer than it may."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from conformance.moorcheh import MOORCHEH
from conformance.moorcheh.driver import Moorcheh, Terms
from conformance.moorcheh.filling import Filling
from conformance.run import Options, Run
from conformance.target import Target
from conformance.verdict import Unproven
from tests.conformance.serving import mock_target, proven, target_of

VECTOR = {"type": "vector", "vector_dimension": 2}
BATCH = [{"id": "a", "vector": [1, 0]}]


class Careless:
    """A server that creates every namespace and answers as it is told to, or not at all."""

    def __init__(self, status: int | None = 200, deletion: int = 200) -> None:
        self.names: list[str] = []
        self._status = status
        self._deletion = deletion

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            self.names.append(json.loads(request.content)["namespace_name"])
            if self._status is None:
                raise httpx.ReadTimeout("timed out")
            return httpx.Response(self._status, json={})
        if request.method == "DELETE":
            if self._deletion == 200:
                self.names.remove(request.url.path.rpartition("/")[2])
            return httpx.Response(self._deletion, json={})
        return httpx.Response(200, json={"namespaces": [{"namespace_name": name} for name in self.names]})


@pytest.fixture
def target() -> Iterator[Target]:
    """A mock of its own."""
    with mock_target() as made:
        yield made


def names_on(target: Target) -> list[str]:
    """The namespaces on the server."""
    listed = target.send("GET", "/namespaces").body["namespaces"]
    return [entry["namespace_name"] for entry in listed]


def made_by(server: Moorcheh) -> str:
    """A new namespace with an item in it."""
    name = server.new_name()
    assert server.create_namespace({"namespace_name": name, **VECTOR}).succeeded
    job_id = server.upload_vectors(name, BATCH).body["job_id"]
    assert server.polls_until_end(name, job_id)[-1].body["status"] == "completed"
    return name


def test_a_whole_run_leaves_nothing_behind() -> None:
    with mock_target(max_items=300) as target:
        stranger = Moorcheh(target)
        theirs = stranger.new_name()
        stranger.create_namespace({"namespace_name": theirs, **VECTOR})
        run = Run(MOORCHEH, Moorcheh(target, Terms(job_timeout=0.5)), Options(examples=2))
        results = proven(run)
        assert sum(result.verdict == "kept" for result in results.values()) > 90
        assert target.send("GET", "/health").body["items"] == 0
        assert names_on(target) == [theirs]


def test_a_server_with_little_room_is_not_called_broken() -> None:
    with mock_target(max_items=30, jobs="instant") as target:
        stranger = Moorcheh(target)
        theirs = stranger.new_name()
        stranger.create_namespace({"namespace_name": theirs, **VECTOR})
        stranger.upload_vectors(theirs, [{"id": f"v{n}", "vector": [1, n]} for n in range(20)])
        run = Run(MOORCHEH, Moorcheh(target, Terms(job_timeout=0.5)), Options(examples=2))
        results = proven(run)
    assert {result.verdict.value for result in results.values()} == {"kept", "unproven"}
    reason = results["moorcheh.vectors.batch-1000"].detail
    assert reason.startswith("the server has no room: 409")
    filling = results["moorcheh.quota.exact-fill"].detail
    assert filling == "the server holds 20 items of others (--fill-quota fills it all the same)"


def test_a_lack_of_room_is_an_answer_only_where_the_check_has_filled_the_server() -> None:
    with mock_target(max_items=1) as target:
        server = Moorcheh(target)
        name = made_by(server)
        more = [{"id": "b", "vector": [1, 0]}]
        with pytest.raises(Unproven, match="the server has no room: 409"):
            server.upload_vectors(name, more)
        server.memo(Filling).leave_room(0)
        assert server.upload_vectors(name, more).status == 409
        server.begin_example()
        name = server.new_name()
        server.create_namespace({"namespace_name": name, "type": "text"})
        filling = server.memo(Filling)
        filling.leave_room(0)
        assert server.upload_documents(name, [{"id": "b", "text": "words"}]).status == 409


def test_a_namespace_lasts_for_one_example(target: Target) -> None:
    server = Moorcheh(target)
    first = made_by(server)
    server.begin_example()
    second = made_by(server)
    assert names_on(target) == [second] != [first]
    server.end_check()
    assert names_on(target) == []
    assert target.send("GET", "/health").body["items"] == 0


def test_a_namespace_that_is_kept_lasts_to_the_end_of_the_run(target: Target) -> None:
    server = Moorcheh(target)
    name = made_by(server)
    server.keep(name)
    server.begin_example()
    server.end_check()
    assert names_on(target) == [name]
    server.end_run()
    assert names_on(target) == []


def test_namespaces_of_others_are_left_alone(target: Target) -> None:
    one, other = Moorcheh(target), Moorcheh(target)
    theirs = made_by(other)
    made_by(one)
    assert one.create_namespace({"namespace_name": theirs, **VECTOR}).status == 409
    one.end_check()
    one.end_run()
    assert names_on(target) == [theirs]


def test_names_are_new_and_own(target: Target) -> None:
    one, other = Moorcheh(target), Moorcheh(target)
    names = [server.new_name() for server in (one, other) for _ in range(50)]
    assert len(set(names)) == 100
    assert all(one.is_own(name) for name in names[:50])
    assert not any(one.is_own(name) for name in [*names[50:], "demo", ""])


def test_a_namespace_of_any_name_is_removed(target: Target) -> None:
    server = Moorcheh(target)
    name = server.new_name()
    assert server.create_namespace({"name": name, **VECTOR}).succeeded
    server.end_check()
    assert names_on(target) == []
    careless = Careless()
    server = Moorcheh(target_of(careless))
    server.create_namespace({"namespace_name": "a blank"})
    server.end_check()
    assert careless.names == []


@pytest.mark.parametrize("status", [400, 409, 500, None])
def test_a_namespace_that_was_made_though_refused_is_removed_at_the_end(status: int | None) -> None:
    careless = Careless(status)
    server = Moorcheh(target_of(careless))
    server.create_namespace({"namespace_name": server.new_name()})
    careless.names.append("theirs")
    server.end_check()
    server.end_run()
    assert careless.names == ["theirs"]


@pytest.mark.parametrize("body", [{"namespaces": None}, {"namespaces": [7, {}]}, [], {}])
def test_a_list_of_nonsense_does_not_keep_the_run_from_ending(body: Any) -> None:
    server = Moorcheh(target_of(lambda _request: httpx.Response(200, json=body)))
    server.create_namespace({"namespace_name": server.new_name()})
    server.end_run()


def test_a_server_that_deletes_nothing_does_not_keep_the_run_from_ending() -> None:
    careless = Careless(deletion=500)
    server = Moorcheh(target_of(careless))
    server.create_namespace({"namespace_name": server.new_name()})
    server.end_check()
    server.end_run()
    assert len(careless.names) == 1


def test_a_memo_is_made_once_for_a_run(target: Target) -> None:
    class Kind:
        def __init__(self, server: Moorcheh) -> None:
            self.server = server

    server = Moorcheh(target)
    assert server.memo(Kind) is server.memo(Kind)
    assert server.memo(Kind).server is server
    assert Moorcheh(target).memo(Kind) is not server.memo(Kind)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The time that jobs are waited in: it passes in pauses alone."""
    time = SimpleNamespace(now=1000.0, pauses=[])

    def sleep(seconds: float) -> None:
        time.now += seconds
        time.pauses.append(seconds)

    monkeypatch.setattr("conformance.driver.time", SimpleNamespace(monotonic=lambda: time.now, sleep=sleep))
    return time


def running(*, until: int | None = None) -> Target:
    """A server whose every job runs on, or is completed at a poll."""
    polls: list[int] = []

    def answer(_request: httpx.Request) -> httpx.Response:
        polls.append(1)
        ended = until is not None and len(polls) >= until
        return httpx.Response(200, json={"status": "completed" if ended else "running"})

    return target_of(answer)


def test_a_job_is_asked_until_it_has_ended(clock: SimpleNamespace) -> None:
    polls = Moorcheh(running(until=9)).polls_until_end("a", "job-1")
    assert [poll.body["status"] for poll in polls] == ["running"] * 8 + ["completed"]
    assert clock.pauses == sorted(clock.pauses)
    assert clock.pauses[-1] <= 0.25


def test_a_quick_job_costs_no_pause(clock: SimpleNamespace) -> None:
    assert len(Moorcheh(running(until=4)).polls_until_end("a", "job-1")) == 4
    assert clock.pauses == []


@pytest.mark.parametrize("status", [404, 500])
def test_a_job_that_cannot_be_read_is_not_asked_again(status: int, clock: SimpleNamespace) -> None:
    server = Moorcheh(target_of(lambda _request: httpx.Response(status, json={"status": "failure"})))
    assert [poll.status for poll in server.polls_until_end("a", "job-1")] == [status]
    assert clock.pauses == []


def test_a_job_that_failed_has_ended(clock: SimpleNamespace) -> None:
    server = Moorcheh(target_of(lambda _request: httpx.Response(200, json={"status": "failed"})))
    assert (
        len(server.delete_polls_until_end("a", "job-1"))
        == len(server.file_polls_until_end("a", "job-1"))
        == 1
    )
    assert clock.pauses == []


def test_a_job_that_hangs_is_waited_for_as_long_as_the_user_says(clock: SimpleNamespace) -> None:
    polls = Moorcheh(running(), Terms(job_timeout=20)).polls_until_end("a", "job-1")
    assert polls[-1].body["status"] == "running"
    assert 20 <= clock.now - 1000 < 21


def test_after_a_job_that_hangs_later_ones_are_waited_for_briefly(clock: SimpleNamespace) -> None:
    server = Moorcheh(running(), Terms(job_timeout=20))
    server.polls_until_end("a", "job-1")
    for ask in (server.polls_until_end, server.delete_polls_until_end):
        begun = clock.now
        ask("a", "job-2")
        assert clock.now - begun < 3


def test_less_patience_than_that_stays_as_it_is(clock: SimpleNamespace) -> None:
    server = Moorcheh(running(), Terms(job_timeout=0.1))
    for _ in range(2):
        begun = clock.now
        server.polls_until_end("a", "job-1")
        assert clock.now - begun < 0.4


def test_names_are_encoded_in_paths() -> None:
    paths: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return httpx.Response(200, json={})

    server = Moorcheh(target_of(answer))
    server.delete_namespace("a/b ?#ä")
    server.upload_job("a", "../b")
    server.fetch_text_data("a", limit=2, next_token="x&y")
    assert paths == [
        b"/namespaces/a%2Fb%20%3F%23%C3%A4",
        b"/namespaces/a/upload-jobs/..%2Fb",
        b"/namespaces/a/documents/fetch-text-data?limit=2&next_token=x%26y",
    ]


def test_patience_comes_back_where_a_time_out_would_break_a_clause() -> None:
    with Target("http://nowhere", transport=httpx.MockTransport(lambda _: httpx.Response(404))) as target:
        server = Moorcheh(target, Terms(job_timeout=30))
        server.job_timeout = 0
        assert server.wait_until(lambda: False) is False
        assert server.job_timeout == 0
        server.be_patient()
        assert server.job_timeout == 30
