"""Worlds: isolated from each other, and new again after a reset."""

from mock_server.routing import Mock
from tests.mock_server.calling import Client
from tests.mock_server.conftest import Serve


def beside(client: Client, name: str) -> Client:
    app: Mock = client.app
    return Client(app, f"/_session/{name}")


def test_a_session_is_made_on_first_use_and_shares_nothing(client: Client) -> None:
    client.create()
    client.upload("ab")
    other = beside(client, "other")
    assert other.get("/namespaces").body == {"namespaces": []}
    other.create()
    other.upload("cde")
    assert (client.count(), other.count()) == (2, 3)
    assert [*client.stored("abcde")] == ["a", "b"]


def test_settings_and_time_are_the_sessions_own(client: Client) -> None:
    other = beside(client, "other")
    other.post("/_mock/settings", {"max_items": 5, "jobs": "manual"})
    other.post("/_mock/clock", {"freeze": True})
    state = client.get("/_mock/state").body
    assert (state["max_items"], state["jobs"], state["frozen"]) == (100_000, "instant", False)
    assert other.get("/health").body["max_items"] == 5


def test_the_default_session_has_a_name_too(client: Client) -> None:
    client.create()
    assert len(beside(client, "default").get("/namespaces").body["namespaces"]) == 1


def test_a_jobs_id_is_unknown_in_another_session(serve: Serve) -> None:
    client = serve(jobs="polls=2")
    client.create()
    job_id = client.upload("a")
    other = beside(client, "other")
    other.create()
    assert other.get(f"/namespaces/demo/upload-jobs/{job_id}").status == 404


def test_with_a_seed_job_ids_repeat_but_not_across_sessions(serve: Serve) -> None:
    ids = []
    for client in (serve(seed=7), serve(seed=7)):
        for each in (client, beside(client, "other")):
            each.create()
            ids.append(each.upload("a"))
    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]


def test_a_clock_can_be_given(serve: Serve) -> None:
    client = serve(clock=lambda: 1779364800.0)
    assert client.get("/_mock/state").body["now"] == "2026-05-21T12:00:00.000Z"


def test_sessions_are_listed_and_dropped(client: Client) -> None:
    other = beside(client, "other")
    other.create()
    assert client.get("/_mock/sessions").body == {"sessions": ["other", "default"]}
    assert other.call("DELETE", "/_mock").body == {"status": "success", "session": "other"}
    assert client.get("/_mock/sessions").body == {"sessions": ["default"]}
    assert other.call("DELETE", "/_mock").status == 200
    assert other.get("/namespaces").body == {"namespaces": []}
