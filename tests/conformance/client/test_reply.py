"""A reply: what a client tells of a result, or of an error."""

import pytest

from conformance.client.asking import first_offered, one_by_one, turned_down
from conformance.client.contract import operations
from conformance.client.driver import Client
from conformance.client.expectation import expect_body_fits, expect_endpoint, expect_result, expect_status
from conformance.target import Target
from conformance.verdict import Broken, Unproven
from tests.conformance.client.programs import UNSUPPORTED, speaking
from tests.conformance.client.replies import heard, reply

OPERATIONS = operations("moorcheh")
UPLOAD = OPERATIONS["uploadVectors"]


def refused(**error: object) -> dict[str, object]:
    return {"id": 1, "error": {"kind": "status", "status": 404, **error}}


def test_a_body_is_the_same_as_value_and_as_text() -> None:
    assert reply(refused(body={"a": 1})).body == {"a": 1}
    assert reply(refused(body='{"a": 1}')).body == {"a": 1}
    assert reply(refused(body="<html>")).body == "<html>"
    assert reply(refused()).body is None


def test_a_text_is_told_wherever_it_stands() -> None:
    assert reply(refused(message='it says "no"')).tells('"no"')
    assert reply(refused(body={"deep": ["é\n"]})).tells("é\n")
    assert not reply(refused()).tells("no")


def test_a_result_has_fields_where_it_is_an_object() -> None:
    assert reply({"id": 1, "result": {"a": 1}}).fields == {"a": 1}
    assert reply({"id": 1, "result": [1]}).fields == {}
    assert reply({"id": 1, "result": None}).succeeded
    assert not reply(refused()).succeeded


def test_a_long_line_and_a_long_answer_are_cut() -> None:
    long = reply({"id": 1, "result": "x" * 9_000})
    assert long.outcome().endswith("xxx...")
    assert len(long.outcome()) < 500
    assert reply({}).on_the_wire() == "no request"


def test_an_expectation_that_fails_shows_the_line() -> None:
    with pytest.raises(Broken, match="expected a result, got the client ended") as broken:
        expect_result(reply({}, failure="the client ended with exit code 3"))
    assert broken.value.exchange is not None
    assert broken.value.exchange.curl().startswith("echo '{")
    with pytest.raises(Broken, match="expected an error with status 400"):
        expect_status(reply(refused()), 400)


def test_an_endpoint_is_method_path_and_names() -> None:
    expect_endpoint(reply({}, heard()), UPLOAD)
    with pytest.raises(Broken, match=r"expected POST /namespaces/\{namespace_name\}/vectors, got GET"):
        expect_endpoint(reply({}, heard(method="GET")), UPLOAD)
    with pytest.raises(Broken, match="expected namespace_name 'a/b é' in the path"):
        expect_endpoint(reply({}, heard(raw_path="/namespaces/other/vectors")), UPLOAD)


def test_a_body_fits_its_schema_or_is_shown() -> None:
    expect_body_fits(reply({}, heard(body='{"vectors":[{"id":"a","vector":[1]}]}')), UPLOAD, "moorcheh")
    with pytest.raises(Broken, match=r"got \$: None is not of type 'object': POST"):
        expect_body_fits(reply({}, heard(body="{")), UPLOAD, "moorcheh")


def test_what_is_not_offered_is_named(server_url: str) -> None:
    with Target(server_url) as target:
        client = Client(target, speaking(UNSUPPORTED), "moorcheh")
        with pytest.raises(Unproven, match=r"^the client offers none of health, search$"):
            list(one_by_one(client, [("health", {}), ("search", {}), ("health", {})]))
        with pytest.raises(Unproven, match=r"^the client offers none of health, search$"):
            first_offered(client, [("health", {}), ("search", {})])
        client.end_run()


def test_what_is_offered_in_part_is_remarked_on(server_url: str) -> None:
    body = f"""
    if asked["operation"] == "search": {UNSUPPORTED}
    else: print(json.dumps({{"id": number, "error": {{"kind": "argument"}}}}))
"""
    with Target(server_url) as target:
        client = Client(target, speaking(body), "moorcheh")
        assert [name for name, _ in one_by_one(client, [("search", {}), ("health", {})])] == ["health"]
        assert client.remarks == ["not offered: search"]
        assert first_offered(client, [("search", {}), ("health", {})]).kind == "argument"
        # A client that sends nothing, and says so, has turned its caller down by itself.
        assert list(turned_down(client, [("health", {})], OPERATIONS)) == []
        client.end_run()


def test_the_mock_never_refuses_what_the_suite_arranges(server_url: str) -> None:
    with Target(server_url) as target:
        client = Client(target, speaking(UNSUPPORTED), "moorcheh")
        with pytest.raises(RuntimeError, match=r"^POST http://.*/namespaces: 400 "):
            client.world.send("POST", "/namespaces", {})
        client.end_run()
