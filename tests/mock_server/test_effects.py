"""What clients see of each effect, over a real socket, and what the journal says of it."""

import asyncio
import json
import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from mock_server import create_app
from mock_server.effects import extended
from tests.mock_server.calling import Client as InProcess
from tests.mock_server.conftest import Serve

VECTORS = "/namespaces/demo/vectors"
ITEMS = {"vectors": [{"id": "a", "vector": [1, 2], "status": {"x": 1}}]}


@pytest.fixture
def client(world_url: str) -> Any:
    with httpx.Client(base_url=world_url, timeout=10) as client:
        client.post("/_mock/settings", json={"jobs": "instant"})
        client.post("/namespaces", json={"name": "demo", "type": "vector", "vector_dimension": 2})
        yield client


def upload(client: httpx.Client, **fault: object) -> httpx.Response:
    """Uploads an item under a fault."""
    reply = client.post("/_mock/faults", json=fault)
    assert reply.status_code == 200, reply.text
    return client.post(VECTORS, json=ITEMS)


def journalled(client: httpx.Client) -> tuple[int | None, bool, bool]:
    """Tells of the last upload which status it had, and whether it was committed and answered."""
    entry = client.get("/_mock/requests", params={"path": VECTORS}).json()["requests"][-1]
    assert entry["fault"] == "fault-1"
    return entry["status"], entry["committed"], entry["answered"]


def stored(client: httpx.Client) -> bool:
    """Tells whether the item was stored."""
    count: int = client.get("/_mock/state").json()["items"]
    return count == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_reset_ends_the_connection_without_an_answer(client: httpx.Client, when: str) -> None:
    with pytest.raises(httpx.ReadError):
        upload(client, effect="reset", when=when)
    assert stored(client) is (when == "after")
    assert journalled(client) == (None, when == "after", False)


@pytest.mark.parametrize("by", [5, 100_000])
def test_too_high_a_content_length_ends_in_the_middle(client: httpx.Client, by: int) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        upload(client, effect="content-length", by=by)
    assert stored(client)
    assert journalled(client) == (202, True, False)


def test_too_low_a_content_length_cuts_the_answer(client: httpx.Client) -> None:
    reply = upload(client, effect="content-length", by=-5, times=1)
    with pytest.raises(ValueError, match="Unterminated"):
        reply.json()
    assert stored(client)
    assert upload(client, effect="content-length", by=-100_000).content == b""
    assert client.get("/health").status_code == 200


def test_an_answer_that_comes_late_is_committed_and_not_answered(client: httpx.Client) -> None:
    client.post("/_mock/faults", json={"effect": "delay", "seconds": 60, "path": VECTORS})
    with pytest.raises(httpx.ReadTimeout):
        client.post(VECTORS, json=ITEMS, timeout=httpx.Timeout(10, read=0.5))
    assert stored(client)
    assert journalled(client) == (None, True, False)


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_is_waited_for_comes(client: httpx.Client, when: str) -> None:
    begun = time.monotonic()
    assert upload(client, effect="delay", seconds=0.05, when=when).status_code == 202
    assert time.monotonic() - begun >= 0.05
    assert journalled(client) == (202, True, True)


@pytest.mark.parametrize(("bytes_", "left"), [(None, None), (7, b'{"statu'), (0, b"")])
def test_a_truncated_answer_has_the_length_it_says(
    client: httpx.Client, bytes_: int | None, left: bytes | None
) -> None:
    reply = upload(client, effect="truncate", bytes=bytes_)
    assert reply.status_code == 202
    assert left is None or reply.content == left
    with pytest.raises(ValueError, match="line 1"):
        reply.json()
    assert journalled(client) == (202, True, True)
    assert stored(client)


def test_a_malformed_answer_is_a_success_that_is_no_json(client: httpx.Client) -> None:
    reply = upload(client, effect="malformed")
    assert (reply.status_code, reply.headers["content-type"]) == (202, "application/json")
    with pytest.raises(ValueError, match="Expecting value"):
        reply.json()
    assert stored(client)


def test_a_proxy_answers_html(client: httpx.Client) -> None:
    reply = upload(client, effect="html")
    assert reply.status_code == 502
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.text.startswith("<html>")
    assert journalled(client) == (502, False, True)


def test_an_empty_answer_has_a_status_alone(client: httpx.Client) -> None:
    reply = upload(client, effect="empty")
    assert (reply.status_code, reply.content, reply.headers["content-length"]) == (500, b"", "0")
    assert "content-type" not in reply.headers
    assert not stored(client)


@pytest.mark.parametrize(
    ("effect", "status", "seconds"), [("rate-limit", 429, {"retry_after": 7}), ("unavailable", 503, {})]
)
def test_retry_after_comes_in_seconds_or_as_a_date(
    client: httpx.Client, effect: str, status: int, seconds: dict[str, int]
) -> None:
    reply = upload(client, effect=effect, **seconds)
    wait = seconds.get("retry_after", 1)
    assert (reply.status_code, reply.headers["retry-after"]) == (status, str(wait))
    assert reply.json()["status"] == "failure"
    client.delete("/_mock/faults")
    moment = upload(client, effect=effect, **seconds, **{"as": "date"}).headers["retry-after"]
    assert 0 <= time.time() + wait - parsedate_to_datetime(moment).timestamp() < 3
    assert not stored(client)


def test_a_failure_may_come_with_a_200(client: httpx.Client) -> None:
    reply = upload(client, effect="failure", message="No such luck.")
    assert (reply.status_code, reply.json()) == (200, {"status": "failure", "message": "No such luck."})
    assert journalled(client) == (200, False, True)


def test_a_failure_is_worded_as_the_service_does(client: httpx.Client) -> None:
    client.post("/_mock/faults", json={"effect": "failure"})
    said = client.post("/embeddings/search", json={}).json()
    assert said["detail"]["success"] is False
    assert "fault-1" in said["detail"]["message"]


def test_a_status_comes_with_the_body_and_headers_asked_for(client: httpx.Client) -> None:
    reply = upload(client, effect="status", status=418, body=None, headers={"X-Kettle": "short"})
    assert (reply.status_code, reply.content, reply.headers["x-kettle"]) == (418, b"null", "short")
    assert reply.headers["content-type"] == "application/json"
    client.delete("/_mock/faults")
    reply = upload(client, effect="status", status=500, headers={"Content-Type": "text/x"})
    assert (reply.json()["status"], reply.headers.get_list("content-type")) == ("failure", ["text/x"])
    client.delete("/_mock/faults")
    assert upload(client, effect="status", status=204).content == b""
    assert not stored(client)


def test_an_answer_without_a_body_has_no_length_in_process_either() -> None:
    app = create_app()
    app.state.worlds["default"].faults.add({"effect": "status", "status": 204})

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock") as client:
            return await client.get("/health")

    reply = asyncio.run(ask())
    assert (reply.status_code, reply.content) == (204, b"")
    assert "content-length" not in reply.headers


def test_unknown_fields_come_in_every_object_but_the_clients_own(client: httpx.Client) -> None:
    reply = upload(client, effect="extra", fields={"x": 1, "status": "mine"})
    assert (reply.json()["x"], reply.json()["status"]) == (1, "success")
    found = client.post("/namespaces/demo/items/get", json={"ids": ["a"]}).json()
    assert (found["x"], found["items"][0]["x"]) == (1, 1)
    assert found["items"][0]["metadata"] == {"status": {"x": 1}}


def test_objects_under_keys_of_the_clients_stay_as_they_are() -> None:
    answer = [{"embeddings": {"a": [1]}, "status": {"a": True}, "b": {}}, 1]
    assert extended(answer, {"x": 0}) == [
        {"x": 0, "embeddings": {"a": [1]}, "status": {"a": True}, "b": {"x": 0}},
        1,
    ]


def test_a_lost_answer_is_raised_where_there_is_no_connection(serve: Serve) -> None:
    client: InProcess = serve()
    client.post("/_mock/faults", {"effect": "reset", "when": "after", "path": "/namespaces"})
    with pytest.raises(httpx.ReadError, match="fault-1 loses the answer to POST /namespaces") as error:
        client.create()
    assert isinstance(error.value, ConnectionResetError)
    assert len(client.get("/_mock/state").body["moorcheh"]["namespaces"]) == 1


def test_a_wrong_length_is_said_where_there_is_no_connection(serve: Serve) -> None:
    client: InProcess = serve()
    client.post("/_mock/faults", {"effect": "content-length", "by": 2})
    reply = client.get("/health")
    assert int(reply.headers["content-length"]) > len(json.dumps(reply.body, separators=(",", ":")))
