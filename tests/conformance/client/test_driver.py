"""The driver of a client: lines out, answers in, a world for each example, and what was heard in it."""

import json
import sys
from collections.abc import Iterator

import pytest

from conformance.client import driver
from conformance.client.driver import Client, Limits
from conformance.client.process import Misbehaved
from conformance.target import Target, Unreachable
from conformance.verdict import Unproven, Untestable
from tests.conformance.client.programs import ANSWER, UNSUPPORTED, speaking

ASKING = """
    import urllib.request
    urllib.request.urlopen(asked["base_url"] + "/health?a=1").read()
    print(json.dumps({"id": number, "result": asked}))
"""
DYING_ONCE = """
    if asked["operation"] == "die": os._exit(5)
    print(json.dumps({"id": number, "result": os.getpid()}))
"""
SHORT = Limits(answer=0.1, operation=0.2)


@pytest.fixture
def target(server_url: str) -> Iterator[Target]:
    """The mock of the whole run."""
    with Target(server_url) as mock:
        yield mock


def test_a_client_is_asked_in_a_world_of_its_own(target: Target) -> None:
    client = Client(target, speaking(ASKING), "moorcheh", seconds=4.0)
    reply = client.ask("health", {"n": [1.5]})
    assert reply.result == {
        "id": reply.answer["id"],
        "service": "moorcheh",
        "operation": "health",
        "base_url": client.world.base_url,
        "arguments": {"n": [1.5]},
        "limits": {"answer": 2.0, "operation": 4.0},
    }
    assert [(heard.method, heard.raw_path, heard.query, heard.status) for heard in reply.heard] == [
        ("GET", "/health", "a=1", 200)
    ]
    before = client.world.base_url
    client.begin_example()
    assert client.world.base_url != before
    client.end_run()


def test_only_what_is_heard_of_a_request_belongs_to_its_reply(target: Target) -> None:
    client = Client(target, speaking(ASKING), "moorcheh")
    client.world.send("GET", "/health")
    client.ask("health", {})
    assert len(client.ask("health", {}).heard) == 1
    client.end_run()


def test_a_body_that_the_mock_does_not_keep_whole_is_held_against_nobody(target: Target) -> None:
    client = Client(target, speaking(ASKING), "moorcheh")
    client.world.set(journal_body=10)
    with pytest.raises(
        Untestable, match=r"^an exchange is larger than what the mock remembers: GET /health$"
    ):
        client.ask("health", {})
    client.world.keep_large_bodies()
    assert client.ask("health", {}).heard[0].answered["status"] == "ok"
    client.end_run()


def test_a_key_is_told_to_the_client_and_sent_by_the_suite(target: Target) -> None:
    client = Client(target, speaking(ANSWER.replace('asked["arguments"]', "asked")), "cortex", api_key="k")
    assert client.ask("listTenantIds", {}).result["api_key"] == "k"
    client.world.listen()
    client.world.send("GET", "/tenants/tenant_ids")
    assert client.world.heard()[0].headers["authorization"] == "Bearer k"
    client.end_run()


def test_worlds_are_dropped(target: Target) -> None:
    client = Client(target, speaking(ANSWER), "moorcheh")
    name = client.world.base_url.rpartition("/")[2]
    client.world.send("GET", "/health")
    assert name in target.send("GET", "/_mock/sessions").body["sessions"]
    client.end_check()
    assert name not in target.send("GET", "/_mock/sessions").body["sessions"]
    client.end_run()


def test_what_a_client_does_not_offer_proves_nothing(target: Target) -> None:
    client = Client(target, speaking(UNSUPPORTED), "moorcheh")
    with pytest.raises(Unproven, match=r"^the client does not offer search$"):
        client.ask("search", {})
    client.end_run()


def test_a_client_that_has_gone_is_started_again(target: Target) -> None:
    client = Client(target, speaking(DYING_ONCE), "moorcheh")
    first = client.ask("live", {}).result
    reply = client.ask("die", {})
    assert (reply.failure, reply.succeeded) == ("the client ended with exit code 5", False)
    assert reply.outcome() == reply.failure
    assert client.ask("live", {}).result not in (None, first)
    client.end_run()


def test_a_client_that_is_silent_has_gone(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "GRACE", 0.1)
    client = Client(
        target, speaking('os.getppid() if asked["operation"] == "wait" else ' + ANSWER), "moorcheh"
    )
    client.ask("live", {})
    assert client.ask("wait", {}, SHORT).failure == "the client did not answer within 0.3 s"
    client.end_run()


def test_a_client_that_is_silent_again_and_again_is_given_up(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "GRACE", 0.0)
    monkeypatch.setattr(driver, "STARTING", 0.0)
    client = Client(target, speaking("pass"), "moorcheh")
    for _ in range(driver.SILENCES - 1):
        assert client.ask("wait", {}, SHORT).failure == "the client did not answer within 0.2 s"
    with pytest.raises(Unreachable, match=r"^the client did not answer within 0\.2 s, 5 times in a row$"):
        client.ask("wait", {}, SHORT)
    client.end_run()


def test_a_client_may_take_long_to_start(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "GRACE", -SHORT.operation)
    client = Client(target, speaking(ANSWER), "moorcheh")
    assert client.ask("first", {}, SHORT).succeeded
    assert client.ask("second", {}, SHORT).failure == "the client did not answer within 0.0 s"
    client.end_run()


def test_a_client_that_leaves_the_protocol_is_an_error_of_its_own(target: Target) -> None:
    client = Client(target, speaking('print("what?")'), "moorcheh")
    with pytest.raises(Misbehaved, match=r"^the client's answer is no JSON line .*'what\?'$"):
        client.ask("health", {})
    client.end_run()


def test_a_client_that_is_not_there_cannot_be_reached(target: Target) -> None:
    client = Client(target, ["no-such-program"], "moorcheh")
    with pytest.raises(Unreachable, match="there is no such program"):
        client.ask("health", {})
    client.end_run()


def test_a_reply_shows_itself(target: Target) -> None:
    client = Client(target, speaking(ASKING), "moorcheh")
    reply = client.ask("health", {"text": "it's"})
    assert reply.curl().startswith('echo \'{"id":')
    assert f"| {sys.executable} -c" in reply.curl()
    assert reply.outcome().startswith('{"id": ')
    assert reply.on_the_wire() == "GET /health?a=1 -> 200"
    assert json.loads(reply.line)["arguments"] == dict(reply.arguments) == {"text": "it's"}
    client.end_run()
